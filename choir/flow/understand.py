"""Understand: mentions not yet read → readings, in batches, and what lists show of them on the conversation."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db import transaction

from choir.flow.judge import reads_as
from choir.flow.listen import heard
from choir.inbox.models import Conversation, Message, State
from choir.listening.models import Mention
from choir.people.models import Workspace
from choir.rows import write_back
from choir.triage.actions import keep_readings, reading_of
from choir.triage.learning.versions import learnt_of
from choir.triage.models import Reading
from choir.triage.queries import fitting_departments, terms_of, themes_of
from choir.triage.reader import Text, reader
from choir.wake import Step, wake

BATCH = 128  # large enough for the encoder to work in, small enough that the first of it is not kept waiting
EARLIER_TURNS = 3


@transaction.atomic
def understand(*, at: dt.datetime) -> int:
    """Read one batch. Two workers never read the same mention: rows are taken with SKIP LOCKED."""
    mentions = list(Mention.objects.unread().select_for_update(of=("self",), skip_locked=True).order_by("id")[:BATCH])
    if not mentions:
        return 0
    texts, place = texts_of(mentions)
    taught = learnt_of((one.workspace_id for one in mentions), base=reader().heads.version)
    workspaces = {one.workspace_id for one in mentions}
    terms, themes = terms_of(workspaces), themes_of(workspaces)
    learnt = [taught[one.workspace_id] for one in mentions]
    reads = reader().read(texts, learnt=learnt)
    organisations = dict(Workspace.objects.filter(pk__in=workspaces).values_list("pk", "organisation_id"))
    fitting = fitting_departments(reads, [organisations[one.workspace_id] for one in mentions], learnt)
    readings = [
        reading_of(one, read, at=at, terms=terms[one.workspace_id], themes=themes[one.workspace_id], fitting=department)
        for one, read, department in zip(mentions, reads, fitting, strict=True)
    ]
    keep_readings(readings, at=at)
    _show(readings, place)
    heard(mentions, readings)
    wake(Step.ROUTE)
    return len(mentions)


Places = Mapping[uuid.UUID, tuple[uuid.UUID, dt.datetime]]


def texts_of(mentions: Sequence[Mention]) -> tuple[list[Text], Places]:
    """Mentions as triage reads them, with the turns before them; and where each stands: conversation and time."""
    messages = list(
        Message.objects.filter(mention__in=mentions).values_list("mention_id", "conversation_id", "at").order_by("at")
    )
    threads = _threads({conversation_id for _, conversation_id, _ in messages})
    place = {mention_id: (conversation_id, at) for mention_id, conversation_id, at in messages if mention_id}
    return [Text(one.text, _earlier(threads, place.get(one.pk)), one.language_hint) for one in mentions], place


Threads = Mapping[uuid.UUID, Sequence[tuple[dt.datetime, str]]]


def _threads(conversation_ids: set[uuid.UUID]) -> Threads:
    """The texts of conversations that have more than one message, oldest first."""
    threads: dict[uuid.UUID, list[tuple[dt.datetime, str]]] = defaultdict(list)
    rows = Message.objects.filter(conversation_id__in=conversation_ids, conversation__messages_count__gt=1)
    for conversation_id, said_at, text in rows.values_list("conversation_id", "at", "text").order_by("at", "id"):
        threads[conversation_id].append((said_at, text))
    return threads


def _earlier(threads: Threads, place: tuple[uuid.UUID, dt.datetime] | None) -> tuple[str, ...]:
    if place is None:
        return ()
    conversation_id, said_at = place
    return tuple(text for when, text in threads.get(conversation_id, ()) if when < said_at)[-EARLIER_TURNS:]


def _show(readings: Sequence[Reading], place: Places) -> None:
    """Keep on each conversation what its newest reading says. One that has just arrived is left to routing, which
    writes the same row next."""
    newest: dict[uuid.UUID, tuple[dt.datetime, Reading]] = {}
    for reading in readings:
        if reading.mention_id in place:
            conversation_id, said_at = place[reading.mention_id]
            if conversation_id not in newest or newest[conversation_id][0] <= said_at:
                newest[conversation_id] = (said_at, reading)
    held = (
        Conversation.objects.filter(pk__in=newest).order_by("pk").select_for_update(of=("self",))
    )  # in hearing's order
    rows = list(held.only("pk", "state", "reading_id", "last_inbound_at", "urgency", "waiting_since"))
    changed = []
    for row in rows:
        said_at, reading = newest[row.pk]
        overtaken = row.last_inbound_at is not None and said_at < row.last_inbound_at
        if not overtaken and not (row.state == State.ARRIVING and row.reading_id is None):
            reads_as(row, reading)
            changed.append(row)
    write_back(changed, ["reading", "sentiment", "language", "urgency"])
