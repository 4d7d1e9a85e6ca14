"""Does the interval of a decision's effect hold the truth as often as it says, and how often is nothing called clear?

Invented histories of four weeks before and after: a scope and a larger control that share good and bad weeks, with a
known effect, or none. The interval is said to hold four of five; where there is no effect, one in five is called clear.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.figures import say
from choir.governance.estimating import Side, estimate
from choir.measurement.days import Day, Joined

HISTORIES = 1000
DAYS = 28
SHAPE = np.array([1.2, 1.1, 1.0, 1.0, 0.9, 0.4, 0.4])


def measure(_conversations: Sequence[int]) -> dict[str, float]:
    """Coverage with an effect, and without; by what is compared."""
    figures = {}
    for how, name in ((Joined.AVERAGED, "share"), (Joined.ADDED, "count"), (Joined.RANKED, "median")):
        held = [_one(how, number, effect=0.15) for number in range(HISTORIES)]
        nothing = [_one(how, number, effect=0.0) for number in range(HISTORIES)]
        figures[f"effect on a {name}: intervals that hold it"] = float(np.mean([one[0] for one in held]))
        figures[f"effect on a {name}: found clear when it is there"] = float(np.mean([one[1] for one in held]))
        figures[f"effect on a {name}: called clear when there is none"] = float(np.mean([one[1] for one in nothing]))
    for title, value in figures.items():
        say(title, f"{value:.0%}", "80 %" if "hold" in title else "20 %" if "none" in title else "")
    return figures


def _one(how: Joined, number: int, *, effect: float) -> tuple[bool, bool]:
    """One history: whether the interval holds the effect, and whether it leaves out nothing."""
    chance = np.random.default_rng(number)
    shock = [_shock(chance), _shock(chance)]
    sides = [
        Side(_days(how, chance, 25, shock[part], effect * part), _days(how, chance, 150, shock[part], 0.0))
        for part in (0, 1)
    ]
    found = estimate(how, *sides)
    assert found is not None
    return found.low <= effect <= found.high, found.is_clear


def _shock(chance: np.random.Generator) -> np.ndarray:
    """What each day does to scope and control alike: the weekday, and days that resemble the one before."""
    noise, found = 0.0, []
    for day in range(DAYS):
        noise = 0.5 * noise + chance.normal(0, 0.1)
        found.append(SHAPE[day % 7] * np.exp(noise))
    return np.array(found)


def _days(how: Joined, chance: np.random.Generator, rate: float, shock: np.ndarray, effect: float) -> list[Day]:
    days = []
    for level in shock:
        busy = rate * level * (1 + effect if how is Joined.ADDED else 1)
        n = int(chance.poisson(busy * chance.gamma(10, 0.1)))
        if how is Joined.ADDED:
            days.append(Day((1.0,), (float(n),)))
        elif not n:
            days.append(Day())
        elif how is Joined.AVERAGED:
            good = chance.binomial(n, np.clip(0.55 + 0.05 * np.log(level) + effect, 0.02, 0.98))
            days.append(Day((good / n,), (float(n),)))
        else:
            lasted = np.sort(np.exp(chance.normal(np.log(3600 * level**0.3 * (1 + effect)), 0.8, n)))
            days.append(Day(tuple(map(float, lasted)), (1.0,) * n))
    return days
