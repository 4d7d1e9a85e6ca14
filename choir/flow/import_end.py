"""The end of an import: its events with their true times, its counts, and its conversations handed to routing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from choir.channels.models import Arrival, FileImport
from choir.events.actions import record, record_many
from choir.events.models import Event
from choir.flow.after_hearing import about_conversation, received, sent
from choir.inbox.models import Conversation, Direction, Message, State
from choir.wake import Step, wake

EVENTS_AT_ONCE = 5000


@transaction.atomic
def finish(run: FileImport, *, at: dt.datetime) -> FileImport:
    """Record what the import brought, count it, and let its conversations arrive. All or nothing: killed in the
    middle, it is done again from the start of the end."""
    run = FileImport.objects.select_for_update(of=("self",)).select_related("channel__workspace", "by").get(pk=run.pk)
    if run.finished_at is not None:
        return run
    batch: list[Event] = []
    for recorded in _events(run):
        batch.append(recorded)
        if len(batch) >= EVENTS_AT_ONCE:
            record_many(batch)
            batch = []
    record_many(batch)
    run.result = counts(run)
    run.finished_at = at
    run.save(update_fields=["result", "finished_at"])
    _conversations(run).exclude(state=State.OPEN).update(state=State.ARRIVING, state_at=at)
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


def _conversations(run: FileImport) -> Any:
    of_this = Message.objects.filter(conversation=OuterRef("pk"), arrival__file_import=run)
    return Conversation.objects.filter(workspace_id=run.workspace_id, channel=run.channel).filter(Exists(of_this))


def _events(run: FileImport) -> Iterator[Event]:
    """Every conversation that began with this import, and every message, at its true time."""
    before = Message.objects.filter(conversation=OuterRef("pk")).exclude(arrival__file_import=run)
    began = _conversations(run).filter(~Exists(before)).select_related("workspace")
    for conversation in began.iterator(chunk_size=2000):
        at = conversation.first_inbound_at or conversation.last_message_at
        yield about_conversation(conversation, "conversation.arrived", at, "It came with an import.")
    answered: set[uuid.UUID] = set(
        Message.objects.filter(conversation__channel=run.channel, direction=Direction.OUTBOUND)
        .exclude(arrival__file_import=run)
        .values_list("conversation_id", flat=True)
    )
    said = (
        Message.objects.filter(arrival__file_import=run).select_related("conversation__workspace").order_by("at", "id")
    )
    for message in said.iterator(chunk_size=2000):
        conversation = message.conversation
        if message.direction == Direction.INBOUND:
            yield received(message, conversation, run.channel)
            continue
        after_asked = conversation.first_inbound_at is not None and message.at >= conversation.first_inbound_at
        is_first = after_asked and conversation.pk not in answered
        if is_first:
            answered.add(conversation.pk)
        yield sent(message, conversation, run.channel, is_first=is_first)


COUNTS = """
SELECT count(*) FILTER (WHERE message.direction = 'inbound'), count(DISTINCT message.conversation_id), count(*),
    count(DISTINCT identity.customer_id)
FROM inbox_message AS message
JOIN channels_arrival AS arrival ON arrival.id = message.arrival_id
LEFT JOIN customers_identity AS identity ON identity.id = message.identity_id
WHERE arrival.file_import_id = %s
"""
FIRST_RESPONSES = """
WITH asked AS (
    SELECT conversation.id, conversation.first_inbound_at AS at FROM inbox_conversation AS conversation
    WHERE conversation.id IN (
        SELECT message.conversation_id FROM inbox_message AS message
        JOIN channels_arrival AS arrival ON arrival.id = message.arrival_id WHERE arrival.file_import_id = %s
    )
), answered AS (
    SELECT min(message.at) - asked.at AS waited FROM asked
    JOIN inbox_message AS message ON message.conversation_id = asked.id
    WHERE message.direction = 'outbound' AND message.sent_at IS NOT NULL AND message.at >= asked.at
    GROUP BY asked.id, asked.at
)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM waited)) FROM answered
"""


def counts(run: FileImport) -> dict[str, Any]:
    """What the import came to. Every row is a message, set aside, or was there already. The median first response is
    over the import's conversations that were answered: the first answer after the customer's first word."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [run.pk])
        mentions, conversations, messages, customers = cursor.fetchone()
        cursor.execute(FIRST_RESPONSES, [run.pk])
        (median,) = cursor.fetchone()
    aside = Arrival.objects.filter(file_import=run).exclude(Q(set_aside_because="")).count()
    return {
        "rows": run.rows_count,
        "mentions": mentions,
        "conversations": conversations,
        "messages": messages,
        "customers": customers,
        "set_aside": aside,
        "duplicates": run.rows_count - messages - aside,
        "frt_median_seconds": None if median is None else round(float(median), 1),
    }
