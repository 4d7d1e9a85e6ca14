"""A sentence of a brief: words in their order, of which some open the rows they rest on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from choir.executive.weeks import Looked, Trend
from choir.governance.agenda.raised import Fact
from choir.governance.wording import said
from choir.measurement.figures import SMALL, Figure
from choir.measurement.metric import Metric, Unit

FEW = 20  # of a count before: below it a difference is told in numbers, not in per cent
NOTABLE = 1.0  # standard deviations from what is usual, below which a week is like the others


@dataclass(frozen=True, slots=True)
class Sentence:
    """What one rule has to say. `group` is what it is about: a brief says one thing about each. `weight` is how much it
    matters: standard deviations from what is usual, or as much as the rule thinks it is worth. `is_good` is None where
    it is neither."""

    group: str
    parts: tuple[Fact, ...]
    weight: float
    is_good: bool | None = None

    @property
    def words(self) -> str:
        """The whole of it."""
        return "".join(one.words for one in self.parts)

    def kept(self) -> dict[str, Any]:
        """As it stands in a brief."""
        return {"group": self.group, "is_good": self.is_good, "parts": [one.kept() for one in self.parts]}


Rule = Callable[[Looked], "Sentence | None"]


def opening(looked: Looked, words: str, metric: str, **narrowed: object) -> Fact:
    """Words that open the figure behind them, in the week that is told of."""
    return Fact(words, "metric", {"metric": metric, **looked.values(**narrowed)})


def plain(words: str) -> Fact:
    """Words that open nothing."""
    return Fact(words)


def moved(
    trend: Trend, more: str = "more", less: str = "less", most: str = "the most", least: str = "the least"
) -> str:
    """How the week stands beside the one before and the eight before: “12 % more than the week before, more than in any
    of the eight weeks before”; "as in the weeks before" where nothing notable moved."""
    now, before = trend.now, trend.before
    if now.value is None or before.value is None:
        return "with nothing before to compare it with"
    if abs(trend.unusual) < NOTABLE and _size(trend.metric, now, before) in ("", "0 %", "0 points"):
        return "as in the week before"
    word = more if now.value > before.value else less
    size = _size(trend.metric, now, before)
    told = f"{size} {word} than the week before" if size else "as in the week before"
    if trend.is_record and not now.is_small:
        return f"{told} and {most if trend.is_record == 'most' else least} in nine weeks"
    return told


def _size(metric: Metric, now: Figure, before: Figure) -> str:
    difference = abs((now.value or 0.0) - (before.value or 0.0))
    if metric.unit == Unit.COUNT:
        if (before.value or 0) >= FEW:
            return f"{100 * difference / (before.value or 1):.0f} %"
        return f"{difference:.0f}" if difference else ""
    if metric.unit == Unit.SECONDS:
        return said(metric, difference) if difference >= 60 else ""
    points = f"{100 * difference:.0f}"
    return f"{points} {'point' if points == '1' else 'points'}"


def is_enough(figures: Sequence[Figure]) -> bool:
    """Whether each rests on so many rows that it says something."""
    return all(one.n >= SMALL for one in figures)
