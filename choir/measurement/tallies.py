"""Reading tallies: which questions they answer, and which of a question's days.

Tallies are kept of every metric by day of the organisation's time zone: in all, and by each one dimension. A question
narrowed twice, to a topic or a theme, or of days that begin at another moment is answered from rows; so are the running
day and the days whose tallies are stale. Either way the figure is the same.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Sum

from choir.measurement.counting import Part, Place, Run, put_together
from choir.measurement.metric import TALLIED, Metric
from choir.measurement.models import Progress, Tally
from choir.measurement.question import DAY, NOT, NOT_TALLIED, Held, Period, Question, midnight
from choir.measurement.spread import unpacked


def held(workspace_id: uuid.UUID) -> Held:
    """What is tallied of a workspace."""
    return held_by(Progress.objects.filter(workspace_id=workspace_id).first())


def held_by(progress: Progress | None) -> Held:
    """What is tallied of a workspace, by its progress."""
    if progress is None or progress.tallied_first is None or progress.tallied_last is None:
        return NOT_TALLIED
    stale = frozenset(progress.stale_days)
    return Held(ZoneInfo(progress.tallied_in), progress.tallied_first, progress.tallied_last, stale)


@dataclass(frozen=True, slots=True)
class Cells:
    """The tallies that a question reads: of one dimension, of some of its keys (None: all)."""

    dimension: str
    keys: frozenset[str] | None


def cells(metric: Metric, asked: Question, by: str | None) -> Cells | None:
    """Which tallies answer it; None where none do."""
    narrowed, mine = dict(asked.narrowed), asked.departments
    if not metric.is_tallied or len(narrowed) > 1 or (mine is not None and metric.also_seen_by):
        return None
    if any(name is not None and name not in TALLIED for name in (by, *narrowed)):
        return None
    if narrowed:
        ((dimension, value),) = narrowed.items()
        if value.startswith(NOT):
            return None
        is_mine = mine is None or (dimension == "department" and value in {str(one) for one in mine})
        return Cells(dimension, frozenset({_key(value)})) if is_mine and by in (None, dimension) else None
    if mine is not None:
        return Cells("department", frozenset(map(str, mine))) if by in (None, "department") else None
    return Cells(by or "", None)


def _key(value: str) -> str:
    return "" if value == "none" else value


def days_held(asked: Question) -> frozenset[dt.date]:
    """The whole days of the period whose tallies hold."""
    return _days_held(asked.held or held(asked.workspace_id), asked.period)


@lru_cache(maxsize=64)
def _days_held(known: Held, period: Period) -> frozenset[dt.date]:
    return frozenset(
        day
        for day in period.days
        if known.holds(day)
        and midnight(day + DAY, period.zone) <= period.end
        and known.begins_with(day, period.zone)
        and known.begins_with(day + DAY, period.zone)
    )


@lru_cache(maxsize=64)
def runs_without(days: frozenset[dt.date], period: Period) -> tuple[Run, ...]:
    """The stretches of the period that no such day covers, to be counted from rows."""
    runs: list[Run] = []
    for day in period.days:
        if day in days:
            continue
        start, end = midnight(day, period.zone), min(midnight(day + DAY, period.zone), period.end)
        if start >= end:
            continue
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return tuple(runs)


def tallied_at_once(metrics: Sequence[Metric], asked: Question) -> dict[str, Part]:
    """What the tallies of the whole period add up to, of each metric that they answer and that has no durations: one
    query for all of them."""
    days, found = days_held(asked), dict[str, Part]()
    answered = [(one, read) for one in metrics if not one.durations and (read := cells(one, asked, None)) is not None]
    if not answered or not days:
        return found
    rows = _rows(asked, answered[0][1], days).filter(metric__in=[one.slug for one, _ in answered])
    for one in rows.order_by().values("metric").annotate(**SUMS):
        found[one["metric"]] = _summed_part(one)
    return {one.slug: found.get(one.slug, Part()) for one, _ in answered}


def tallied(
    metric: Metric, asked: Question, read: Cells, days: frozenset[dt.date], *, by: str | None, daily: bool
) -> dict[Place, Part]:
    """What the tallies of these days add up to, by day and by key where that is asked for."""
    if not days:
        return {}
    found = _rows(asked, read, days).filter(metric=metric.slug)
    groups = [*(["day"] if daily else []), *(["key"] if by else [])]
    if not metric.durations:
        return _summed(found.order_by(), groups, by)
    parts: dict[Place, list[Part]] = {}
    kept = "business" if asked.hours == "business" and metric.has_hours else "calendar"
    for day, key, n, spread in found.values_list("day", "key", "n", kept):
        place = (day if daily else None, key_of(by, key) if by else None)
        parts.setdefault(place, []).append(Part(n, 0, 0, (unpacked(bytes(spread)),)))
    return {place: put_together(some) for place, some in parts.items()}


def _rows(asked: Question, read: Cells, days: frozenset[dt.date]) -> QuerySet[Tally]:
    """The tallies of these days, of every metric."""
    first, last = min(days), max(days)
    found = Tally.objects.filter(workspace_id=asked.workspace_id, dimension=read.dimension, day__range=(first, last))
    gaps = {first + number * DAY for number in range((last - first).days + 1)} - days
    if gaps:
        found = found.exclude(day__in=gaps)
    return found if read.keys is None else found.filter(key__in=read.keys)


SUMS = {"all_n": Sum("n"), "all_met": Sum("met"), "all_against": Sum("against")}


def _summed(found: QuerySet[Tally], groups: list[str], by: str | None) -> dict[Place, Part]:
    grouped: Any = found.values(*groups).annotate(**SUMS) if groups else [found.aggregate(**SUMS)]
    return {(one.get("day"), key_of(by, one["key"]) if by else None): _summed_part(one) for one in grouped}


def _summed_part(one: Mapping[str, Any]) -> Part:
    return Part(one["all_n"] or 0, int(one["all_met"] or 0), int(one["all_against"] or 0))


def key_of(dimension: str, kept: str) -> Any:
    """A tally's key as rows have it: an id, a language, a campaign; None where there is none yet."""
    if dimension == "language":
        return kept
    if dimension == "campaign":
        return kept or None
    return uuid.UUID(kept) if kept else None
