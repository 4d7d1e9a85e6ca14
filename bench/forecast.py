"""How often the end of a period falls where the forecast said: invented histories whose end is known.

Each history has a weekly shape, busy and quiet days beyond chance (negative binomial), and half of them a level that
drifts by a fifth over the eight weeks, which the forecast does not know of. The band is said to hold four of five ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from bench.figures import say
from choir.measurement.days import Day, Joined, together_by
from choir.strategy.forecast import forecast

HISTORIES = 300
TODAY = dt.date(2026, 3, 4)
SHAPE = np.array([1.2, 1.1, 1.0, 1.0, 0.9, 0.4, 0.4])


def measure(_conversations: Sequence[int]) -> dict[str, float]:
    """The share of ends inside the band, by what is forecast and whether the level drifts."""
    figures = {}
    for how, name in ((Joined.ADDED, "count"), (Joined.AVERAGED, "share"), (Joined.RANKED, "median")):
        for drifts in (False, True):
            title = f"forecast of a {name}, {'drifting' if drifts else 'steady'} level: ends in the band"
            figures[title] = _coverage(how, drifts=drifts)
            say(title, f"{figures[title]:.0%}", "80 %")
    return figures


def _coverage(how: Joined, *, drifts: bool) -> float:
    held = 0
    for number in range(HISTORIES):
        days = _days(how, np.random.default_rng(number), drifts=drifts)
        known = {date: day for date, day in days.items() if date <= TODAY}
        first, last = TODAY - dt.timedelta(days=30), TODAY + dt.timedelta(days=30)
        ahead = forecast(how, known, starts_on=first, today=TODAY, ends_on=last)
        end = together_by(how, [day for date, day in days.items() if first <= date <= last])
        held += ahead is not None and end is not None and ahead.low <= end <= ahead.high
    return held / HISTORIES


def _days(how: Joined, chance: np.random.Generator, *, drifts: bool) -> dict[dt.date, Day]:
    days = {}
    for number in range(-56, 31):
        date = TODAY + dt.timedelta(days=number)
        level = 1 + (0.2 * number / 56 if drifts else 0)
        mean = 20 * level * SHAPE[date.weekday()]
        count = int(chance.negative_binomial(5, 5 / (5 + mean)))
        days[date] = _day(how, count, level, chance)
    return days


def _day(how: Joined, count: int, level: float, chance: np.random.Generator) -> Day:
    if not count:
        return Day()
    if how is Joined.ADDED:
        return Day((1.0,), (float(count),))
    if how is Joined.AVERAGED:
        return Day((float(chance.binomial(count, 0.7 * level / 1.2) / count),), (float(count),))
    seconds = np.sort(chance.lognormal(np.log(3600 * level) + chance.normal(0, 0.3), 1.0, count))
    return Day(tuple(map(float, seconds)), (1.0,) * count)
