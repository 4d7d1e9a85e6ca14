"""Understand: mentions not yet read → readings, in batches, and what lists show of them on the conversation."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from choir.flow.judge import reads_as
from choir.flow.listen import heard
from choir.flow.pressing import URGENT, press
from choir.inbox.models import Conversation, Message, State
from choir.listening.models import Mention
from choir.people.models import Workspace
from choir.prepared import Slot, one_of, prepared
from choir.rows import write_back
from choir.triage.actions import keep_readings, reading_of
from choir.triage.entities import Terms
from choir.triage.learning.adapted import Learnt
from choir.triage.learning.models import Adaptation
from choir.triage.learning.versions import learnt_of
from choir.triage.models import Reading, Term, Theme
from choir.triage.queries import fitting_departments, terms_of, themes_of
from choir.triage.reader import Text, reader
from choir.triage.themes import Themes
from choir.unchanged import unchanged
from choir.wake import Step, wake

BATCH = 128  # large enough for the encoder to work in, small enough that the first of it is not kept waiting
EARLIER_TURNS = 3


@transaction.atomic
def understand(*, at: dt.datetime) -> int:
    """Read one batch. Two workers never read the same mention: rows are taken with SKIP LOCKED."""
    mentions = _unread()
    if not mentions:
        return 0
    texts, place = texts_of(mentions)
    workspaces = frozenset(one.workspace_id for one in mentions)
    known = unchanged(("understanding", workspaces), _STANDING, partial(_standing, workspaces))
    learnt = [known.learnt[one.workspace_id] for one in mentions]
    reads = reader().read(texts, learnt=learnt)
    fitting = fitting_departments(reads, [known.organisations[one.workspace_id] for one in mentions], learnt)
    readings = [
        reading_of(
            one,
            read,
            at=at,
            terms=known.terms[one.workspace_id],
            themes=known.themes[one.workspace_id],
            fitting=department,
        )
        for one, read, department in zip(mentions, reads, fitting, strict=True)
    ]
    keep_readings(readings, at=at)
    _show(readings, place, at=at)
    heard(mentions, readings)
    wake(Step.ROUTE)
    return len(mentions)


@prepared
def _unread() -> QuerySet[Mention]:
    return Mention.objects.unread().select_for_update(of=("self",), skip_locked=True).order_by("id")[:BATCH]


@dataclass(frozen=True, slots=True)
class _Standing:
    """What workspaces have settled for their readings."""

    learnt: Mapping[uuid.UUID, Learnt]
    terms: Mapping[uuid.UUID, Terms]
    themes: Mapping[uuid.UUID, Themes]
    organisations: Mapping[uuid.UUID, uuid.UUID]


_STANDING = (Adaptation, Term, Theme, Workspace)


def _standing(workspace_ids: frozenset[uuid.UUID]) -> _Standing:
    learnt = learnt_of(workspace_ids, base=reader().heads.version)
    return _Standing(
        learnt={one: learnt[one] for one in workspace_ids},
        terms=terms_of(workspace_ids),
        themes=themes_of(workspace_ids),
        organisations=dict(Workspace.objects.filter(pk__in=workspace_ids).values_list("pk", "organisation_id")),
    )


Places = Mapping[uuid.UUID, tuple[uuid.UUID, dt.datetime]]


def texts_of(mentions: Sequence[Mention]) -> tuple[list[Text], Places]:
    """Mentions as triage reads them, with the turns before them; and where each stands: conversation and time."""
    messages = _messages(mentions=[one.pk for one in mentions])
    threads = _threads({conversation_id for _, conversation_id, _ in messages})
    place = {mention_id: (conversation_id, at) for mention_id, conversation_id, at in messages if mention_id}
    return [Text(one.text, _earlier(threads, place.get(one.pk)), one.language_hint) for one in mentions], place


@prepared
def _messages(mentions: Slot) -> QuerySet[Message, tuple[uuid.UUID, uuid.UUID, dt.datetime]]:
    rows = Message.objects.filter(one_of("mention_id", mentions)).order_by("at")
    return rows.values_list("mention_id", "conversation_id", "at")


Threads = Mapping[uuid.UUID, Sequence[tuple[dt.datetime, str]]]


def _threads(conversation_ids: set[uuid.UUID]) -> Threads:
    """The texts of conversations that have more than one message, oldest first."""
    threads: dict[uuid.UUID, list[tuple[dt.datetime, str]]] = defaultdict(list)
    for conversation_id, said_at, text in _turns(conversations=list(conversation_ids)):
        threads[conversation_id].append((said_at, text))
    return threads


@prepared
def _turns(conversations: Slot) -> QuerySet[Message, tuple[uuid.UUID, dt.datetime, str]]:
    several = Message.objects.filter(one_of("conversation_id", conversations), conversation__messages_count__gt=1)
    return several.order_by("at", "id").values_list("conversation_id", "at", "text")


def _earlier(threads: Threads, place: tuple[uuid.UUID, dt.datetime] | None) -> tuple[str, ...]:
    if place is None:
        return ()
    conversation_id, said_at = place
    return tuple(text for when, text in threads.get(conversation_id, ()) if when < said_at)[-EARLIER_TURNS:]


def _show(readings: Sequence[Reading], place: Places, *, at: dt.datetime) -> None:
    """Keep on each conversation what its newest reading says. One that has just arrived is left to routing, which
    writes the same row next."""
    newest: dict[uuid.UUID, tuple[dt.datetime, Reading]] = {}
    for reading in readings:
        if reading.mention_id in place:
            conversation_id, said_at = place[reading.mention_id]
            if conversation_id not in newest or newest[conversation_id][0] <= said_at:
                newest[conversation_id] = (said_at, reading)
    changed = []
    for row in _held(ids=list(newest)):
        said_at, reading = newest[row.pk]
        overtaken = row.last_inbound_at is not None and said_at < row.last_inbound_at
        if not overtaken and not (row.state == State.ARRIVING and row.reading_id is None):
            reads_as(row, reading)
            changed.append(row)
    press([one for one in changed if one.state == State.OPEN and one.waiting_since and one.urgency < URGENT], at=at)
    write_back(changed, ["reading", "sentiment", "language", "urgency"])


@prepared
def _held(ids: Slot) -> QuerySet[Conversation]:
    rows = Conversation.objects.filter(one_of("pk", ids)).order_by("pk")  # in hearing's order
    rows = rows.select_for_update(of=("self",))
    return rows.only(
        "pk", "state", "reading_id", "last_inbound_at", "urgency", "waiting_since", "workspace_id", "customer_id",
        "is_private", "department_id", "team_id",
    )  # fmt: skip
