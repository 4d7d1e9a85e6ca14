"""Asking an expert or a department inside a conversation; the owner stays the owner."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.inbox.actions import NotPossibleError, held, tell, touched
from choir.inbox.models import Consult, Conversation, Participant
from choir.people.models import Department, Person
from choir.people.policy import Permission


@transaction.atomic
def ask(
    conversation: Conversation,
    *,
    department: Department,
    expert: Person | None = None,
    question: str,
    answer_by: dt.datetime,
    by: Person,
    at: dt.datetime,
) -> Consult:
    """Ask a department, or one person of it. They see the conversation from now on, and nothing else of ours."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_NOTE)
    if not question.strip():
        raise NotPossibleError("The question is empty. Write what you need to know.")
    if answer_by <= at:
        raise NotPossibleError("The answer-by time has passed. Choose one that is still to come.")
    if department.organisation_id != by.organisation_id or (expert and expert.organisation_id != by.organisation_id):
        raise NotPossibleError("There is no such department or person in your organisation.")
    consult = Consult.objects.create(
        workspace_id=row.workspace_id, conversation=row, asked_by=by, expert=expert, department=department,
        question=question, asked_at=at, answer_by=answer_by,
    )  # fmt: skip
    Participant.objects.get_or_create(
        workspace_id=row.workspace_id, conversation=row, person=expert, department=None if expert else department,
        defaults={"because": f"{by.name} asked them", "since": at},
    )  # fmt: skip
    touched(row, by)
    row.save(update_fields=["return_at"])
    facts = {
        "consult": str(consult.pk),
        "of_department": str(department.pk),
        "of_person": str(expert.pk) if expert else "",
    }
    tell(row, "consult.asked", by=by, at=at, because=f"asked {expert or department}", facts=facts, what="note")
    return consult


@transaction.atomic
def answer_consult(consult: Consult, *, text: str, is_quotable: bool = True, by: Person, at: dt.datetime) -> Consult:
    """Answer a question. Only whoever was asked may: the expert, or anybody of the department when no one person
    was named. Refuses a second answer."""
    row = held(consult.conversation)
    asked = Consult.objects.select_for_update().get(pk=consult.pk)
    if not Consult.objects.filter(pk=asked.pk).asked_of(by).exists():
        row.require(by, Permission.CONVERSATION_ANSWER)
    if asked.answered_at is not None:
        raise NotPossibleError(f"{asked.answered_by or 'Somebody'} has answered already. Add a note to say more.")
    if not text.strip():
        raise NotPossibleError("The answer is empty. Write it first.")
    asked.answer, asked.answered_by, asked.answered_at, asked.is_quotable = text, by, at, is_quotable
    asked.save()
    row.revision += 1
    row.save(update_fields=["revision"])
    facts = {
        "consult": str(asked.pk),
        "answer_seconds": int((at - asked.asked_at).total_seconds()),
        "in_time": at <= asked.answer_by,
    }
    tell(row, "consult.answered", by=by, at=at, facts=facts, what="note")
    return asked
