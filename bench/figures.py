"""Saying a figure, and what it is beside."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence


def say(name: str, value: str, beside: str = "") -> None:
    """One line: what was measured, what came out, what to hold it against."""
    sys.stdout.write(f"{name:<58} {value:>22}   {beside}\n")
    sys.stdout.flush()


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)
