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
from django.db.models import Exists, OuterRef

from choir.channels.models import Channel
from choir.events.actions import event, record_many
from choir.flow.judge import Verdict, judge, lead
from choir.flow.owning import Organised
from choir.flow.situations import situations_of
from choir.flow.staffing import staffing_of, who_knows
from choir.inbox.actions import about
from choir.inbox.live import announce
from choir.inbox.models import Assignment, Clock, Conversation, Direction, Message
from choir.people.models import Department, Person, Workspace
from choir.pilots.queries import SPOKEN_OF, Timed, drawing, timed_trials
from choir.routing.decide import Promise
from choir.routing.models import Objective, RoutingPolicy, SLAPolicy
from choir.routing.queries import cells_in_force, promises_of
from choir.routing.rules.queries import rules_of
from choir.rows import insert, write_back
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
    unread = Message.objects.filter(conversation=OuterRef("pk"), mention__isnull=False, mention__read_at=None)
    due = Conversation.objects.arriving().filter(~Exists(unread)).select_for_update(skip_locked=True, of=("self",))
    conversations = list(due.order_by("id")[:BATCH])
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


def _place(conversations: Sequence[Conversation]) -> None:
    """Give conversations their workspaces and channels: a few, each read once."""
    workspaces = Workspace.objects.select_related("sorting_team", "organisation").in_bulk(
        {one.workspace_id for one in conversations}
    )
    channels = Channel.objects.in_bulk({one.channel_id for one in conversations})
    for one in conversations:
        one.workspace, one.channel = workspaces[one.workspace_id], channels[one.channel_id]


def readings_of(conversation_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Reading]]:
    """Each conversation's current readings, oldest message first."""
    messages = Message.objects.filter(conversation_id__in=conversation_ids, direction=Direction.INBOUND)
    rows = list(messages.order_by("at", "id").values_list("conversation_id", "mention_id"))
    current = {
        one.mention_id: one
        for one in Reading.objects.filter(mention_id__in=[mention_id for _, mention_id in rows], is_current=True)
    }
    readings: dict[uuid.UUID, list[Reading]] = defaultdict(list)
    for conversation_id, mention_id in rows:
        if mention_id in current:
            readings[conversation_id].append(current[mention_id])
    return readings


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
    for clock in Clock.objects.filter(conversation_id__in=conversation_ids).select_related("policy"):
        found[clock.conversation_id].append(clock)
    return found


def _route_batch(
    batch: Sequence[Conversation], readings: dict[uuid.UUID, list[Reading]], organised: Organised, *, at: dt.datetime
) -> None:
    keep_verdicts(batch, [judge(one, readings[one.pk], organised, at=at) for one in batch], at=at)


def keep_verdicts(
    batch: Sequence[Conversation], verdicts: Sequence[Verdict], *, at: dt.datetime, by: Person | None = None
) -> None:
    """Write down what was decided: assignments, clocks, conversations, and one event each. `by` is who asked for it."""
    assignments = [one.assignment for one in verdicts if one.assignment is not None]
    replaced = Assignment.objects.filter(conversation__in=[one.conversation_id for one in assignments], ended_at=None)
    replaced.update(ended_at=at)
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
