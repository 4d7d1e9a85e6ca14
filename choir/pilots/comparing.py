"""Two sides of a pilot compared: the difference with its range. Pure arithmetic.

Durations: medians, as a ratio, because waiting is skewed; the error of each median's logarithm from its order
statistics (Price & Bonett, Journal of Statistical Computation and Simulation 68, 2001), which asks for no shape. Who
still waits counts as longer than all who were answered. Shares: in points, with one success and one failure added to
each side, which holds what it promises for small numbers too (Agresti & Caffo, The American Statistician 54, 2000).
Means: by Welch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NORMAL = NormalDist()
FEWEST = 8  # of each side; with fewer nothing is said
ADDED = 2  # conversations that each side of a share is widened by
LONG = 300  # with more, the binomial is as good as normal


@dataclass(frozen=True, slots=True)
class Measured:
    """One side's figure: its value, the same on the scale on which sides are compared, its error there, and of how
    many."""

    value: float
    compared: float
    error: float
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Candidate against owner. `effect` and its range are points for shares, a difference for means, and for durations
    (`is_relative`) how much longer: -0.3 is a third shorter. `z` is the difference in standard errors."""

    owner: float
    candidate: float
    effect: float
    low: float
    high: float
    z: float
    n_owner: int
    n_candidate: int
    is_relative: bool


def lasting(seconds: Sequence[float]) -> Measured | None:
    """The median of durations; infinite where something still lasts. None with too few or where most last."""
    values = np.sort(np.maximum(np.array(seconds, dtype=float), 1.0))
    n = values.size
    if n < FEWEST:
        return None
    place = max(1, round((n + 1) / 2 - math.sqrt(n)))
    low, high = values[place - 1], values[n - place]
    middle = float(np.median(values))
    if not math.isfinite(high) or not math.isfinite(middle):
        return None
    error = (math.log(high) - math.log(low)) / (2 * _width(place, n))
    return Measured(middle, math.log(middle), max(error, 1e-6), n)


def _width(place: int, n: int) -> float:
    """How many standard errors above the median the order statistic is that leaves out `place` - 1 on its side."""
    if n > LONG:
        return (n / 2 - place + 0.5) / (math.sqrt(n) / 2)
    below = sum(math.comb(n, number) for number in range(place)) / 2**n
    return NORMAL.inv_cdf(1 - below)


def share(met: int, n: int) -> Measured | None:
    """A share of some."""
    if n < FEWEST:
        return None
    drawn = (met + 1) / (n + ADDED)
    return Measured(met / n, drawn, math.sqrt(drawn * (1 - drawn) / (n + ADDED)), n)


def mean(values: Sequence[float]) -> Measured | None:
    """A mean of some."""
    n = len(values)
    if n < FEWEST:
        return None
    middle, spread = float(np.mean(values)), float(np.std(values, ddof=1))
    return Measured(middle, middle, max(spread / math.sqrt(n), 1e-9), n)


def compared(
    owner: Measured | None, candidate: Measured | None, *, boundary: float, is_relative: bool
) -> Difference | None:
    """The difference with its range of `boundary` standard errors each way: at the look for which the boundary is, the
    range leaves out “no difference” just when the pilot may stop (repeated confidence intervals: Jennison & Turnbull,
    JRSS B 51, 1989)."""
    if owner is None or candidate is None:
        return None
    effect = candidate.compared - owner.compared
    error = math.hypot(owner.error, candidate.error)
    bounds = [effect - boundary * error, effect, effect + boundary * error]
    low, middle, high = (math.expm1(min(one, 50.0)) for one in bounds) if is_relative else bounds
    return Difference(
        owner=owner.value, candidate=candidate.value, effect=middle, low=low, high=high, z=effect / error,
        n_owner=owner.n, n_candidate=candidate.n, is_relative=is_relative,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sought:
    """What a pilot is to find: a true `difference` on the scale of comparison, the error that one conversation alone
    would have on the owner's and on the candidate's side, which part of them goes to the candidate (`share`), and
    how many conversations each side is drawn in vain (two for shares: a success and a failure are added to each)."""

    difference: float
    noise: float
    candidate_noise: float
    share: float
    in_vain: int = 0

    def needed(self, *, error_rate: float, power: float) -> int:
        """How many conversations it needs in all to be found with that chance."""
        reach = NORMAL.inv_cdf(1 - error_rate / 2) + NORMAL.inv_cdf(power)
        return math.ceil((reach / self.difference) ** 2 * self._spread) + 2 * self.in_vain

    def power(self, *, error_rate: float, n: float) -> float:
        """The chance that so many conversations find it."""
        error = math.sqrt(self._spread / max(1, n - 2 * self.in_vain))
        return NORMAL.cdf(abs(self.difference) / error - NORMAL.inv_cdf(1 - error_rate / 2))

    @property
    def _spread(self) -> float:
        return self.noise**2 / (1 - self.share) + self.candidate_noise**2 / self.share


def sought(measured: Measured, *, worth: float, share: float, is_relative: bool, is_share: bool) -> Sought | None:
    """What a pilot is to find in a scope whose past is `measured`: `worth` is how much better or worse would matter. A
    share that moves towards a half varies more, so its candidate's side is taken as it would be then."""
    difference = abs(math.log1p(worth)) if is_relative and worth > -1 else abs(worth)
    if not difference:
        return None
    noise = measured.error * math.sqrt(measured.n)
    if not is_share:
        return Sought(difference, noise, noise, share)
    then = min(max(measured.value + worth, 0.02), 0.98)
    return Sought(difference, noise, math.sqrt(then * (1 - then)), share, in_vain=ADDED)
