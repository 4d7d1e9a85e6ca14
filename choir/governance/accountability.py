"""Who answers for what: each objective and channel has exactly one accountable department; where not, it is named."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from choir.channels.models import Channel, ChannelState
from choir.people.models import Department, Membership, Workspace
from choir.routing.models import SCOPE, Objective, Ownership
from choir.routing.queries import cell_of, markets_of
from choir.routing.scopes import undecided


@dataclass(frozen=True, slots=True)
class Answers:
    """One thing and the department that answers for it."""

    row: Objective | Channel
    department: Department


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two cells of one objective, neither within the other, that both cover some conversations, name different
    accountable departments, and have no cell that decides between them."""

    objective: Objective
    first: Ownership
    second: Ownership
    scopes: tuple[str, str]

    @property
    def words(self) -> str:
        """“about delivery: Operations; in German: Customer service”"""
        both = zip(self.scopes, (self.first, self.second), strict=True)
        return "; ".join(f"{scope}: {one.accountable}" for scope, one in both)


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
    """As the matrix and the channels stand at a moment: five queries."""
    markets = markets_of(workspace.organisation_id)
    cells: dict[uuid.UUID, list[Ownership]] = defaultdict(list)
    rows = Ownership.objects.in_force(at).filter(organisation=workspace.organisation_id)
    for one in rows.select_related("accountable", "channel", "workspace", "objective"):
        if one.workspace_id in (None, workspace.pk):
            cells[one.objective_id].append(one)
    objectives, gaps, overlapping = [], [], []
    for objective in Objective.objects.filter(organisation=workspace.organisation_id):
        whole = [one for one in cells[objective.pk] if not any(getattr(one, name) for name in SCOPE[1:])]
        widest = min(whole, key=lambda one: one.workspace_id is None, default=None)
        if widest is not None:
            objectives.append(Answers(objective, widest.accountable))
        elif objective.is_answered:
            gaps.append(objective)
        overlapping += _overlaps(objective, cells[objective.pk], markets)
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


def _overlaps(objective: Objective, rows: Sequence[Ownership], markets: Mapping[uuid.UUID, str]) -> list[Overlap]:
    cells = [cell_of(one, markets) for one in rows]
    return [
        Overlap(objective, rows[left], rows[right], (one.scope_words or "anywhere", other.scope_words or "anywhere"))
        for (left, one), (right, other) in combinations(enumerate(cells), 2)
        if rows[left].accountable_id != rows[right].accountable_id and undecided(one, other, cells) is not None
    ]
