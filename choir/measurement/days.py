"""What each day contributed to a figure, kept so that days can be put together again: for a KPI's way through its
period and for looking ahead.

A count or a sum is its amount; a share, a net or a ratio is a mean with its weight; durations are the day's spread, so
that days put together are the figure that pages, exports and the API have. What stands (the backlog) is the value at
the day's end. Where days are drawn a thousand times, durations go in as a `sketch` of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from choir.measurement.counting import EMPTY as NO_ROWS
from choir.measurement.counting import Part
from choir.measurement.figures import by_day, parts, wholes_by_day
from choir.measurement.metric import Counted, Lasting, Metric, Portion, Ratio, Standing, Summed
from choir.measurement.question import Question
from choir.measurement.spread import NOTHING, quantile

POINTS = 20
FRACTIONS = [(2 * number + 1) / (2 * POINTS) for number in range(POINTS)]


class Joined(Enum):
    """How days become one figure."""

    ADDED = auto()
    AVERAGED = auto()
    RANKED = auto()
    LAST = auto()


@dataclass(frozen=True, slots=True)
class Day:
    """One day's values, each with how many rows it stands for; no rows, no values."""

    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()

    @property
    def n(self) -> float:
        """How many rows the day has."""
        return sum(self.weights)


EMPTY = Day()


def joined(metric: Metric) -> Joined:
    """How the metric's days are put together."""
    if isinstance(metric, Standing):
        return Joined.LAST
    if isinstance(metric, Lasting):
        return Joined.RANKED
    return Joined.ADDED if isinstance(metric, Counted | Summed) else Joined.AVERAGED


def days(metric: Metric, asked: Question) -> dict[dt.date, Day]:
    """Every day of the period, oldest first, with what it contributed."""
    if isinstance(metric, Lasting):
        return {day: _spread(part) for day, part in _daily(metric, asked).items()}
    if isinstance(metric, Ratio):
        return {day: _ratio(part) for day, part in _daily(metric, asked).items()}
    how = joined(metric)
    wholes = wholes_by_day(metric, asked) if isinstance(metric, Portion) else {}
    found = {}
    for day, figure in by_day(metric, asked).items():
        if how is Joined.ADDED:
            found[day] = Day((1.0,), (figure.value or 0.0,))
        elif figure.value is None:
            found[day] = EMPTY
        else:
            found[day] = Day((figure.value,), (1.0 if how is Joined.LAST else float(wholes.get(day, figure.n)),))
    return found


def together(metric: Metric, parts: Sequence[Day], *, fraction: float = 0.5) -> float | None:
    """The figure of several days, oldest first; for durations the quantile at `fraction`. None: nothing to count."""
    return together_by(joined(metric), parts, fraction=fraction)


def together_by(how: Joined, parts: Sequence[Day], *, fraction: float = 0.5) -> float | None:
    """The figure of several days that are put together in this way."""
    if how is Joined.ADDED:
        return sum(part.n for part in parts)
    if how is Joined.LAST:
        return next((part.values[-1] for part in reversed(parts) if part.values), None)
    values = np.array([value for part in parts for value in part.values])
    weights = np.array([weight for part in parts for weight in part.weights])
    if not weights.sum():
        return None
    if how is Joined.AVERAGED:
        return float((values * weights).sum() / weights.sum())
    order = np.argsort(values)
    return quantile(values[order], weights[order], fraction)


def sketch(day: Day) -> Day:
    """Durations as their quantiles at `FRACTIONS`, each standing for an equal part of the day's rows; a day of few
    stays as it is."""
    if len(day.values) <= POINTS:
        return day
    values, weights = np.array(day.values), np.array(day.weights)
    ranks = np.ceil(np.array(FRACTIONS) * day.n) - 1
    kept = values[np.searchsorted(np.cumsum(weights), ranks, side="right")]
    return Day(tuple(map(float, kept)), (day.n / POINTS,) * POINTS)


def _daily(metric: Metric, asked: Question) -> dict[dt.date, Part]:
    found = parts(metric, asked, daily=True)
    return {day: found.get((day, None), NO_ROWS) for day in asked.period.days}


def _ratio(part: Part) -> Day:
    """Weighed by what stands below the line."""
    return Day((part.met / part.against,), (float(part.against),)) if part.against else EMPTY


def _spread(part: Part) -> Day:
    spread = part.spreads[0] if part.spreads else NOTHING
    return Day(tuple(map(float, spread.values)), tuple(map(float, spread.counts)))
