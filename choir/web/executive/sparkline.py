"""A figure's weeks as a line without axes: which way it goes, at a glance. The figures stand beside it in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 120.0, 28.0, 3.0


@dataclass(frozen=True, slots=True)
class Sparkline:
    """The line's points and where it ends, in a box of WIDTH × HEIGHT; gaps are left out."""

    points: str
    end: tuple[float, float]


def sparkline(values: Sequence[float | None]) -> Sparkline | None:
    """The line of these values, oldest first; None for fewer than two."""
    known = [(at, value) for at, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low, high = min(value for _, value in known), max(value for _, value in known)
    across = (WIDTH - 2 * EDGE) / (len(values) - 1)
    down = (HEIGHT - 2 * EDGE) / (high - low) if high > low else 0.0
    places = [
        (round(EDGE + at * across, 1), round(HEIGHT - EDGE - (value - low) * down if down else HEIGHT / 2, 1))
        for at, value in known
    ]
    return Sparkline(" ".join(f"{x},{y}" for x, y in places), places[-1])
