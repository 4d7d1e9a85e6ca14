"""Writing down what the organisation knows how to say, and keeping what was found out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from typing import TypeVar

from django.db import IntegrityError, transaction

from choir.events.actions import record
from choir.inbox.models import Consult
from choir.knowledge.models import Answer, Macro
from choir.knowledge.queries import PLACEHOLDERS, placeholders_in
from choir.people.models import Department, Person, Workspace
from choir.people.policy import Permission

LONGEST_WORD = 60  # of a tag or label
Kept = TypeVar("Kept", Answer, Macro)


class KnowledgeRefusedError(Exception):
    """It cannot be kept like this; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class AnswerText:
    """What an answer says, to whom it belongs and until when it holds."""

    title: str
    text: str
    language: str
    department: Department
    owner: Person | None
    expires_on: dt.date | None
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MacroText:
    """What a macro says and does; `department` empty means everyone's."""

    name: str
    text: str
    language: str
    department: Department | None
    labels: list[str] = field(default_factory=list)
    resolves: bool = False


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


def add_answer(workspace: Workspace, *, told: AnswerText, by: Person, at: dt.datetime) -> Answer:
    """A new piece of shared knowledge. Refuses with NotAllowedError whoever may not write knowledge."""
    return _written(Answer(organisation_id=workspace.organisation_id, created_at=at), told, workspace, by=by, at=at)


def change_answer(answer: Answer, *, told: AnswerText, workspace: Workspace, by: Person, at: dt.datetime) -> Answer:
    """An answer says something else from now on, or holds longer. Nothing is recorded when nothing changed."""
    return _written(answer, told, workspace, by=by, at=at)


def add_macro(workspace: Workspace, *, told: MacroText, by: Person, at: dt.datetime) -> Macro:
    """A new reply skeleton. Refuses with NotAllowedError whoever may not write knowledge, with KnowledgeRefusedError
    a name in use or a placeholder that nothing fills."""
    _check_placeholders(told.text)
    return _written(Macro(organisation_id=workspace.organisation_id), told, workspace, by=by, at=at)


def change_macro(macro: Macro, *, told: MacroText, workspace: Workspace, by: Person, at: dt.datetime) -> Macro:
    """A macro says or does something else from now on; replies begun with it stay as they are."""
    _check_placeholders(told.text)
    return _written(macro, told, workspace, by=by, at=at)


def words_in(typed: str) -> list[str]:
    """Tags or labels typed with commas between them, each once in any case."""
    cleaned = (" ".join(word.split())[:LONGEST_WORD] for word in typed.split(","))
    return list({word.lower(): word for word in cleaned if word}.values())


def _written(kept: Kept, told: AnswerText | MacroText, workspace: Workspace, *, by: Person, at: dt.datetime) -> Kept:
    """Save what is new and record which fields those were, never their text."""
    by.access.require(Permission.KNOWLEDGE_WRITE, workspace_id=workspace.pk)
    is_new, wanted = kept._state.adding, {one.name: getattr(told, one.name) for one in fields(told)}
    changed = sorted(name for name, value in wanted.items() if is_new or getattr(kept, name) != value)
    if not changed:
        return kept
    for name in changed:
        setattr(kept, name, wanted[name])
    try:
        with transaction.atomic():
            kept.save()
            record(
                verb=f"{kept._meta.model_name}.{'added' if is_new else 'changed'}",
                subject=kept,
                organisation_id=kept.organisation_id,
                workspace_id=workspace.pk,
                at=at,
                by=by,
                facts={} if is_new else {"fields": changed},
            )
    except IntegrityError as error:
        raise KnowledgeRefusedError(
            f"There is a macro “{kept}” for this department and language already. Choose another name."
        ) from error
    return kept


def _check_placeholders(text: str) -> None:
    unknown = [name for name in placeholders_in(text) if name not in PLACEHOLDERS]
    if unknown:
        known = " and ".join(f"{{{{{name}}}}}" for name in PLACEHOLDERS)
        raise KnowledgeRefusedError(
            f"Nothing fills {{{{{unknown[0]}}}}}: the customer would read it as it stands. Use {known}."
        )
