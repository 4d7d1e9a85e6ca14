"""The end of an import: its events with their true times, its counts, and its conversations handed to routing."""

from __future__ import annotations

import datetime as dt
import statistics
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction

from choir.channels.models import Arrival, FileImport
from choir.events.actions import record, record_many
from choir.events.models import Event
from choir.flow.after_hearing import about_conversation, received, sent
from choir.inbox.models import Conversation, Direction, Message, State
from choir.wake import Step, wake

CONVERSATIONS_AT_ONCE = 1000


@dataclass(slots=True)
class Tally:
    """What an import came to, counted while its events are written."""

    mentions: int = 0
    messages: int = 0
    conversations: int = 0
    customers: set[uuid.UUID] = field(default_factory=set)
    waits: list[float] = field(default_factory=list)


@transaction.atomic
def finish(run: FileImport, *, at: dt.datetime) -> FileImport:
    """Record what the import brought, count it, and let its conversations arrive. All or nothing: killed in the
    middle, it is done again from the start of the end."""
    run = FileImport.objects.select_for_update(of=("self",)).select_related("channel__workspace", "by").get(pk=run.pk)
    if run.finished_at is not None:
        return run
    tally = Tally()
    ids = iter(_conversation_ids(run))
    while some := list(islice(ids, CONVERSATIONS_AT_ONCE)):
        record_many(_events(run, some, tally))
        Conversation.objects.filter(pk__in=some).exclude(state=State.OPEN).update(state=State.ARRIVING, state_at=at)
    run.result = _counts(run, tally)
    run.finished_at = at
    run.save(update_fields=["result", "finished_at"])
    record(
        verb="import.finished",
        subject=run,
        organisation_id=run.channel.workspace.organisation_id,
        workspace_id=run.workspace_id,
        at=at,
        by=run.by,
        because=f"{run.file_name} was imported into {run.channel.name}.",
        facts=run.result | {"channel": str(run.channel_id)},
    )
    wake(Step.UNDERSTAND)
    wake(Step.ROUTE)
    return run


def _conversation_ids(run: FileImport) -> list[uuid.UUID]:
    of_this = Message.objects.filter(arrival__file_import=run)
    return list(of_this.values_list("conversation_id", flat=True).distinct())


def _events(run: FileImport, conversation_ids: Sequence[uuid.UUID], tally: Tally) -> list[Event]:
    """Events of some conversations: each that began with this import, and each of its messages, at their true times."""
    said: dict[uuid.UUID, list[Message]] = defaultdict(list)
    messages = Message.objects.filter(conversation_id__in=conversation_ids).select_related("arrival", "identity")
    for message in messages.defer("text", "arrival__payload").order_by("at", "id"):
        said[message.conversation_id].append(message)
    conversations = Conversation.objects.filter(pk__in=conversation_ids).select_related("workspace")
    events: list[Event] = []
    for conversation in conversations:
        events += _told(run, conversation, said[conversation.pk], tally)
    return events


def _told(run: FileImport, conversation: Conversation, said: Sequence[Message], tally: Tally) -> list[Event]:
    """One conversation's events; whatever other imports or people brought was recorded then."""
    of_this = [one for one in said if one.arrival is not None and one.arrival.file_import_id == run.pk]
    events: list[Event] = []
    if len(of_this) == len(said):
        at = conversation.first_inbound_at or conversation.last_message_at
        events.append(about_conversation(conversation, "conversation.arrived", at, "It came with an import."))
    asked_at = conversation.first_inbound_at
    answers = (one for one in said if one.direction == Direction.OUTBOUND and one.sent_at is not None)
    first = next((one for one in answers if asked_at is not None and one.at >= asked_at), None)
    for message in of_this:
        if message.direction == Direction.INBOUND:
            events.append(received(message, conversation, run.channel))
        else:
            events.append(sent(message, conversation, run.channel, is_first=message is first))
    tally.conversations += 1
    tally.messages += len(of_this)
    tally.mentions += sum(1 for one in of_this if one.direction == Direction.INBOUND)
    tally.customers |= {one.identity.customer_id for one in of_this if one.identity is not None}
    if first is not None and asked_at is not None:
        tally.waits.append((first.at - asked_at).total_seconds())
    return events


def _counts(run: FileImport, tally: Tally) -> dict[str, Any]:
    """Every row is a message, set aside, or was there already. The median first response is over the import's
    conversations that were answered: the first answer after the customer's first word."""
    aside = Arrival.objects.filter(file_import=run).exclude(set_aside_because="").count()
    return {
        "rows": run.rows_count,
        "mentions": tally.mentions,
        "conversations": tally.conversations,
        "messages": tally.messages,
        "customers": len(tally.customers),
        "set_aside": aside,
        "duplicates": run.rows_count - tally.messages - aside,
        "frt_median_seconds": round(statistics.median(tally.waits), 3) if tally.waits else None,
    }
