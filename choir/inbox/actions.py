"""What people do with a conversation. Each action checks permission, holds the row, records one event and tells
open pages; what changes who has it lives in `assigning`, questions to others in `consulting`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction

from choir.events.actions import record
from choir.inbox import clocks
from choir.inbox.live import What, announce
from choir.inbox.models import Conversation, ConversationLabel, Label, Note, Participant, State
from choir.inbox.returning import asked_again
from choir.people.models import Person
from choir.people.policy import Permission


class NotPossibleError(Exception):
    """The conversation is not in a state for this; the text says why and what to do."""


def held(conversation: Conversation) -> Conversation:
    """The conversation's row, locked for the present transaction and read afresh."""
    return (
        Conversation.objects.select_for_update(of=("self",)).select_related("workspace", "team").get(pk=conversation.pk)
    )


def tell(
    conversation: Conversation,
    verb: str,
    *,
    by: Person | None,
    at: dt.datetime,
    because: str = "",
    facts: Mapping[str, object] | None = None,
    what: What = "state",
) -> None:
    """Record one event about a conversation and announce it to open pages."""
    record(
        verb=f"conversation.{verb}" if "." not in verb else verb,
        subject=conversation,
        organisation_id=conversation.workspace.organisation_id,
        workspace_id=conversation.workspace_id,
        at=at,
        by=by,
        because=because,
        facts={"department": str(conversation.department_id or ""), "team": str(conversation.team_id or "")}
        | dict(facts or {}),
    )
    announce([conversation], what=what)


def touched(conversation: Conversation, by: Person | None) -> None:
    """The person who has it did something: it does not move on by itself."""
    if by is not None and conversation.assignee_id == by.pk:
        conversation.return_at = None


@transaction.atomic
def snooze(conversation: Conversation, *, until: dt.datetime, by: Person, at: dt.datetime) -> Conversation:
    """Out of sight until a time or until the customer writes. Refuses a time that has passed."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_ANSWER)
    if row.state not in (State.OPEN, State.SNOOZED):
        raise NotPossibleError(f"Only open conversations can be snoozed; this one is {row.state}. Reopen it first.")
    if until <= at:
        raise NotPossibleError("That time has passed. Choose one that is still to come.")
    row.state, row.state_at, row.snoozed_until, row.return_at = State.SNOOZED, at, until, None
    row.save(update_fields=["state", "state_at", "snoozed_until", "return_at"])
    tell(row, "snoozed", by=by, at=at, because=f"until {until:%Y-%m-%d %H:%M %Z}", facts={"until": until.isoformat()})
    return row


@transaction.atomic
def resolve(conversation: Conversation, *, by: Person, at: dt.datetime) -> Conversation:
    """Done. Its clocks stop; if the customer writes again it opens again with the same owner."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_ANSWER)
    if row.state == State.RESOLVED:
        return row
    if row.state == State.ARRIVING:
        raise NotPossibleError("This has only just arrived and is still being routed. Try again in a moment.")
    row.state, row.state_at, row.snoozed_until, row.return_at = State.RESOLVED, at, None, None
    row.waiting_since = None
    clocks.on_resolved(row, at=at)
    row.save()
    began = row.first_inbound_at or row.created_at
    tell(row, "resolved", by=by, at=at, facts={"resolution_seconds": int((at - began).total_seconds()), **about(row)})
    return row


@transaction.atomic
def note_only(conversation: Conversation, *, by: Person, at: dt.datetime) -> Conversation:
    """Needs no reply: kept for insight, in nobody's queue."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_ANSWER)
    row.state, row.state_at, row.snoozed_until, row.return_at, row.waiting_since = State.NOTED, at, None, None, None
    clocks.on_resolved(row, at=at)
    row.save()
    tell(row, "noted", by=by, at=at, because=f"{by.name} found that it needs no reply.", facts=about(row))
    return row


@transaction.atomic
def reopen(conversation: Conversation, *, because: str, by: Person, at: dt.datetime) -> Conversation:
    """Work again, with whoever had it; the resolution clock runs on."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_ANSWER)
    if row.state in (State.OPEN, State.ARRIVING):
        return row
    if row.team_id is None:
        raise NotPossibleError("This was never anybody's. Hand it to a department, and it opens there.")
    row.state, row.state_at, row.snoozed_until = State.OPEN, at, None
    clocks.on_customer_waiting(row, at=at)
    asked_again([row], at=at)
    touched(row, by)
    row.save()
    tell(row, "reopened", by=by, at=at, because=because, facts=about(row))
    return row


@transaction.atomic
def add_note(
    conversation: Conversation, *, text: str, mentioned: Sequence[Person] = (), by: Person, at: dt.datetime
) -> Note:
    """Say something to colleagues. Whoever is named may see the conversation from now on."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_NOTE)
    if not text.strip():
        raise NotPossibleError("The note is empty. Write something first.")
    note = Note.objects.create(workspace_id=row.workspace_id, conversation=row, person=by, text=text, at=at)
    named = [one for one in mentioned if one.organisation_id == by.organisation_id]
    note.mentioned.set(named)
    bring_in(row, people=named, because=f"{by.name} named them in a note", at=at)
    touched(row, by)
    row.save(update_fields=["return_at"])
    facts = {"note": str(note.pk), "mentioned": [str(one.pk) for one in named]}
    tell(row, "note.added", by=by, at=at, facts=facts, what="note")
    return note


def bring_in(conversation: Conversation, *, people: Sequence[Person], because: str, at: dt.datetime) -> None:
    """Let people of other departments see this one conversation."""
    Participant.objects.bulk_create(
        [
            Participant(
                workspace_id=conversation.workspace_id, conversation=conversation, person=one, because=because, since=at
            )
            for one in people
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def put_label(conversation: Conversation, *, name: str, by: Person, at: dt.datetime) -> Label:
    """Put a word on it; a new word becomes part of the workspace's vocabulary."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_NOTE)
    word = " ".join(name.split())[:60]
    if not word:
        raise NotPossibleError("The label is empty. Type a word.")
    label = Label.objects.filter(workspace_id=row.workspace_id, name__iexact=word).first()
    label = label or Label.objects.create(workspace_id=row.workspace_id, name=word)
    _, created = ConversationLabel.objects.get_or_create(
        workspace_id=row.workspace_id, conversation=row, label=label, defaults={"by": by, "at": at}
    )
    if created:
        tell(row, "label.put", by=by, at=at, facts={"label": label.name})
    return label


@transaction.atomic
def take_label(conversation: Conversation, *, label: Label, by: Person, at: dt.datetime) -> None:
    """Take a word off again."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_NOTE)
    deleted, _ = ConversationLabel.objects.filter(conversation=row, label=label).delete()
    if deleted:
        tell(row, "label.taken", by=by, at=at, facts={"label": label.name})


def about(conversation: Conversation) -> dict[str, object]:
    """What every figure wants to split by, as facts of an event."""
    return {
        "objective": str(conversation.objective_id or ""),
        "channel": str(conversation.channel_id),
        "language": conversation.language,
        "person": str(conversation.assignee_id or ""),
    }
