"""Whether the last hours are a spike. Pure.

A stretch of one and one of six hours, both ending now, are held against what is usual. A spike is a count that is
unlikely enough, at least twice what is usual, further out than the query's own days are but for one in very many, and
not just a handful: a query alarms falsely in about one week of ten at most (`FALSE_ALARMS`). It is over when the last
hour is no more remarkable than one in twenty. `bin/bench listening` measures how often that alarms falsely, and how
soon spikes of each size are found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from choir.listening.expecting import LENGTHS, Usual, chance_of

SELDOM = 2e-5
OVER = 0.05
HANDFUL = 5
TIMES = 2.0


@dataclass(frozen=True, slots=True)
class Look:
    """One stretch ending now: how many hours, how many mentions, how many are usual, the chance of so many, and whether
    that is further out than the query's history has been."""

    length: int
    count: int
    expected: float
    chance: float
    is_unheard_of: bool = True

    @property
    def is_spike(self) -> bool:
        """Whether it is told."""
        is_much = self.count >= max(HANDFUL, TIMES * self.expected)
        return is_much and self.chance < SELDOM and self.is_unheard_of

    @property
    def is_over(self) -> bool:
        """Whether it is back to what is usual."""
        return self.count < HANDFUL or self.chance > OVER


def looks(usual: Usual, counts: Mapping[int, int], *, hour: int, minute: int) -> list[Look]:
    """Each of LENGTHS ending at a minute of an hour of the week. `counts` are the mentions of the last so many hours,
    to the minute, by length."""
    found = []
    for length in LENGTHS:
        parts = [(hour, minute / 60), *((hour - back, 1.0) for back in range(1, length))]
        parts.append((hour - length, 1 - minute / 60))
        mean, relative = usual.of(parts, length)
        count = counts[length]
        is_unheard_of = usual.is_unheard_of(count, mean, length)
        found.append(Look(length, count, mean, chance_of(count, mean, relative), is_unheard_of))
    return found


def worst(found: list[Look]) -> Look | None:
    """The look that tells of a spike, the least likely one; None where none does."""
    return min((one for one in found if one.is_spike), key=lambda one: one.chance, default=None)
