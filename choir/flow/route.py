"""Route: conversations whose messages are all read → an objective, the department that owns it, a person, clocks.

Each step leaves a sentence. Below the workspace's confidence the answer is *unsure*: the sorting team has it, and that
is not a failure. What needs no reply is noted, in nobody's queue.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from choir.channels.models import Channel
from choir.events.actions import event, record_many
from choir.flow.judge import Verdict, judge, lead
from choir.flow.owning import Organised
from choir.flow.pressing import pressing_of
from choir.flow.situations import situations_of
from choir.flow.staffing import staffing_of, who_knows
from choir.inbox.actions import about
from choir.inbox.live import announce
from choir.inbox.models import Clock, Conversation, Direction, Message
from choir.people.models import Department, Person, Workspace
from choir.pilots.queries import SPOKEN_OF, Timed, drawing, timed_trials
from choir.prepared import Slot, one_of, prepared
from choir.routing.decide import Promise
from choir.routing.models import Objective, RoutingPolicy, SLAPolicy
from choir.routing.queries import cells_in_force, promises_of
from choir.routing.rules.queries import rules_of
from choir.rows import insert, write_back
from choir.statements import told
from choir.triage.models import Reading
from choir.unchanged import unchanged

BATCH = 128

FIELDS = [
    "state", "state_at", "objective", "department", "team", "assignee", "is_unsure", "return_at", "urgency",
    "waiting_since", "due_at", "reading", "sentiment", "language",
]  # fmt: skip


@transaction.atomic
def route(*, at: dt.datetime) -> int:
    """Route one batch; conversations that another worker holds are left to it."""
    conversations = _due()
    if not conversations:
        return 0
    _place(conversations)
    readings = readings_of([one.pk for one in conversations])
    by_organisation: dict[uuid.UUID, list[Conversation]] = defaultdict(list)
    for one in conversations:
        by_organisation[one.workspace.organisation_id].append(one)
    for organisation_id, batch in by_organisation.items():
        _route_batch(batch, readings, organised_for(organisation_id, batch, readings, at=at), at=at)
    announce(conversations, what="state")
    return len(conversations)


@prepared
def _due() -> QuerySet[Conversation]:
    unread = Message.objects.filter(conversation=OuterRef("pk"), mention__isnull=False, mention__read_at=None)
    due = Conversation.objects.arriving().filter(~Exists(unread)).select_for_update(skip_locked=True, of=("self",))
    return due.order_by("id")[:BATCH]


def _place(conversations: Sequence[Conversation]) -> None:
    """Give conversations their workspaces and channels: a few, each read once."""
    workspaces = {one.pk: one for one in _workspaces(ids=list({one.workspace_id for one in conversations}))}
    channels = {one.pk: one for one in _channels(ids=list({one.channel_id for one in conversations}))}
    for one in conversations:
        one.workspace, one.channel = workspaces[one.workspace_id], channels[one.channel_id]


@prepared
def _workspaces(ids: Slot) -> QuerySet[Workspace]:
    return Workspace.objects.filter(one_of("pk", ids)).select_related("sorting_team", "organisation")


@prepared
def _channels(ids: Slot) -> QuerySet[Channel]:
    return Channel.objects.filter(one_of("pk", ids))


def readings_of(conversation_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Reading]]:
    """Each conversation's current readings, oldest message first."""
    rows = _said(conversations=list(conversation_ids))
    current = {one.mention_id: one for one in _current(mentions=[mention_id for _, mention_id in rows])}
    readings: dict[uuid.UUID, list[Reading]] = defaultdict(list)
    for conversation_id, mention_id in rows:
        if mention_id in current:
            readings[conversation_id].append(current[mention_id])
    return readings


@prepared
def _said(conversations: Slot) -> QuerySet[Message, tuple[uuid.UUID, uuid.UUID]]:
    messages = Message.objects.filter(one_of("conversation_id", conversations), direction=Direction.INBOUND)
    return messages.order_by("at", "id").values_list("conversation_id", "mention_id")


@prepared
def _current(mentions: Slot) -> QuerySet[Reading]:
    return Reading.objects.filter(one_of("mention_id", mentions), is_current=True)


def organised_for(
    organisation_id: uuid.UUID,
    batch: Sequence[Conversation],
    readings: dict[uuid.UUID, list[Reading]],
    *,
    at: dt.datetime,
) -> Organised:
    """What routing knows of an organisation and of these conversations, read once."""
    staffing = staffing_of(organisation_id, at=at)
    staffing.know = who_knows({one.customer_id for one in batch}, at=at)
    workspaces = {one.workspace_id for one in batch}
    rules = rules_of(workspaces)
    standing = unchanged(("routing", organisation_id), _STANDING, partial(_standing, organisation_id))
    ruled = [one for one in batch if rules.get(one.workspace_id)]
    leads = {one.pk: lead(readings[one.pk]) for one in ruled if readings[one.pk]}
    return Organised(
        cells=cells_in_force(organisation_id, at=at),
        promises=standing.promises,
        objectives=standing.objectives,
        departments=standing.departments,
        floors=standing.floors,
        staffing=staffing,
        clocks=_clocks([one.pk for one in batch]),
        rules=rules,
        situations=situations_of(ruled, leads) if ruled else {},
        pressing=pressing_of(batch, at=at),
        trials=drawing(standing.trials, at=at),
    )


@dataclass(frozen=True, slots=True)
class _Standing:
    """What an organisation has settled for its routing."""

    promises: list[Promise]
    objectives: dict[str, Objective]
    departments: dict[uuid.UUID, Department]
    floors: dict[uuid.UUID, float]  # by workspace
    trials: list[Timed]


_STANDING = (SLAPolicy, Objective, Department, RoutingPolicy, *SPOKEN_OF)


def _standing(organisation_id: uuid.UUID) -> _Standing:
    policies = RoutingPolicy.objects.filter(workspace__organisation_id=organisation_id)
    return _Standing(
        promises=promises_of(organisation_id),
        objectives={one.slug: one for one in Objective.objects.filter(organisation_id=organisation_id)},
        departments={one.pk: one for one in Department.objects.filter(organisation_id=organisation_id)},
        floors=dict(policies.values_list("workspace_id", "confidence_floor")),
        trials=timed_trials(organisation_id),
    )


def _clocks(conversation_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Clock]]:
    found: dict[uuid.UUID, list[Clock]] = defaultdict(list)
    for clock in _running(conversations=list(conversation_ids)):
        found[clock.conversation_id].append(clock)
    return found


@prepared
def _running(conversations: Slot) -> QuerySet[Clock]:
    return Clock.objects.filter(one_of("conversation_id", conversations)).select_related("policy")


def _route_batch(
    batch: Sequence[Conversation], readings: dict[uuid.UUID, list[Reading]], organised: Organised, *, at: dt.datetime
) -> None:
    keep_verdicts(batch, [judge(one, readings[one.pk], organised, at=at) for one in batch], at=at)


REPLACED = "UPDATE inbox_assignment SET ended_at = %s WHERE conversation_id = ANY(%s::uuid[]) AND ended_at IS NULL"


def keep_verdicts(
    batch: Sequence[Conversation], verdicts: Sequence[Verdict], *, at: dt.datetime, by: Person | None = None
) -> None:
    """Write down what was decided: assignments, clocks, conversations, and one event each. `by` is who asked for it."""
    assignments = [one.assignment for one in verdicts if one.assignment is not None]
    told(REPLACED, [at, [one.conversation_id for one in assignments]])
    insert(assignments)
    insert([one.draw for one in verdicts if one.draw is not None], skips_known=True)
    insert(
        [clock for one in verdicts for clock in one.clocks],
        replaces=["workspace", "conversation", "kind"],
        fields=["policy", "team", "allowed_seconds", "hours", "counted_from", "spent_seconds", "due_at"],
    )
    write_back(batch, FIELDS)
    record_many(
        event(
            verb=verdict.verb,
            subject=conversation,
            organisation_id=conversation.workspace.organisation_id,
            workspace_id=conversation.workspace_id,
            at=conversation.state_at,
            by=by,
            because=verdict.because,
            facts=verdict.facts | about(conversation),
        )
        for conversation, verdict in zip(batch, verdicts, strict=True)
    )
