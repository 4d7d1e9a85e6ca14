"""What is asked of a metric: whose conversations, in which days, narrowed to what, in which hours."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from choir.people.access import NotAllowedError
from choir.people.models import Person, Workspace
from choir.people.policy import Permission, Reach
from choir.routing.models import Hours

DAY = dt.timedelta(days=1)
ORGANISATION = "organisation"
NOT = "not:"  # before a value that a question is narrowed away from: all the other values of its dimension
OUR_DAYS = {"zone": ORGANISATION}
"""Added to the address of a figure that was counted in the organisation's days, so that it opens in them to whoever
lives by another clock."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of one time zone, first and last included; the last one only until `until`, so that a period that
    is still running is compared with as much of the one before."""

    first: dt.date
    last: dt.date
    zone: ZoneInfo
    until: dt.datetime

    @classmethod
    def days_to(cls, at: dt.datetime, zone: ZoneInfo, count: int) -> Period:
        """The last `count` days, today included, until now."""
        today = at.astimezone(zone).date()
        return cls(today - (count - 1) * DAY, today, zone, at)

    @classmethod
    def between(cls, first: dt.date, last: dt.date, zone: ZoneInfo, at: dt.datetime) -> Period:
        """From one day to another, both included, but never beyond now."""
        return cls(first, last, zone, min(at, midnight(last + DAY, zone)))

    @property
    def start(self) -> dt.datetime:
        """The first moment that counts."""
        return midnight(self.first, self.zone)

    @property
    def end(self) -> dt.datetime:
        """The first moment that no longer counts."""
        return self.until

    @property
    def days_count(self) -> int:
        """How many days it has, a running one included."""
        return (self.last - self.first).days + 1

    @property
    def days(self) -> Iterator[dt.date]:
        """Its days, oldest first."""
        return (self.first + number * DAY for number in range(self.days_count))

    @property
    def before(self) -> Period:
        """As many days just before; when this one is still running, until the same time of day."""
        back = self.days_count * DAY
        local = self.until.astimezone(self.zone).replace(tzinfo=None) - back
        return Period(self.first - back, self.last - back, self.zone, local.replace(tzinfo=self.zone))

    def only(self, day: dt.date) -> Period:
        """One day of it."""
        return Period(day, day, self.zone, min(self.until, midnight(day + DAY, self.zone)))


def midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """When a day begins."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class Held:
    """Which days of a workspace have tallies that hold, and in which time zone they begin."""

    zone: ZoneInfo
    first: dt.date
    last: dt.date
    stale: frozenset[dt.date]

    def holds(self, day: dt.date) -> bool:
        """Whether the day's tallies are what its rows would say."""
        return self.first <= day <= self.last and day not in self.stale

    def begins_with(self, day: dt.date, zone: ZoneInfo) -> bool:
        """Whether the day begins at the same moment in another zone."""
        return zone == self.zone or midnight(day, zone) == midnight(day, self.zone)


NOT_TALLIED = Held(ZoneInfo("UTC"), dt.date.max, dt.date.min, frozenset())


@dataclass(frozen=True, slots=True)
class Question:
    """One question to a metric. `departments` is what the asking person may see (None: all of the workspace);
    `narrowed` maps a dimension (department, team, channel, objective, language, campaign, topic, theme) to one value of
    it (after `NOT` to all others), a topic also to several with commas between. Whoever asks much reads once what is
    tallied (`held`)."""

    workspace_id: uuid.UUID
    period: Period
    departments: frozenset[uuid.UUID] | None
    hours: Hours = Hours.BUSINESS
    narrowed: tuple[tuple[str, str], ...] = field(default=())
    held: Held | None = field(default=None, compare=False)

    @property
    def before(self) -> Question:
        """The same of the period before."""
        return replace(self, period=self.period.before)

    def to(self, **values: object) -> Question:
        """The same, narrowed further."""
        narrowed = dict(self.narrowed) | {name: str(value) for name, value in values.items()}
        return replace(self, narrowed=tuple(sorted(narrowed.items())))

    def on(self, day: dt.date) -> Question:
        """The same of one day."""
        return replace(self, period=self.period.only(day))


def question(
    person: Person,
    workspace: Workspace,
    period: Period,
    *,
    hours: Hours = Hours.BUSINESS,
    narrowed: dict[str, str] | None = None,
) -> Question:
    """A question as this person may ask it: figures of all departments, or of their own. Raises NotAllowedError."""
    reach = person.access.reach(Permission.FIGURES_READ, workspace.pk)
    if reach < Reach.DEPARTMENT:
        raise NotAllowedError("Your roles do not include figures here. Ask an administrator for one that does.")
    departments = None if reach >= Reach.WORKSPACE else person.access.department_ids
    return Question(workspace.pk, period, departments, hours, tuple(sorted((narrowed or {}).items())))
