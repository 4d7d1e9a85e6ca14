"""Durations kept so that days can be put together: exactly while they are few, rounded to a fine grid beyond that.

A day's durations of one department and so on are whole seconds with how often each occurs. Up to `EXACT` of them are
kept as they are. More are rounded to a geometric grid, as in DDSketch (Masson, Rim & Lee, VLDB 2019): values up to
`FINE` seconds stay, longer ones move by at most `WITHIN` of themselves. Putting spreads together adds counts, so any
quantile of any number of days is exact while each of them is, and else within 1 % of what the rows say.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
EXACT = 1_000
FINE = 200
WITHIN = 0.005
_GROWTH = (1 + WITHIN) / (1 - WITHIN)


@dataclass(frozen=True, slots=True)
class Spread:
    """Durations in whole seconds, ascending, each with its count."""

    values: Whole
    counts: Whole

    @property
    def n(self) -> int:
        """How many durations it holds."""
        return int(self.counts.sum())

    def quantile(self, fraction: float) -> float | None:
        """The value below which this share lies, interpolated between neighbours as PostgreSQL's percentile_cont does;
        None of nothing."""
        return quantile(self.values, self.counts, fraction) if self.n else None

    def packed(self) -> bytes:
        """As it is kept in a row; at most a few bytes a duration, empty for nothing."""
        return np.concatenate([self.values, self.counts]).astype("<i4").tobytes()


NOTHING = Spread(np.empty(0, np.int64), np.empty(0, np.int64))


def quantile(values: NDArray[Any], counts: NDArray[Any], fraction: float) -> float:
    """The value below which this share of the rows lies, of ascending values with how many rows each stands for."""
    reached = np.cumsum(counts)
    place = fraction * max(0.0, float(reached[-1]) - 1)
    ranks = [math.floor(place), math.ceil(place)]
    low, high = (float(one) for one in values[np.searchsorted(reached, ranks, side="right").clip(max=len(values) - 1)])
    return low + (place - ranks[0]) * (high - low)


def spread_of(seconds: Iterable[float]) -> Spread:
    """The spread of single durations, exact."""
    values, counts = np.unique(np.rint(np.fromiter(seconds, float)).astype(np.int64), return_counts=True)
    return Spread(values, counts.astype(np.int64))


def rounded(spread: Spread) -> Spread:
    """What is kept of it: itself while it holds few durations, else on the grid."""
    if spread.n <= EXACT:
        return spread
    return _added(_on_grid(spread.values), spread.counts)


def unpacked(kept: bytes) -> Spread:
    """The reverse of `packed`."""
    both = np.frombuffer(kept, "<i4").astype(np.int64)
    half = len(both) // 2
    return Spread(both[:half], both[half:])


def together(spreads: Iterable[Spread]) -> Spread:
    """Several put together."""
    parts = [one for one in spreads if len(one.values)]
    if not parts:
        return NOTHING
    if len(parts) == 1:
        return parts[0]
    return _added(np.concatenate([one.values for one in parts]), np.concatenate([one.counts for one in parts]))


def _added(values: Whole, counts: Whole) -> Spread:
    """Equal values made one."""
    distinct, places = np.unique(values, return_inverse=True)
    return Spread(distinct, np.bincount(places, weights=counts).astype(np.int64))


def _on_grid(values: Whole) -> Whole:
    """Each value moved to the middle of its step of the grid."""
    steps = np.ceil(np.log(np.maximum(values, 1)) / math.log(_GROWTH))
    middles = np.rint(2 * _GROWTH**steps / (_GROWTH + 1)).astype(np.int64)
    return np.where(values <= FINE, values, middles)
