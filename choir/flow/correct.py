"""Correct: a person says what a contact is for, and it goes where it belongs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from choir.flow.route import readings_of
from choir.inbox.actions import NotPossibleError, held, note_only, tell
from choir.inbox.assigning import hand_over
from choir.inbox.models import Conversation, State
from choir.people.models import Department, Person
from choir.people.policy import Permission
from choir.routing.models import Objective
from choir.triage.actions import INTENTS
from choir.triage.actions import correct as correct_reading
from choir.triage.models import Reading
from choir.wake import Step, wake

Told = dict[str, Any]  # what a person says of a reading, by field; None: nothing


@transaction.atomic
def correct(
    conversation: Conversation,
    *,
    by: Person,
    at: dt.datetime,
    objective: str | None = None,
    topic: str | None = None,
    sentiment: str | None = None,
    intent: str | None = None,
    needs_reply: bool | None = None,
    department: Department | None = None,
) -> Reading:
    """Keep the correction as a new reading. Another objective sends the conversation through routing again, to
    whoever owns that; another department has it handed over; “needs no reply” notes it, and “needs a reply” brings back
    what was noted. What a person says it is for wins over what the matrix would say of another objective.

    What it is about is said of the message that it stands for; the mood, and whether it waits for us, of the customer's
    newest: “thanks” under a complaint is not the complaint. Returns the reading of what it is about."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_CORRECT)
    if row.reading is None:
        raise NotPossibleError("This has not been read yet. Try again in a moment.")
    _refuse_unknown(row, objective=objective, intent=intent)
    before = row.reading
    newest = [before, *readings_of([row.pk])[row.pk]][-1]
    of_it: Told = {
        "objective": objective, "topic": topic, "intent": intent, "department": department.slug if department else None,
    }  # fmt: skip
    now: Told = {"sentiment": sentiment, "needs_reply": needs_reply}
    told = [(before, of_it), (newest, now)] if newest.pk != before.pk else [(before, of_it | now)]
    read = _read_again(told, by=by, at=at)
    row.reading = reading = next((new for old, new in read if old.pk == before.pk), before)
    row.sentiment = sentiment or row.sentiment
    moves = (objective, topic) != (None, None) and (reading.objective, reading.topic) != (
        before.objective,
        before.topic,
    )
    is_asked_for = needs_reply is True and row.state == State.NOTED
    if is_asked_for:
        row.waiting_since = row.waiting_since or row.last_inbound_at or at
    if (moves or is_asked_for) and department is None:
        _as_if_arrived(row, at=at)
    elif moves:
        row.objective = Objective.objects.get(organisation_id=row.workspace.organisation_id, slug=reading.objective)
    row.save()
    for old, new in read:
        _tell(row, old, new, by=by, at=at)
    if department is not None and department.pk != row.department_id:
        hand_over(row, to=department, because=f"{by.name} says that it is for {department.name}.", by=by, at=at)
    elif needs_reply is False and not moves:
        note_only(row, by=by, at=at)
    return reading


def _read_again(told: Sequence[tuple[Reading, Told]], *, by: Person, at: dt.datetime) -> list[tuple[Reading, Reading]]:
    """Each reading of which something is said, and the one that says it."""
    return [
        (old, correct_reading(old.mention, by=by, at=at, **said))
        for old, said in told
        if any(value is not None for value in said.values())
    ]


def _refuse_unknown(row: Conversation, *, objective: str | None, intent: str | None) -> None:
    known = Objective.objects.filter(organisation_id=row.workspace.organisation_id, slug=objective)
    if objective and not known.exists():
        raise NotPossibleError(f"There is no objective “{objective}”. Choose one of the list.")
    if intent and intent not in INTENTS:
        raise NotPossibleError(f"There is no intent “{intent}”. Choose one of the list.")


def _as_if_arrived(row: Conversation, *, at: dt.datetime) -> None:
    """Routing finds the owner of what it really is."""
    row.state, row.state_at, row.department, row.team, row.assignee = State.ARRIVING, at, None, None, None
    row.is_unsure, row.snoozed_until, row.return_at = False, None, None
    row.revision += 1
    wake(Step.ROUTE)


def _tell(row: Conversation, before: Reading, after: Reading, *, by: Person, at: dt.datetime) -> None:
    changed = {
        field: [getattr(before, field), getattr(after, field)]
        for field in ("objective", "topic", "department", "sentiment", "intent", "needs_reply")
        if getattr(before, field) != getattr(after, field)
    }
    said = ", ".join(f"{field.replace('_', ' ')}: {old} → {new}" for field, (old, new) in changed.items())
    tell(row, "reading.corrected", by=by, at=at, because=said, facts={"changed": changed, "reading": str(after.pk)})
