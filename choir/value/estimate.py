"""From counts and assumptions to a range: pure, so that it can be checked by hand.

Every part of a value is a product: something counted × assumptions (orders × what remains × what we caused). An
assumption is a triangular distribution from low over likely to high, the plainest one that three numbers give
(Johnson 1997, The Statistician 46). Parts that share an assumption share its draws, so that what is unsure once is
unsure in all of them together. The range of a sum is that of its draws (numpy), from the 10th to the 90th percentile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from choir.value.assuming import Key, Range

DRAWS = 20_000
SEED = 1_977  # the same page says the same twice
LOW, HIGH = 0.1, 0.9
Draws = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Term:
    """One part: `base` (what was counted, in money, hours or pieces) times its factors. A cost is taken off. It is
    claimed only if everything it needs has been assumed; `if_known` is used where somebody has said it."""

    base: float
    needs: tuple[Key, ...] = ()
    is_cost: bool = False
    if_known: tuple[Key, ...] = ()

    def missing(self, known: Mapping[Key, Range]) -> list[Key]:
        """What nobody has said a value for."""
        return [one for one in self.needs if one not in known]

    def factors(self, known: Mapping[Key, Range]) -> list[Key]:
        """Every assumption that goes into it."""
        return [*self.needs, *(one for one in self.if_known if one in known)]


@dataclass(frozen=True, slots=True)
class Spread:
    """A result in money: four of five draws lie from low to high, half of them below the middle."""

    low: float
    middle: float
    high: float


NOTHING = Spread(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Swing:
    """How far one assumption alone moves a result, all others as likely: at its low and at its high."""

    key: Key
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        """How much there is between."""
        return abs(self.at_high - self.at_low)


def spread(terms: Sequence[Term], known: Mapping[Key, Range]) -> Spread:
    """The range of a sum of terms; those that lack an assumption are left out."""
    claimed = [one for one in terms if not one.missing(known)]
    if not claimed:
        return NOTHING
    drawn = _drawn({key for one in claimed for key in one.factors(known)}, known)
    total = np.zeros(DRAWS)
    for one in claimed:
        part = np.full(DRAWS, -one.base if one.is_cost else one.base)
        for key in one.factors(known):
            part = part * drawn[key]
        total += part
    low, middle, high = np.quantile(total, [LOW, 0.5, HIGH])
    return Spread(float(low), float(middle), float(high))


def likely(terms: Iterable[Term], known: Mapping[Key, Range], moved: Mapping[Key, float] | None = None) -> float:
    """The sum with every assumption as likely, save those that are moved."""
    total = 0.0
    for one in terms:
        if one.missing(known):
            continue
        part = -one.base if one.is_cost else one.base
        for key in one.factors(known):
            part *= (moved or {}).get(key, known[key].likely)
        total += part
    return total


def tornado(terms: Sequence[Term], known: Mapping[Key, Range]) -> list[Swing]:
    """What matters most: each assumption with what it alone does to the sum, the widest first; those that move
    nothing are left out."""
    claimed = [one for one in terms if not one.missing(known)]
    used = {key for one in claimed for key in one.factors(known) if not known[key].is_sure}
    swings = [
        Swing(key, likely(claimed, known, {key: known[key].low}), likely(claimed, known, {key: known[key].high}))
        for key in used
    ]
    return sorted((one for one in swings if one.width > 0), key=lambda one: (-one.width, one.key.name, str(one.key.of)))


def _drawn(keys: Iterable[Key], known: Mapping[Key, Range]) -> dict[Key, Draws]:
    """Each assumption's draws, which depend on nothing but itself."""
    drawn: dict[Key, Draws] = {}
    for key in keys:
        told = known[key]
        if told.is_sure:
            drawn[key] = np.full(DRAWS, told.likely)
            continue
        words = [ord(letter) for letter in f"{key.name}{key.of or ''}"]
        chance = np.random.default_rng([SEED, *words])
        drawn[key] = chance.triangular(told.low, told.likely, told.high, DRAWS)
    return drawn
