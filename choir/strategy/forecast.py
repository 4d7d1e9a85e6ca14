"""Where a figure is likely to end its period: pure, so that it can be checked by simulation (`bin/bench forecast`).

The days still to come are drawn from the weeks just past: each draw first takes as many of those weeks as there are,
with replacement and recent ones more often, then for every coming day the same weekday of one of them (a two-stage
bootstrap; Efron & Tibshirani, An Introduction to the Bootstrap, 1993, ch. 8). Weekdays keep their shape, a busy day
stays as busy as real ones are, and the doubt about the level itself is in. It knows nothing of what has not happened
in those weeks: that is said wherever it is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from choir.measurement.days import Day, Joined, sketch

WEEK = 7
WEEKS = 8  # looked back upon
DRAWS = 400
HALF_AFTER = 3  # weeks
FEWEST_WEEKS = 2
FEWEST_ROWS = 20
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The end of a period: the middle of all draws, and the tenth and ninetieth of a hundred."""

    low: float
    middle: float
    high: float
    draws: Floats

    def chance(self, is_met: Callable[[float], bool]) -> float:
        """The share of draws for which this holds."""
        return float(np.mean([is_met(float(one)) for one in self.draws]))


def forecast(
    how: Joined,
    known: Mapping[dt.date, Day],
    *,
    starts_on: dt.date,
    today: dt.date,
    ends_on: dt.date,
    fraction: float = 0.5,
    seed: int = 1,
) -> Forecast | None:
    """The figure of `starts_on` to `ends_on`, given whole days up to yesterday and today as far as it has come; None
    where there is too little to go by. `known` reaches back up to eight weeks before today."""
    past = [today - dt.timedelta(days=number) for number in range(WEEKS * WEEK, 0, -1)]
    weeks = _weeks([known.get(day) for day in past])
    rows = sum(day.n for week in weeks for day in week)
    if len(weeks) < FEWEST_WEEKS or (how is not Joined.LAST and rows < FEWEST_ROWS):
        return None
    first = max(today + dt.timedelta(days=1), starts_on)
    coming = np.arange(max(0, (ends_on - first).days + 1))
    picks = _picks(len(weeks), ((first - past[0]).days + coming) % WEEK, np.random.default_rng(seed))
    days = [day for week in weeks for day in week]
    so_far = [day for date, day in sorted(known.items()) if starts_on <= date <= today]
    ended = {
        Joined.ADDED: _added, Joined.AVERAGED: _averaged, Joined.LAST: _last,
    }.get(how, _ranked(fraction))(days, so_far, picks)  # fmt: skip
    ended = _widened(ended, how, [*days, *so_far], sum(day.n for day in so_far), len(weeks))
    low, middle, high = (float(one) for one in np.quantile(ended, [0.1, 0.5, 0.9]))
    return Forecast(low, middle, high, ended)


def _weeks(days: Sequence[Day | None]) -> list[list[Day]]:
    """Whole weeks of known days, oldest first, all beginning on the same weekday."""
    cut = [days[start : start + WEEK] for start in range(0, len(days), WEEK)]
    return [[day for day in week if day is not None] for week in cut if None not in week]


def _picks(weeks_count: int, weekdays: NDArray[Any], chance: np.random.Generator) -> NDArray[Any]:
    """For each draw and each coming day, which of the past days stands for it."""
    taken = chance.choice(weeks_count, size=(DRAWS, weeks_count), p=_recency(weeks_count))
    which = chance.integers(weeks_count, size=(DRAWS, len(weekdays)))
    picks: NDArray[Any] = np.take_along_axis(taken, which, axis=1) * WEEK + weekdays
    return picks


def _recency(weeks_count: int) -> Floats:
    """How much each week counts, oldest first: half as much every `HALF_AFTER` weeks back, so that a level that moves
    is followed."""
    weights: Floats = 0.5 ** (np.arange(weeks_count)[::-1] / HALF_AFTER)
    shares: Floats = weights / weights.sum()
    return shares


def _widened(ended: Floats, how: Joined, days: Sequence[Day], so_far: float, weeks_count: int) -> Floats:
    """Draws from few weeks lie too close together: their spread is corrected for the weeks it rests on (n / (n - 1)
    of the variance, and Student's quantile for the normal one, by its expansion in 1 / n), within what can be."""
    n = 1 / float((_recency(weeks_count) ** 2).sum())
    wider = (n / max(n - 1, 0.5)) ** 0.5 * (1 + (1.2816**2 + 1) / (4 * max(n - 1, 0.5)))
    middle = np.median(ended)
    if how is Joined.ADDED:
        added: Floats = np.maximum(middle + (ended - middle) * wider, so_far)
        return added
    values = [value for day in days for value in day.values]
    low = 0.0 if how is Joined.LAST else min(values)
    high = np.inf if how is Joined.LAST else max(values)
    within: Floats = np.clip(middle + (ended - middle) * wider, low, high)
    return within


def _added(days: Sequence[Day], so_far: Sequence[Day], picks: NDArray[Any]) -> Floats:
    daily = np.array([day.n for day in days])
    ended: Floats = daily[picks].sum(axis=1) + sum(day.n for day in so_far)
    return ended


def _averaged(days: Sequence[Day], so_far: Sequence[Day], picks: NDArray[Any]) -> Floats:
    sums = np.array([_sum(day) for day in days])
    counts = np.array([day.n for day in days])
    total = sums[picks].sum(axis=1) + sum(_sum(day) for day in so_far)
    ended: Floats = total / np.maximum(counts[picks].sum(axis=1) + sum(day.n for day in so_far), 1e-9)
    return ended


def _sum(day: Day) -> float:
    return sum(value * weight for value, weight in zip(day.values, day.weights, strict=True))


def _last(days: Sequence[Day], so_far: Sequence[Day], picks: NDArray[Any]) -> Floats:
    levels = [day.values[-1] if day.values else 0.0 for day in days]
    changes = np.diff(levels, prepend=levels[0])
    now = next((day.values[-1] for day in reversed(so_far) if day.values), levels[-1])
    ended: Floats = np.maximum(0.0, now + changes[picks].sum(axis=1))
    return ended


def _ranked(fraction: float) -> Callable[[Sequence[Day], Sequence[Day], NDArray[Any]], Floats]:
    def ended(days: Sequence[Day], so_far: Sequence[Day], picks: NDArray[Any]) -> Floats:
        whole = [sketch(day) for day in (*days, *so_far)]
        values = np.array([value for day in whole for value in day.values])
        weights = np.array([weight for day in whole for weight in day.weights])
        place = np.array([number for number, day in enumerate(whole) for _ in day.values], dtype=int)
        times = np.ones((len(picks), len(whole)))
        for number in range(len(days)):
            times[:, number] = (picks == number).sum(axis=1)
        order = np.argsort(values)
        reached = np.cumsum(times[:, place[order]] * weights[order], axis=1)
        found = (reached >= fraction * reached[:, -1:]).argmax(axis=1)
        chosen: Floats = values[order][found]
        return chosen

    return ended
