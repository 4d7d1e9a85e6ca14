"""How mature the organisation is, from facts about how it works. A level holds when all of its facts do, and all of the
levels below; the next steps are the first facts that do not, then those that hold least."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from choir.events.models import Event
from choir.governance.accountability import accountability
from choir.governance.form import Volume
from choir.governance.models import Attendance, Committee, Decision, Meeting
from choir.people.models import Person, Workspace
from choir.people.policy import Role
from choir.routing.models import Objective
from choir.strategy.models import KPI

QUARTER = dt.timedelta(weeks=13)
MONTH = dt.timedelta(days=28)
STEPS = 3


@dataclass(frozen=True, slots=True)
class Stated:
    """One fact: which level it belongs to, what it says in words, how far it holds (0 to 1), from when it does, what to
    do next, and the page behind it."""

    level: int
    words: str
    share: float
    wanted: float
    step: str
    page: str

    @property
    def holds(self) -> bool:
        """Whether it is good enough."""
        return self.share >= self.wanted


LEVELS = (
    "Scattered: everybody answers, nobody answers for it",
    "Owned: each thing has one department that answers for it",
    "Meeting: departments agree regularly",
    "Aligned: what is done serves goals, and is looked at again",
    "Enabling: knowledge answers where it sits, leaders take part",
)


@dataclass(frozen=True, slots=True)
class Maturity:
    """The level (1 to 5) with all of its facts, and the next three steps."""

    level: int
    facts: Sequence[Stated]

    @property
    def title(self) -> str:
        """The level in words."""
        return LEVELS[self.level - 1]

    @property
    def steps(self) -> list[Stated]:
        """What to do next: for what does not hold, the lowest level first; then for what holds least."""
        failing = [one for one in self.facts if not one.holds]
        partly = sorted((one for one in self.facts if one.holds and one.share < 1), key=lambda one: one.share)
        return [*failing, *partly][:STEPS]


def maturity_of(workspace: Workspace, volume: Volume, *, at: dt.datetime) -> Maturity:
    """The facts as they stand, lowest level first."""
    facts = [*_owned(workspace, at), *_meeting(workspace, at), *_aligned(workspace), *_enabling(workspace, volume, at)]
    failing = min((one.level for one in facts if not one.holds), default=len(LEVELS) + 1)
    return Maturity(max(1, failing - 1), facts)


def _owned(workspace: Workspace, at: dt.datetime) -> list[Stated]:
    shown = accountability(workspace, at=at)
    objectives = Objective.objects.filter(organisation=workspace.organisation_id, is_answered=True).count()
    owned = objectives - len(shown.gaps)
    peopled = [one for one in shown.channels if one not in shown.empty]
    return [
        Stated(
            2, f"{owned} of {objectives} objectives have an accountable department", _share(owned, objectives), 1.0,
            "Decide who answers for each objective that has nobody.", "committee_accountability",
        ),
        Stated(
            2, f"{len(peopled)} of {len(shown.channels)} channels have an accountable department with people",
            _share(len(peopled), len(shown.channels)), 1.0,
            "Give each channel a department that has people.", "committee_accountability",
        ),
    ]  # fmt: skip


def _meeting(workspace: Workspace, at: dt.datetime) -> list[Stated]:
    committee = Committee.objects.filter(workspace=workspace).first()
    meetings = Meeting.objects.filter(committee=committee, cancelled_at=None, begins_at__gte=at - QUARTER)
    past = meetings.filter(ends_at__lt=at) if committee else Meeting.objects.none()
    held = past.filter(closed_at__isnull=False)
    seats = committee.seats.count() if committee else 0
    came = Attendance.objects.filter(meeting__in=held).count()
    return [
        Stated(
            3, f"{held.count()} of {past.count()} planned meetings of the last quarter were held",
            _share(held.count(), past.count()), 0.75, "Hold the committee every week, however short.", "committee",
        ),
        Stated(
            3, f"{_share(came, held.count() * seats):.0%} of the seats were taken at them",
            _share(came, held.count() * seats), 0.7, "Name a deputy for each seat that stays empty.", "committee",
        ),
    ]  # fmt: skip


def _aligned(workspace: Workspace) -> list[Stated]:
    kpis = KPI.objects.filter(workspace=workspace, ended_at=None)
    linked = kpis.filter(goal__isnull=False).count()
    decisions = Decision.objects.filter(workspace=workspace, enactment__refused="")
    dated = decisions.filter(review_on__isnull=False).count()
    return [
        Stated(
            4, f"{linked} of {kpis.count()} KPIs serve a goal", _share(linked, kpis.count()), 0.8,
            "Hang each KPI on a goal, or stop measuring it.", "strategy",
        ),
        Stated(
            4, f"{dated} of {decisions.count()} decisions have a day on which they are looked at again",
            _share(dated, decisions.count()), 0.6, "Say with each decision when its effect is looked at.",
            "committee_decisions",
        ),
    ]  # fmt: skip


def _enabling(workspace: Workspace, volume: Volume, at: dt.datetime) -> list[Stated]:
    outside = 1 - volume.by_hub if volume.answered_count else 0.0
    grants = Q(role_grants__role=Role.EXECUTIVE) & (
        Q(role_grants__workspace=None) | Q(role_grants__workspace=workspace)
    )
    people = Person.objects.filter(grants, organisation=workspace.organisation_id, is_active=True).distinct()
    leaders = list(people.values_list("pk", flat=True))
    acting = Event.objects.filter(organisation=workspace.organisation_id, by__in=leaders, at__gte=at - MONTH)
    active = acting.values("by").distinct().count()
    hub = volume.hub or "the hub"
    return [
        Stated(
            5, f"{outside:.0%} of first answers come from outside {hub}", outside, 0.5,
            "Let the departments that know answer themselves; the hub helps them.", "committee_form",
        ),
        Stated(
            5, f"{active} of {len(leaders)} executives took part in the last four weeks",
            _share(active, len(leaders)), 0.5, "Ask an executive to read and answer one conversation a week.", "today",
        ),
    ]  # fmt: skip


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
