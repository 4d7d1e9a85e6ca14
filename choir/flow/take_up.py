"""What was overheard becomes somebody's work, because a person says so; and nobody's again."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import transaction

from choir.events.models import Event
from choir.flow.bring_in import bring_in
from choir.flow.judge import taken_up
from choir.flow.route import keep_verdicts, organised_for, readings_of
from choir.inbox import clocks
from choir.inbox.actions import NotPossibleError, held, tell
from choir.inbox.live import announce
from choir.inbox.models import Conversation, Message, State
from choir.listening.models import Mention
from choir.people.models import Person
from choir.people.policy import Permission, Reach

TAKEN_UP = "taken up from listening"


def conversation_of(mention: Mention) -> Conversation | None:
    """The conversation in which a mention was said."""
    message = Message.objects.select_related("conversation").filter(mention=mention).first()
    return message.conversation if message is not None else None


@transaction.atomic
def take_up(mention: Mention, *, by: Person, at: dt.datetime) -> Conversation:
    """The mention's conversation is open with the department that owns what it is about. What is open already stays as
    it is. Refuses with NotAllowedError whoever may give no work to their department, with NotPossibleError what is
    still being read or what nobody could have."""
    _require(by, mention)
    found = conversation_of(mention)
    if found is None:
        if mention.read_at is None:
            raise NotPossibleError("This is still being read. Try again in a moment.")
        bring_in([mention])
        found = conversation_of(mention)
    if found is None:
        raise NotPossibleError("Nothing is left of this: its author took it back.")
    row = held(found)
    if row.state in (State.OPEN, State.SNOOZED):
        return row
    of_all = readings_of([row.pk])
    readings = of_all[row.pk]
    if not readings:
        raise NotPossibleError("This is still being read. Try again in a moment.")
    organised = organised_for(row.workspace.organisation_id, [row], of_all, at=at)
    verdict = taken_up(row, readings, organised, at=at)
    if verdict is None:
        raise NotPossibleError("No team could have this. Add a team with people in the settings.")
    verdict.because = f"{by.name} took it up from listening. {verdict.because}"
    verdict.facts["origin"] = TAKEN_UP
    keep_verdicts([row], [verdict], at=at, by=by)
    announce([row], what="state")
    return row


@transaction.atomic
def put_back(mention: Mention, *, by: Person, at: dt.datetime) -> Conversation:
    """What was taken up is noted again, in nobody's queue. Refuses what was answered since, or never taken up here:
    that is resolved in the inbox."""
    _require(by, mention)
    found = conversation_of(mention)
    if found is None:
        raise NotPossibleError("This has only just arrived. Try again in a moment.")
    row = held(found)
    if row.state == State.NOTED:
        return row
    began = _taken_up_at(row)
    if began is None or (row.last_outbound_at is not None and row.last_outbound_at >= began):
        raise NotPossibleError("This is somebody's work in the inbox. Resolve it there.")
    row.state, row.state_at, row.snoozed_until, row.return_at, row.waiting_since = State.NOTED, at, None, None, None
    clocks.on_resolved(row, at=at)
    row.save()
    tell(row, "noted", by=by, at=at, because=f"{by.name} put it back: nobody has to answer it.")
    return row


def taken_up_among(conversation_ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Those of some conversations that were taken up from listening at some time."""
    routed = Event.objects.filter(subject_type="conversation", subject_id__in=list(conversation_ids))
    routed = routed.filter(verb="conversation.routed", facts__origin=TAKEN_UP)
    return list(routed.values_list("subject_id", flat=True))


def _taken_up_at(conversation: Conversation) -> dt.datetime | None:
    routed = Event.objects.about("conversation", conversation.pk).filter(verb="conversation.routed").order_by("-at")
    last = routed.values_list("at", "facts").first()
    return last[0] if last is not None and last[1].get("origin") == TAKEN_UP else None


def _require(by: Person, mention: Mention) -> None:
    access = by.access
    access.require(Permission.LISTENING_READ, workspace_id=mention.workspace_id)
    if access.reach(Permission.CONVERSATION_ASSIGN, mention.workspace_id) < Reach.DEPARTMENT:
        access.require(Permission.CONVERSATION_ASSIGN, workspace_id=mention.workspace_id)
