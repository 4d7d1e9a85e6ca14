"""Does a pilot find a difference as seldom where there is none as it says, and as often where there is one?

Invented pilots with known truth, judged by the code that judges real ones: waiting times that are skewed, with some
customers never answered, and shares. With one look at the end, with five looks and O'Brien and Fleming's boundaries,
and (to see what they are for) with five looks and no boundaries but the usual 1.96.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from bench.figures import say
from choir.pilots.boundaries import boundary, dearer
from choir.pilots.comparing import Difference, Measured, compared, lasting, share, sought

PILOTS = 2_000
SIDE = 100  # conversations of each side in a whole pilot
ERROR_RATE, POWER = 0.05, 0.8
USUAL = 1.96
SPREAD, UNANSWERED = 1.2, 0.1  # of the logarithm of waiting; how many are never answered
LIKELY = 0.3

Draw = Callable[[np.random.Generator, int, float], np.ndarray]
Judge = Callable[[np.ndarray], Measured | None]


def _waits(chance: np.random.Generator, n: int, effect: float) -> np.ndarray:
    """Seconds, log-normal around two hours and shifted by the effect; infinite where nobody answers."""
    seconds = np.exp(chance.normal(math.log(7200) + effect, SPREAD, n))
    return np.where(chance.random(n) < UNANSWERED, np.inf, seconds)


def _met(chance: np.random.Generator, n: int, effect: float) -> np.ndarray:
    return chance.random(n) < LIKELY + effect


def _judged_share(side: np.ndarray) -> Measured | None:
    return share(int(side.sum()), len(side))


KINDS: dict[str, tuple[Draw, Judge, bool]] = {
    "times": (_waits, lambda side: lasting(side.tolist()), True),
    "shares": (_met, _judged_share, False),
}


def measure(_conversations: Sequence[int]) -> dict[str, float]:
    """False alarms, power, intervals that hold the truth, and how many conversations five looks spare."""
    figures: dict[str, float] = {}
    for kind in KINDS:
        for name, looks, is_bounded in (
            ("one look", 1, True),
            ("five looks", 5, True),
            ("five looks at 1.96", 5, False),
        ):
            found = _runs(kind, 0.0, looks, is_bounded=is_bounded)
            figures[f"pilot, {kind}, {name}: false alarms"] = found[0]
            if is_bounded:
                found = _runs(kind, _worth(kind, looks), looks, is_bounded=True)
                figures[f"pilot, {kind}, {name}: differences found that were planned for"] = found[0]
                figures[f"pilot, {kind}, {name}: truth inside the range"] = found[1]
                figures[f"pilot, {kind}, {name}: share of the conversations used"] = found[2]
    for name, value in figures.items():
        target = "0.05" if "false" in name else "0.80" if "found" in name else "0.95" if "truth" in name else ""
        say(name, f"{value:.3f}", target)
    return figures


@cache
def _worth(kind: str, looks: int) -> float:
    """The difference that a pilot of this size finds four times in five, by the sample-size calculator."""
    draw, judge, is_relative = KINDS[kind]
    past = judge(draw(np.random.default_rng(0), 5_000, 0.0))
    assert past is not None
    low, high = 0.001, 5.0 if is_relative else 0.6
    for _ in range(50):
        middle = (low + high) / 2
        worth = math.expm1(middle) if is_relative else middle
        found = sought(past, worth=worth, share=0.5, is_relative=is_relative, is_share=not is_relative)
        assert found is not None
        count = found.needed(error_rate=ERROR_RATE, power=POWER) * dearer(looks, ERROR_RATE)
        low, high = (middle, high) if count > 2 * SIDE else (low, middle)
    return high


def _runs(kind: str, effect: float, looks: int, *, is_bounded: bool) -> tuple[float, float, float]:
    """Over many pilots: how often one is found to differ, how often the range at its end holds the truth, and which
    share of the conversations it took."""
    draw, judge, is_relative = KINDS[kind]
    stopped, held, used = 0, 0, 0.0
    for number in range(PILOTS):
        chance = np.random.default_rng([number, looks])
        owner, candidate = draw(chance, SIDE, 0.0), draw(chance, SIDE, effect)
        found, look = _result(owner, candidate, judge, looks, is_bounded=is_bounded, is_relative=is_relative)
        used += look / looks
        if found is None:
            continue
        truth = math.expm1(effect) if is_relative else effect
        held += found.low <= truth <= found.high
        stopped += found.low > 0 or found.high < 0
    return stopped / PILOTS, held / PILOTS, used / PILOTS


def _result(
    owner: np.ndarray, candidate: np.ndarray, judge: Judge, looks: int, *, is_bounded: bool, is_relative: bool
) -> tuple[Difference | None, int]:
    """What the look found that ended it, and its number."""
    found = None
    times = [one / looks for one in range(1, looks + 1)]
    for number in range(1, looks + 1):
        n = SIDE * number // looks
        edge = boundary(times[:number], times[:number], ERROR_RATE) if is_bounded else USUAL
        found = compared(judge(owner[:n]), judge(candidate[:n]), boundary=edge, is_relative=is_relative)
        if found is not None and abs(found.z) >= edge:
            return found, number
    return found, looks
