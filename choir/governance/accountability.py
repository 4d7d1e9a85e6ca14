"""Who answers for what: each objective and channel has exactly one accountable department; where not, it is named."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from choir.channels.models import Channel, ChannelState
from choir.people.models import Department, Membership, Workspace
from choir.routing.choose import language_name
from choir.routing.models import Objective, Ownership

SCOPE = ("workspace_id", "channel_id", "language", "topic")


@dataclass(frozen=True, slots=True)
class Answers:
    """One thing and the department that answers for it."""

    row: Objective | Channel
    department: Department


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two cells of one objective, neither within the other, that both cover some conversations and name different
    accountable departments."""

    objective: Objective
    first: Ownership
    second: Ownership

    @property
    def words(self) -> str:
        """“about delivery: Operations; in German: Customer service”"""
        return "; ".join(f"{scope_words(one)}: {one.accountable}" for one in (self.first, self.second))


@dataclass(frozen=True, slots=True)
class Accountability:
    """The whole of it. `empty` are departments that answer for something and have nobody who could."""

    objectives: list[Answers]
    gaps: list[Objective]
    overlaps: list[Overlap]
    channels: list[Answers]
    empty: list[Answers]

    @property
    def is_whole(self) -> bool:
        """Everything has exactly one that answers for it."""
        return not (self.gaps or self.overlaps or self.empty)


def accountability(workspace: Workspace, *, at: dt.datetime) -> Accountability:
    """As the matrix and the channels stand at a moment: four queries."""
    cells: dict[uuid.UUID, list[Ownership]] = defaultdict(list)
    rows = Ownership.objects.in_force(at).filter(organisation=workspace.organisation_id)
    for one in rows.select_related("accountable", "channel", "workspace"):
        if one.workspace_id in (None, workspace.pk):
            cells[one.objective_id].append(one)
    objectives, gaps, overlapping = [], [], []
    for objective in Objective.objects.filter(organisation=workspace.organisation_id):
        whole = [one for one in cells[objective.pk] if not (one.channel_id or one.language or one.topic)]
        widest = min(whole, key=lambda one: one.workspace_id is None, default=None)
        if widest is not None:
            objectives.append(Answers(objective, widest.accountable))
        elif objective.is_answered:
            gaps.append(objective)
        overlapping += [
            Overlap(objective, first, second)
            for first, second in combinations(cells[objective.pk], 2)
            if first.accountable_id != second.accountable_id and _overlap(first, second)
        ]
    channels = [
        Answers(one, one.accountable)
        for one in Channel.objects.filter(workspace=workspace)
        .exclude(state=ChannelState.DISCONNECTED)
        .select_related("accountable")
        .order_by("network", "name")
    ]
    peopled = set(Membership.objects.filter(person__is_active=True).values_list("team__department_id", flat=True))
    empty = [one for one in [*objectives, *channels] if one.department.pk not in peopled]
    return Accountability(objectives, gaps, overlapping, channels, empty)


def _overlap(first: Ownership, second: Ownership) -> bool:
    """Whether a conversation can lie in both, and neither is simply the narrower one."""
    narrower = {0, 1}
    for name in SCOPE:
        left, right = getattr(first, name), getattr(second, name)
        if left and right and left != right:
            return False
        if bool(left) and not right:
            narrower.discard(1)
        if bool(right) and not left:
            narrower.discard(0)
    return not narrower


def scope_words(cell: Ownership) -> str:
    """A cell's scope in words."""
    parts = [f"about {cell.topic.replace('_', ' ')}"] if cell.topic else []
    parts += [f"in {language_name(cell.language)}"] if cell.language else []
    parts += [f"on {cell.channel}"] if cell.channel else []
    parts += [f"at {cell.workspace}"] if cell.workspace else []
    return " ".join(parts) or "anywhere"
