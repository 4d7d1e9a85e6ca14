"""How much a figure changed after a decision, beside what it did where nothing was decided: pure arithmetic.

Difference in differences: what the scope changed from before to after, less what the control changed over the same
days, so that a quiet week or a strike counts for both (Angrist & Pischke, Mostly Harmless Econometrics, 2009, ch. 5).
Shares are compared in points; counts and durations as ratios, because scopes differ in size. The interval comes from
drawing whole days anew, the same days for scope and control, for what happens on a day happens to all of its rows
together (Cameron, Gelbach & Miller, Review of Economics and Statistics 90, 2008). It holds the truth in four of five
cases if, without the decision, both would have gone the same way; `drift` asks the weeks before whether they did.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from choir.measurement.days import Day, Joined, sketch, together_by

Floats = NDArray[np.float64]
DRAWS = 400
SEED = 11
FEWEST_ROWS = 20
FEWEST_DAYS = 7
LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True, slots=True)
class Side:
    """The days of a scope and of its control (empty: none), one for one."""

    scope: Sequence[Day]
    control: Sequence[Day]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Before and after in the metric's unit, the control's, and the effect with the range that holds it in four of five
    cases: in points for shares, as a relative change (-0.2: a fifth less) where `is_relative`. `drift_low` and
    `drift_high` are the same between the two halves of the time before, when nothing had been decided."""

    before: float
    after: float
    control_before: float | None
    control_after: float | None
    effect: float
    low: float
    high: float
    n_before: int
    n_after: int
    is_relative: bool
    drift_low: float | None
    drift_high: float | None

    @property
    def is_clear(self) -> bool:
        """Whether the range leaves out “no effect”."""
        return self.low > 0 or self.high < 0

    @property
    def drifted(self) -> bool:
        """Whether scope and control went different ways already before: then the effect is in doubt."""
        return (
            self.drift_low is not None and self.drift_high is not None and (self.drift_low > 0 or self.drift_high < 0)
        )


def estimate(how: Joined, before: Side, after: Side, *, fraction: float = 0.5) -> Estimate | None:
    """The effect; None where too little happened to say anything."""
    counts = [int(sum(day.n for day in side.scope)) for side in (before, after)]
    if min(counts) < FEWEST_ROWS or min(len(before.scope), len(after.scope)) < FEWEST_DAYS:
        return None
    found = _difference(how, before, after, fraction)
    if found is None:
        return None
    levels, effect, low, high, is_relative = found
    half = len(before.scope) // 2
    halves = [Side(before.scope[part], before.control[part]) for part in (slice(0, half), slice(half, None))]
    early = _difference(how, halves[0], halves[1], fraction) if before.control and half >= FEWEST_DAYS else None
    return Estimate(
        before=levels[0],
        after=levels[1],
        control_before=levels[2],
        control_after=levels[3],
        effect=effect,
        low=low,
        high=high,
        n_before=counts[0],
        n_after=counts[1],
        is_relative=is_relative,
        drift_low=early[2] if early else None,
        drift_high=early[3] if early else None,
    )


Levels = tuple[float, float, float | None, float | None]


def _difference(
    how: Joined, before: Side, after: Side, fraction: float
) -> tuple[Levels, float, float, float, bool] | None:
    chance, sides = np.random.default_rng(SEED), (before, after)
    draws = [_draws(chance, len(side.scope)) for side in sides]
    has_control = bool(before.control) and bool(after.control)
    scope = [_levels(how, side.scope, draw, fraction) for side, draw in zip(sides, draws, strict=True)]
    control = [
        _levels(how, side.control, draw, fraction) for side, draw in zip(sides, draws, strict=True) if has_control
    ]
    is_relative = how is not Joined.AVERAGED
    changes = _changes(scope, control, is_relative=is_relative)
    # As they were, durations are the figure that pages have; drawn, they are sketches of it.
    levels = [_known(how, side.scope, found, fraction) for side, found in zip(sides, scope, strict=True)]
    beside = [_known(how, side.control, found, fraction) for side, found in zip(sides, control, strict=False)]
    effect = float(_changes(levels, beside, is_relative=is_relative)[0])
    fine = changes[1:][np.isfinite(changes[1:])]
    if not np.isfinite([effect, changes[0]]).all() or fine.size < DRAWS // 2:
        return None
    spread = (fine - changes[0]) * _widened(min(len(before.scope), len(after.scope)))
    low, high = (float(one) for one in effect + np.quantile(spread, [LOW, HIGH]))
    if is_relative:
        effect, low, high = (float(np.expm1(one)) for one in (effect, low, high))
    others = (float(beside[0][0]), float(beside[1][0])) if beside else (None, None)
    return (float(levels[0][0]), float(levels[1][0]), *others), effect, low, high, is_relative


def _changes(scope: Sequence[Floats], control: Sequence[Floats], *, is_relative: bool) -> Floats:
    """What changed in the scope, less what changed in the control; nan where a draw has nothing to compare."""
    step: Callable[[Floats, Floats], Floats] = _ratio if is_relative else _gap
    with np.errstate(invalid="ignore"):  # a draw in which nothing took any time has no ratio, and is left out
        return step(scope[0], scope[1]) - step(control[0], control[1]) if control else step(scope[0], scope[1])


def _known(how: Joined, days: Sequence[Day], found: Floats, fraction: float) -> Floats:
    """The figure of the days as they were."""
    exact = together_by(how, days, fraction=fraction) if how is Joined.RANKED else None
    return np.array([found[0] if exact is None else exact])


def _widened(days: int) -> float:
    """Drawing days anew understates by one day's worth, and knows how far they spread from these days alone: Student's
    quantile over the normal's (Abramowitz & Stegun 26.7.5, first term)."""
    normal = NormalDist().inv_cdf(HIGH)
    return math.sqrt(days / (days - 1)) * (1 + (normal**2 + 1) / (4 * (days - 1)))


def _ratio(first: Floats, second: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.log(second) - np.log(first)
    return found


def _gap(first: Floats, second: Floats) -> Floats:
    return second - first


def _draws(chance: np.random.Generator, days: int) -> Floats:
    """How often each day is drawn: first the days as they were, then as many rows as there are draws."""
    drawn = chance.multinomial(days, np.full(days, 1 / days), size=DRAWS).astype(float)
    return np.vstack([np.ones(days), drawn])


def _levels(how: Joined, days: Sequence[Day], drawn: Floats, fraction: float) -> Floats:
    """The figure of the days as they were and of each draw of them; nan where a draw has no row."""
    if how is Joined.ADDED:
        counted = np.array([day.n for day in days])
        daily: Floats = (drawn @ counted) / drawn.sum(axis=1)
        return daily
    days = [sketch(day) for day in days] if how is Joined.RANKED else days
    place = np.array([number for number, day in enumerate(days) for _ in day.values], dtype=int)
    values = np.array([value for day in days for value in day.values])
    weights = np.array([weight for day in days for weight in day.weights])
    if not values.size:
        return np.full(len(drawn), np.nan)
    weighed = drawn[:, place] * weights
    total = weighed.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        if how is not Joined.RANKED:
            averaged: Floats = (weighed @ values) / total
            return averaged
        order = np.argsort(values, kind="stable")
        reached = np.cumsum(weighed[:, order], axis=1)
        at = (reached < (fraction * total)[:, None]).sum(axis=1)
    ranked: Floats = np.where(total > 0, values[order][np.minimum(at, values.size - 1)], np.nan)
    return ranked
