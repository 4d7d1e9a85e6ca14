"""How far from nothing a difference must be to stop a pilot, look by look. Pure arithmetic.

With one look it is the usual normal quantile (1.96 for one error in twenty). With several, looking often would find
something by chance; the error is therefore spent little by little, hardly any at first, as O'Brien and Fleming
(Biometrics 35, 1979) would: at a fraction t of the time, 2 − 2Φ(z/√t) is spent on each side (Lan & DeMets, Biometrika
70, 1983; by time rather than information, Lan & DeMets, Biometrics 45, 1989). Each boundary solves that the chance to
cross it first there is what is spent there, by stepwise integration over what was seen so far (Armitage, McPherson &
Rowe, JRSS A 132, 1969), with the information that there really was. For five even looks: 4.88, 3.36, 2.68, 2.29, 2.03.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NORMAL = NormalDist()
POINTS = 601  # of the grid over what was seen; an even number of steps, for Simpson's rule
FARTHEST = 12.0


def spent(fraction: float, error_rate: float) -> float:
    """How much of the error may be spent by a fraction of the time."""
    if fraction >= 1:
        return error_rate
    return 4 - 4 * NORMAL.cdf(NORMAL.inv_cdf(1 - error_rate / 4) / fraction**0.5)


def boundary(times: Sequence[float], information: Sequence[float], error_rate: float) -> float:
    """The boundary of the last of some looks, in standard errors, two-sided. `times` are the fractions of the planned
    time of the looks so far, `information` what was known at each (any unit: what counts is how it grew)."""
    return _boundaries(tuple(times), tuple(information), error_rate)[-1]


def dearer(looks: int, error_rate: float) -> float:
    """How many times as many conversations a pilot needs that is looked at so often at even times: its last boundary is
    a little further out than with one look."""
    times = [one / looks for one in range(1, looks + 1)]
    return (boundary(times, times, error_rate) / boundary([1.0], [1.0], error_rate)) ** 2


@lru_cache(maxsize=256)
def _boundaries(times: tuple[float, ...], information: tuple[float, ...], error_rate: float) -> tuple[float, ...]:
    found: list[float] = []
    grid, density = np.zeros(1), np.ones(1)  # where the sum stands, and how likely it is there, of those that went on
    before = 0.0
    for number, time in enumerate(times):
        spend = spent(time, error_rate) - (spent(times[number - 1], error_rate) if number else 0.0)
        step = max(information[number] - before, 1e-9 * information[-1])
        before = before + step
        edge = _solved(grid, density, step**0.5, before**0.5, max(spend, 1e-12))
        found.append(edge)
        inside = np.linspace(-edge, edge, POINTS) * before**0.5
        weights = density * _simpson(grid)
        away = (inside[:, None] - grid[None, :]) / step**0.5
        density = (np.exp(-(away**2) / 2) / np.sqrt(2 * np.pi) / step**0.5) @ weights
        grid = inside
    return tuple(found)


def _solved(grid: Floats, density: Floats, step: float, scale: float, spend: float) -> float:
    """The edge that is crossed with just that chance, by halving."""
    weights = density * _simpson(grid)
    low, high = 0.0, FARTHEST
    for _ in range(60):
        middle = (low + high) / 2
        beyond = [_upper((middle * scale - side * grid) / step) for side in (1, -1)]
        if float(weights @ (beyond[0] + beyond[1])) > spend:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@cache
def _tails() -> tuple[Floats, Floats]:
    places = np.arange(-40.0, 14.0, 0.005)
    return places, np.array([math.log(max(NORMAL.cdf(-one), 1e-300)) for one in places])


def _upper(z: Floats) -> Floats:
    """The normal distribution's upper tail, read from a table of its logarithms, good to five digits."""
    found: Floats = np.exp(np.interp(z, *_tails()))
    return found


def _simpson(grid: Floats) -> Floats:
    if grid.size == 1:
        return np.ones(1)
    weights = np.full(grid.size, 2.0)
    weights[1::2] = 4.0
    weights[0] = weights[-1] = 1.0
    found: Floats = weights * (grid[1] - grid[0]) / 3
    return found
