"""The tree of goals with what hangs on each, and the gaps in it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from choir.measurement.figures import split
from choir.measurement.metrics import catalogue
from choir.measurement.question import Period, Question
from choir.measurement.tallies import held
from choir.people.models import Workspace
from choir.routing.models import Objective
from choir.strategy.models import KPI, Goal, Initiative, Status

RECENT_DAYS = 28
UNPLANNED = "response_rate"  # its rows are the conversations that needed a reply


@dataclass
class Branch:
    """A goal with its objectives, KPIs and initiatives; without a goal: what hangs on none."""

    goal: Goal | None
    objectives: list[Objective] = field(default_factory=list)
    kpis: list[KPI] = field(default_factory=list)
    initiatives: list[Initiative] = field(default_factory=list)

    @property
    def rows(self) -> list[Goal | KPI | Initiative]:
        """The goal and all that hangs on it."""
        return [*([self.goal] if self.goal else []), *self.kpis, *self.initiatives]

    @property
    def worst(self) -> str:
        """The status among its KPIs that needs a person first; empty without KPIs."""
        held = {one.outlook.status for one in self.kpis if hasattr(one, "outlook")}
        order = (
            Status.OFF_TRACK, Status.MISSED, Status.AT_RISK, Status.TOO_EARLY, Status.NOT_BEGUN, Status.ON_TRACK,
            Status.MET,
        )  # fmt: skip
        return next((status for status in order if status in held), "")


@dataclass(frozen=True, slots=True)
class Gap:
    """A place where activity and strategy do not meet. `subject` is the row to open; `count` says how much."""

    kind: str
    subject: Goal | KPI | Initiative | Objective
    count: int = 0


def tree(workspace: Workspace) -> list[Branch]:
    """Every goal that has not ended with what hangs on it, and last what hangs on none: five queries."""
    goals = list(
        Goal.objects.filter(workspace=workspace, ended_at=None)
        .select_related("owner")
        .prefetch_related("objectives")
        .order_by("ends_on", "name")
    )
    loose = Branch(None)
    branches = {one.pk: Branch(one, list(one.objectives.all())) for one in goals}
    kpis = KPI.objects.filter(workspace=workspace, ended_at=None).select_related(
        "owner", "outlook", "department", "objective", "channel"
    )
    for kpi in kpis.order_by("name"):
        _branch(branches, kpi.goal_id, loose).kpis.append(kpi)
    initiatives = Initiative.objects.filter(workspace=workspace, ended_at=None)
    for initiative in initiatives.select_related("owner", "objective", "department").order_by("starts_on", "name"):
        _branch(branches, initiative.goal_id, loose).initiatives.append(initiative)
    return [*branches.values(), *([loose] if loose.kpis or loose.initiatives else [])]


def _branch(branches: Mapping[uuid.UUID, Branch], goal_id: uuid.UUID | None, loose: Branch) -> Branch:
    return loose if goal_id is None else branches.get(goal_id, loose)


def gaps(workspace: Workspace, branches: Sequence[Branch], *, at: dt.datetime) -> list[Gap]:
    """Where the tree does not hold together: goals that nothing measures, KPIs and initiatives that serve no goal,
    initiatives without objective, owners who are missing, and what customers come for that no goal names."""
    found: list[Gap] = []
    named: set[object] = set()
    for branch in branches:
        named.update(one.pk for one in branch.objectives)
        named.update(one.objective_id for one in branch.kpis if one.objective_id)
        if branch.goal is None:
            found += [Gap("kpi_without_goal", one) for one in branch.kpis]
            found += [Gap("initiative_without_goal", one) for one in branch.initiatives]
        elif not branch.kpis:
            found.append(Gap("goal_without_kpi", branch.goal))
        found += [Gap("initiative_without_objective", one) for one in branch.initiatives if one.objective_id is None]
        found += [Gap("without_owner", one) for one in branch.rows if one.owner is None or not one.owner.is_active]
    return found + _unplanned(workspace, named, at)


def _unplanned(workspace: Workspace, named: set[object], at: dt.datetime) -> list[Gap]:
    """Counted as the metric does that the gap opens: conversations that needed a reply, in the organisation's days."""
    period = Period.days_to(at, ZoneInfo(workspace.organisation.time_zone), RECENT_DAYS)
    counted = split(catalogue()[UNPLANNED], Question(workspace.pk, period, None, held=held(workspace.pk)), "objective")
    counts = {key: one.n for key, one in counted.items() if key not in named}
    objectives = Objective.objects.filter(organisation_id=workspace.organisation_id, is_answered=True)
    unplanned = [Gap("unplanned", one, counts[one.pk]) for one in objectives if one.pk in counts]
    return sorted(unplanned, key=lambda gap: -gap.count)


def off_track(workspace: Workspace) -> QuerySet[KPI]:
    """KPIs that need a decision: off track or missed, the longest first."""
    needing = [Status.OFF_TRACK, Status.MISSED]
    found = KPI.objects.filter(workspace=workspace, ended_at=None, outlook__status__in=needing)
    return found.select_related("outlook", "owner", "goal").order_by("outlook__status_since")
