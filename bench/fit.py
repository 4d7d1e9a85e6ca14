"""Is the chance of being best what it says, and does choosing by it lose less than choosing the highest average?

Invented organisations with known truth: three to seven departments, from three to six hundred conversations each, and
harder work given to some of them than to others.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from bench.figures import say
from choir.strategy.fit import Fit, Handled, fits

ORGANISATIONS = 200
HARD = np.array([0.0, -0.8, 0.5])


def measure(_conversations: Sequence[int]) -> dict[str, float]:
    """Regret of both ways in percentage points, coverage, and how chances turned out."""
    lost: dict[str, list[float]] = defaultdict(list)
    held, said, was_best = [], [], []
    for number in range(ORGANISATIONS):
        chance = np.random.default_rng(number)
        handled, truth = organisation(chance)
        ids = list(truth)
        found = fits(handled, ids, ids[0])
        best = max(truth.values())
        lost["fit"].append(best - truth[found[0].department_id])
        lost["average"].append(best - truth[highest_average(found)])
        for one in found:
            said.append(one.chance_best)
            was_best.append(truth[one.department_id] == best)
            if one.against_owner:
                held.append(one.against_owner.low <= truth[one.department_id] - truth[ids[0]] <= one.against_owner.high)
    figures = {
        "best fit: points lost by choosing the likeliest best": 100 * float(np.mean(lost["fit"])),
        "best fit: points lost by choosing the highest average": 100 * float(np.mean(lost["average"])),
        "best fit: differences inside their interval": float(np.mean(held)),
        "best fit: calibration error of the chance to be best": _calibration(np.array(said), np.array(was_best)),
    }
    for name, value in figures.items():
        say(name, f"{value:.3f}", "0.80" if "interval" in name else "")
    return figures


def organisation(chance: np.random.Generator) -> tuple[list[Handled], dict[uuid.UUID, float]]:
    """Its conversations, and the share that would truly go well with each department on the whole mix."""
    count = int(chance.integers(3, 8))
    ids = [uuid.UUID(int=int(chance.integers(2**62)) * 7 + number) for number in range(count)]
    level, effects = chance.normal(0.6, 0.4), chance.normal(0, 0.5, count)
    sizes = np.exp(chance.uniform(np.log(3), np.log(600), count)).astype(int)
    given = [chance.dirichlet([2, 2, 2]) for _ in ids]
    handled = []
    for one, effect, size, mix in zip(ids, effects, sizes, given, strict=True):
        for sort in chance.choice(3, size=size, p=mix):
            likely = 1 / (1 + np.exp(-(level + effect + HARD[sort])))
            handled.append(Handled(one, bool(chance.random() < likely), (f"sort {sort}",)))
    whole = np.average(given, axis=0, weights=sizes)
    truth = {
        one: float((whole / (1 + np.exp(-(level + effect + HARD)))).sum())
        for one, effect in zip(ids, effects, strict=True)
    }
    return handled, truth


def highest_average(found: Sequence[Fit]) -> uuid.UUID:
    """The department with the highest plain share."""
    return max(found, key=lambda one: one.went_well / one.n if one.n else 0).department_id


def _calibration(said: np.ndarray, was: np.ndarray) -> float:
    """Expected calibration error over ten equally wide bins."""
    places = np.minimum((said * 10).astype(int), 9)
    error = sum(abs(said[places == place].sum() - was[places == place].sum()) for place in range(10))
    return float(error) / len(said)
