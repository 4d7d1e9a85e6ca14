"""Correct: a person says what a contact is for, and it goes where it belongs."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

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
    whoever owns that; another department has it handed over; “needs no reply” notes it. What a person says it is for
    wins over what the matrix would say of another objective."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_CORRECT)
    if row.reading is None:
        raise NotPossibleError("This has not been read yet. Try again in a moment.")
    if (
        objective
        and not Objective.objects.filter(organisation_id=row.workspace.organisation_id, slug=objective).exists()
    ):
        raise NotPossibleError(f"There is no objective “{objective}”. Choose one of the list.")
    if intent and intent not in INTENTS:
        raise NotPossibleError(f"There is no intent “{intent}”. Choose one of the list.")
    before = row.reading
    reading = correct_reading(
        before.mention, by=by, at=at, objective=objective, topic=topic, sentiment=sentiment, intent=intent,
        needs_reply=needs_reply, department=department.slug if department else None,
    )  # fmt: skip
    row.reading = reading
    row.sentiment = sentiment or row.sentiment
    moves = (objective, topic) != (None, None) and (reading.objective, reading.topic) != (
        before.objective,
        before.topic,
    )
    if moves and department is None:
        # As if it had just arrived: routing finds the owner of what it really is.
        row.state, row.state_at, row.department, row.team, row.assignee = State.ARRIVING, at, None, None, None
        row.is_unsure, row.snoozed_until, row.return_at = False, None, None
        row.revision += 1
        wake(Step.ROUTE)
    elif moves:
        row.objective = Objective.objects.get(organisation_id=row.workspace.organisation_id, slug=reading.objective)
    row.save()
    changed = {
        field: [getattr(before, field), getattr(reading, field)]
        for field in ("objective", "topic", "department", "sentiment", "intent", "needs_reply")
        if getattr(before, field) != getattr(reading, field)
    }
    said = ", ".join(f"{field.replace('_', ' ')}: {old} → {new}" for field, (old, new) in changed.items())
    tell(row, "reading.corrected", by=by, at=at, because=said, facts={"changed": changed, "reading": str(reading.pk)})
    if department is not None and department.pk != row.department_id:
        hand_over(row, to=department, because=f"{by.name} says that it is for {department.name}.", by=by, at=at)
    elif needs_reply is False and not moves:
        note_only(row, by=by, at=at)
    return reading
