"""Figures as the committee's sentences say them: to as many places as the pages that they open."""

from __future__ import annotations

from choir.administration.changes import length
from choir.measurement.metric import Metric, Unit


def said(metric: Metric | None, value: float | None) -> str:
    """A value in the metric's unit, in words."""
    if value is None or metric is None:
        return "nothing yet"
    if metric.unit == Unit.SHARE:
        return f"{100 * value:.1f}".removesuffix(".0") + " %"
    if metric.unit == Unit.NET:
        return f"{signed(100 * value)} points"
    if metric.unit == Unit.SECONDS:
        return length(int(value))
    places = {Unit.EACH: 1, Unit.MONEY: 2}.get(metric.unit, 0)
    return f"{value:,.{places}f}"


def changed(metric: Metric | None, value: float, *, is_relative: bool) -> str:
    """A difference: points for shares, per cent of what it was for the rest."""
    word = "%" if is_relative else "points"
    return f"{signed(100 * value)} {word}" if metric is not None else ""


def signed(value: float) -> str:
    """A whole number with its sign, less than nothing with a minus and not a hyphen: “−5”, “+12”."""
    return f"{value:+.0f}".replace("-", "−")
