"""Keeping what was found out."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.events.actions import record
from choir.inbox.models import Consult
from choir.knowledge.models import Answer
from choir.people.models import Person
from choir.people.policy import Permission


@transaction.atomic
def keep(consult: Consult, *, language: str, expires_on: dt.date, by: Person, at: dt.datetime) -> Answer:
    """A consult's answer becomes shared knowledge: its title is the question, its owner whoever answered. Keeping it
    twice keeps one. Refuses with NotAllowedError whoever may not write knowledge."""
    by.access.require(Permission.KNOWLEDGE_WRITE, workspace_id=consult.workspace_id)
    answer, created = Answer.objects.get_or_create(
        organisation_id=by.organisation_id,
        consult=consult,
        defaults={
            "title": " ".join(consult.question.split())[:200],
            "text": consult.answer,
            "language": language,
            "department_id": consult.department_id,
            "owner_id": consult.answered_by_id,
            "expires_on": expires_on,
            "created_at": at,
        },
    )
    if created:
        record(
            verb="answer.kept",
            subject=answer,
            organisation_id=by.organisation_id,
            workspace_id=consult.workspace_id,
            at=at,
            by=by,
            facts={"consult": str(consult.pk), "conversation": str(consult.conversation_id)},
        )
    return answer
