"""The week a brief tells of, and how its figures stand beside the eight weeks before."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from zoneinfo import ZoneInfo

from choir.measurement.figures import Figure, figure
from choir.measurement.metric import Better, Metric, Unit
from choir.measurement.models import Progress
from choir.measurement.question import DAY, Period, Question, midnight
from choir.measurement.tallies import held_by
from choir.people.models import Workspace

WEEK = 7
BEFORE = 8
WRITTEN_HOUR = 6  # of the organisation's day, so that it is there before anybody is
TO_DEVIATION = 1.4826  # a median of absolute deviations × this is a standard deviation, of what is normal
STEADY = 0.05  # of the usual value: less never counts as a scale, however steady the weeks before


def last_day(weekday: int, zone: ZoneInfo, at: dt.datetime) -> dt.date:
    """The last day of the newest week that can be told of: the day before its weekday, once that has begun."""
    local = at.astimezone(zone)
    today = local.date() if local.hour >= WRITTEN_HOUR else local.date() - DAY
    return today - (today.weekday() - weekday) % WEEK * DAY - DAY


@dataclass(frozen=True)
class Looked:
    """A workspace's week that ended on a day, as far as figures reach."""

    workspace: Workspace
    last: dt.date
    progress: Progress
    at: dt.datetime

    @cached_property
    def zone(self) -> ZoneInfo:
        """Whose days count."""
        return ZoneInfo(self.workspace.organisation.time_zone)

    @property
    def first(self) -> dt.date:
        """Its first day."""
        return self.last - (WEEK - 1) * DAY

    @property
    def ends_at(self) -> dt.datetime:
        """The first moment that is no longer in it."""
        return midnight(self.last + DAY, self.zone)

    @property
    def is_counted(self) -> bool:
        """Whether figures reach to its end."""
        return self.progress.at >= self.ends_at

    def asked(self, back: int = 0) -> Question:
        """A question of the week, or of one so many weeks before, about all departments."""
        shift = back * WEEK * DAY
        period = Period.between(self.first - shift, self.last - shift, self.zone, self.progress.at)
        return Question(self.workspace.pk, period, None, held=held_by(self.progress))

    def values(self, **values: object) -> dict[str, str]:
        """What the address of a metric's page needs to show this week, narrowed."""
        told = {"since": self.first.isoformat(), "until": self.last.isoformat()}
        return told | {name: str(value) for name, value in values.items()}


@dataclass(frozen=True)
class Trend:
    """One metric over the weeks, oldest first; the last is the week that is told of."""

    metric: Metric
    figures: Sequence[Figure]

    @property
    def now(self) -> Figure:
        """The week's figure."""
        return self.figures[-1]

    @property
    def before(self) -> Figure:
        """The figure of the week before."""
        return self.figures[-2]

    @cached_property
    def earlier(self) -> list[float]:
        """The values of the weeks before, where there was something to count."""
        return [one.value for one in self.figures[:-1] if one.value is not None]

    @cached_property
    def unusual(self) -> float:
        """How far the week is from what is usual, in standard deviations of the weeks before: their median, and the
        median distance from it, but never less than what chance alone moves. 0 where too little is known."""
        value = self.now.value
        if value is None or len(self.earlier) < BEFORE // 2 or self.now.is_small:
            return 0.0
        usual = median(self.earlier)
        spread = TO_DEVIATION * median(abs(one - usual) for one in self.earlier)
        return (value - usual) / max(spread, self._chance(usual), STEADY * abs(usual), 1e-9)

    def _chance(self, usual: float) -> float:
        """What chance alone moves: of a count its square root, of a share or net the error of as many rows."""
        if self.metric.unit == Unit.COUNT:
            return math.sqrt(usual)
        if self.metric.unit == Unit.SHARE:
            return math.sqrt(max(usual * (1 - usual), 0.01) / max(self.now.n, 1))
        if self.metric.unit == Unit.NET:
            return math.sqrt(1 / max(self.now.n, 1))
        return 0.0

    @property
    def is_record(self) -> str:
        """`most` or `least` if no week before had as much or as little; "" otherwise."""
        value = self.now.value
        if value is None or len(self.earlier) < BEFORE:
            return ""
        return "most" if value > max(self.earlier) else "least" if value < min(self.earlier) else ""

    @property
    def goes_well(self) -> bool | None:
        """Whether it moved to its better side against the week before; None where neither side is better."""
        if self.metric.better is Better.NEITHER or self.now.value is None or self.before.value is None:
            return None
        return (self.now.value > self.before.value) == (self.metric.better is Better.HIGHER)


def trend(metric: Metric, looked: Looked) -> Trend:
    """A metric's week with the eight before it."""
    return Trend(metric, [figure(metric, looked.asked(back)) for back in range(BEFORE, -1, -1)])
