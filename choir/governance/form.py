"""Committee, dedicated team, or both: advised from what comes in, how long it takes, and how it is shared out."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet

from choir.governance.staffing import HOURS_OF_WEEK, Terms, Worked, worked_by_hour
from choir.inbox.clocks import calendars_of
from choir.measurement.figures import by_day, figure
from choir.measurement.hub import hub_name
from choir.measurement.metrics import catalogue
from choir.measurement.models import Course
from choir.measurement.question import Period, Question
from choir.measurement.tallies import held
from choir.people.models import Department, Team, Workspace
from choir.routing.hours import Calendar
from choir.routing.models import Hours
from choir.routing.queries import promises_of

WEEKS = 8
FEW_DEPARTMENTS, TEAM_FROM, CONCENTRATED = 3, 2.0, 0.6
SMALLEST_TEAM, LARGEST_TEAM = 2, 4
USUAL_PROMISE = 4 * 3600
MUST_BE_THERE = 2 * 3600  # a promise shorter than this takes somebody who is there in every open hour
OCCUPIED = 0.85  # of their time at most people can be at work on conversations; the rest is waiting and turning round


@dataclass(frozen=True, slots=True)
class Assumed:
    """What nothing in the record tells, and people say: minutes of work per conversation, hours a week that a full-time
    person has for it, and the share of first answers that is to be in time."""

    handle_minutes: float = 12.0
    productive_hours: float = 30.0
    share: float = 0.85


@dataclass(frozen=True, slots=True)
class Volume:
    """What came in and needed an answer: a week's conversations, and how they were shared out. `by_hub` is the share of
    first answers that the hub gave: what is left is enablement."""

    per_week: float
    by_hour: Mapping[int, float]
    answered: Mapping[Department, int]
    hub: str
    by_hub: float

    @property
    def answered_count(self) -> int:
        """Conversations first answered in the weeks looked at."""
        return sum(self.answered.values())

    @property
    def taking_part(self) -> int:
        """Departments that answered at least one in a hundred."""
        return sum(count >= 0.01 * self.answered_count for count in self.answered.values())


@dataclass(frozen=True, slots=True)
class Advice:
    """The form that fits (`committee`, `team`, `both`), the reasons in sentences, and how many people a team needs."""

    form: str
    reasons: list[str]
    team_size: int


@dataclass(frozen=True, slots=True)
class Staffed:
    """People needed by open hour of the week, and what that adds up to."""

    worked: Mapping[int, Worked]
    terms: Terms
    work_hours: float
    full_time: float

    @property
    def by_hour(self) -> dict[int, int]:
        """People needed in each."""
        return {hour: one.people for hour, one in self.worked.items()}

    @property
    def most(self) -> int:
        """People needed in the busiest hour."""
        return max(self.by_hour.values(), default=0)


def volume_of(workspace: Workspace, *, at: dt.datetime) -> Volume:
    """The last eight weeks."""
    period = period_of(workspace, at=at)
    courses = arrived(workspace, period)
    by_hour: Counter[int] = Counter()
    for arrived_at in courses.values_list("arrived_at", flat=True).iterator(chunk_size=10_000):
        by_hour[hour_of_week(arrived_at, period.zone)] += 1
    counted = courses.exclude(answering_department=None).values_list("answering_department").annotate(n=Count("pk"))
    departments = {one.pk: one for one in Department.objects.filter(organisation=workspace.organisation_id)}
    answered = {departments[pk]: n for pk, n in counted.order_by("-n") if pk in departments}
    total = sum(by_hour.values())
    asked = Question(workspace.pk, period, None, held=held(workspace.pk))
    outside = figure(catalogue()["enablement"], asked).value
    by_hub = 0.0 if outside is None else 1 - outside
    return Volume(
        total / WEEKS, {hour: n / WEEKS for hour, n in by_hour.items()}, answered, hub_name(workspace), by_hub
    )


def period_of(workspace: Workspace, *, at: dt.datetime) -> Period:
    """The weeks looked at: whole days of the organisation, so that every figure of them opens to the same rows."""
    return Period.days_to(at, ZoneInfo(workspace.organisation.time_zone), 7 * WEEKS)


def arrived(workspace: Workspace, period: Period) -> QuerySet[Course]:
    """What came in and needed a reply."""
    return Course.objects.filter(
        workspace=workspace, arrived_at__gte=period.start, arrived_at__lt=period.end, needed_reply=True
    )


def hour_of_week(moment: dt.datetime, zone: ZoneInfo) -> int:
    """0 is Monday from midnight to one."""
    local = moment.astimezone(zone)
    return 24 * local.weekday() + local.hour


def staffed(workspace: Workspace, volume: Volume, assumed: Assumed) -> Staffed:
    """People needed, if all of it were one queue that is open whenever a team of the organisation is."""
    within = promised_seconds(workspace)
    terms = Terms(60 * assumed.handle_minutes, within, assumed.share)
    worked = worked_by_hour(volume.by_hour, open_hours(workspace), terms)
    work = volume.per_week * assumed.handle_minutes / 60
    hours = float(sum(one.people for one in worked.values())) if within < MUST_BE_THERE else work / OCCUPIED
    return Staffed(worked, terms, work, max(work, hours) / assumed.productive_hours)


def promised_seconds(workspace: Workspace) -> float:
    """The first response promised to what is not urgent and has no promise of its own."""
    promises = [one for one in promises_of(workspace.organisation_id) if one.hours == Hours.BUSINESS]
    usual = min(promises, key=lambda one: (bool(one.objective), one.urgency_at_least), default=None)
    return float(usual.first_response_seconds) if usual else USUAL_PROMISE


def open_hours(workspace: Workspace) -> list[int]:
    """Hours of the week, in the organisation's time zone, in which at least one team works."""
    zone = ZoneInfo(workspace.organisation.time_zone)
    teams = list(Team.objects.filter(department__organisation=workspace.organisation_id))
    calendars = [one for one in calendars_of(teams).values() if one.openings]
    if not calendars:
        return list(range(HOURS_OF_WEEK))
    return sorted({hour for calendar in calendars for hour in _hours(calendar, zone)})


def _hours(calendar: Calendar, zone: ZoneInfo) -> set[int]:
    """A calendar's open hours in a usual week, as hours of the week of another zone."""
    monday = dt.date(2026, 3, 2)  # any week without a change of clocks
    found: set[int] = set()
    for number in range(7):
        for opens, closes in Calendar(calendar.zone, calendar.openings).stretches(monday + dt.timedelta(days=number)):
            moment = opens
            while moment < closes:
                local = moment.astimezone(zone)
                found.add(24 * local.weekday() + local.hour)
                moment += dt.timedelta(hours=1)
    return found


def advise(volume: Volume, found: Staffed) -> Advice:
    """Which form fits. A committee where several departments must agree; a team of two to four, which answers what is
    nobody's and enables the rest, where there is work for two; both where both hold."""
    needs_committee = volume.taking_part >= FEW_DEPARTMENTS
    needs_team = found.full_time >= TEAM_FROM
    reasons = [
        f"{volume.taking_part} departments answer customers; "
        + ("that many need a table to agree at." if needs_committee else "so few agree without a table."),
        f"{volume.per_week:.0f} conversations a week are work for {found.full_time:.1f} full-time people; "
        + ("a dedicated team pays from two." if needs_team else "that is too little for a dedicated team."),
    ]
    if volume.answered_count:
        name = volume.hub or "the hub"
        reasons.append(
            f"{name} answers {volume.by_hub:.0%}; "
            + (
                "a team should enable others rather than answer for them."
                if volume.by_hub >= CONCENTRATED
                else "most is answered where the knowledge is: a team's work is to enable."
            )
        )
    form = "both" if needs_committee and needs_team else "team" if needs_team else "committee"
    size = min(LARGEST_TEAM, max(SMALLEST_TEAM, round(found.full_time * volume.by_hub))) if needs_team else 0
    return Advice(form, reasons, size)


def enablement(workspace: Workspace, *, at: dt.datetime, weeks: int = 12) -> list[tuple[dt.date, float, int]]:
    """From doers to enablers: per week (its Monday) the share of first answers given outside the hub, and of how
    many."""
    zone = ZoneInfo(workspace.organisation.time_zone)
    today = at.astimezone(zone).date()
    first = today - dt.timedelta(days=today.weekday(), weeks=weeks - 1)
    asked = Question(workspace.pk, Period.between(first, today, zone, at), None, held=held(workspace.pk))
    counts: dict[dt.date, list[float]] = defaultdict(lambda: [0.0, 0])
    for day, found in by_day(catalogue()["enablement"], asked).items():
        if found.value is not None:
            week = counts[day - dt.timedelta(days=day.weekday())]
            week[0] += found.value * found.n
            week[1] += found.n
    return [(week, outside / n, int(n)) for week, (outside, n) in sorted(counts.items())]
