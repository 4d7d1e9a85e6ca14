"""Asking metrics: a figure, by day, by department and so on, against the period before, and the rows behind it.

What a question adds up to is read from daily tallies as far as they hold and counted from the metric's own rows
elsewhere, with the same narrowing, so that a total, its split and the rows that a page, an export or the API lists
cannot disagree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q, QuerySet

from choir.measurement.counting import EMPTY, Part, Place, counted, counted_by_each, put_together
from choir.measurement.hours import hourly, is_by_hour
from choir.measurement.metric import Lasting, Metric, Net, Portion, Ratio, Share, Standing, Summed
from choir.measurement.question import NOT, Question
from choir.measurement.tallies import cells, days_held, runs_without, tallied, tallied_at_once

SMALL = 20  # fewer rows than this say little; pages say so


@dataclass(frozen=True, slots=True)
class Figure:
    """A value in the metric's unit (None: nothing to count), the number of rows it rests on, and for durations the
    90th percentile beside the median."""

    value: float | None
    n: int
    p90: float | None = None

    @property
    def is_small(self) -> bool:
        """Whether it rests on so few rows that chance alone may move it."""
        return 0 < self.n < SMALL


NOTHING = Figure(None, 0)
OF_DEPARTMENTS = ("department", "team")  # what a portion is a portion of


def rows(metric: Metric, asked: Question) -> QuerySet[Any]:
    """The rows behind a figure: what may be seen, in the period, narrowed."""
    found = _narrowed(metric, asked)
    if isinstance(metric, Standing):
        return metric.standing_at(found, asked.period.end)
    return found.filter(**{f"{metric.at}__gte": asked.period.start, f"{metric.at}__lt": asked.period.end})


def figures(metrics: Sequence[Metric], asked: Question) -> dict[str, Figure]:
    """The figures of several metrics, by slug, as `figure` has them; their tallies are read at once."""
    known = tallied_at_once(metrics, asked)
    return {one.slug: figure(one, asked, known=known.get(one.slug)) for one in metrics}


def figure(metric: Metric, asked: Question, *, known: Part | None = None) -> Figure:
    """The one figure of the period; `known` is what its tallies are known to add up to."""
    if isinstance(metric, Standing):
        n = rows(metric, asked).count()
        return Figure(float(n), n)
    found = parts(metric, asked, known=known).get((None, None), EMPTY)
    whole = parts(metric, _of_all(asked)).get((None, None), EMPTY).n if isinstance(metric, Portion) else 0
    return figure_of(metric, found, whole)


def split(metric: Metric, asked: Question, dimension: str) -> dict[Any, Figure]:
    """The figure of each value of a dimension, by its id (or language); largest number of rows first."""
    return splits(metric, asked, [dimension])[dimension]


def splits(metric: Metric, asked: Question, dimensions: Sequence[str]) -> dict[str, dict[Any, Figure]]:
    """The same of several dimensions; what is not tallied is read once for all of them."""
    if isinstance(metric, Standing):
        return _standing_by_each(metric, asked, dimensions)
    every = _parts_by_each(metric, asked, dimensions)
    others = _of_all(asked)
    of_all = every if others == asked or not isinstance(metric, Portion) else _parts_by_each(metric, others, dimensions)
    found = {}
    for dimension in dimensions:
        wholes = {key: part.n for (_, key), part in of_all[dimension].items()}
        if dimension in OF_DEPARTMENTS:
            wholes = dict.fromkeys(wholes, sum(wholes.values()))
        figures = {
            key: figure_of(metric, part, wholes.get(key, 0)) for (_, key), part in every[dimension].items() if part.n
        }
        found[dimension] = dict(sorted(figures.items(), key=lambda one: -one[1].n))
    return found


def _standing_by_each(metric: Standing, asked: Question, dimensions: Sequence[str]) -> dict[str, dict[Any, Figure]]:
    fields = {name: metric.splits[name] for name in dimensions}
    counts: dict[str, dict[Any, int]] = {name: {} for name in fields}
    if fields:
        for one in rows(metric, asked).order_by().values(*fields.values()).annotate(standing=Count("pk")):
            for name, field in fields.items():
                counts[name][one[field]] = counts[name].get(one[field], 0) + one["standing"]
    ranked = {name: sorted(found.items(), key=lambda one: -one[1]) for name, found in counts.items()}
    return {name: {key: Figure(float(n), n) for key, n in found} for name, found in ranked.items()}


def by_day(metric: Metric, asked: Question) -> dict[dt.date, Figure]:
    """The figure of each day of the period in its time zone, oldest first; days without rows are there too."""
    if isinstance(metric, Standing):
        return {day: figures[None] for day, figures in _standing_by_day(metric, asked, None).items()}
    found = parts(metric, asked, daily=True)
    wholes = wholes_by_day(metric, asked) if isinstance(metric, Portion) else {}
    return {day: figure_of(metric, found.get((day, None), EMPTY), wholes.get(day, 0)) for day in asked.period.days}


def wholes_by_day(metric: Portion, asked: Question) -> dict[dt.date, int]:
    """How many rows a portion is of, each day."""
    every = parts(metric, _of_all(asked), daily=True)
    return {day: every.get((day, None), EMPTY).n for day in asked.period.days}


def by_day_and(metric: Metric, asked: Question, dimension: str) -> dict[dt.date, dict[Any, Figure]]:
    """The figure of each day and each value of a dimension."""
    if isinstance(metric, Standing):
        return _standing_by_day(metric, asked, dimension)
    days: dict[dt.date, dict[Any, Figure]] = {day: {} for day in asked.period.days}
    for (day, key), part in parts(metric, asked, by=dimension, daily=True).items():
        if day is not None and part.n:
            days[day][key] = figure_of(metric, part, part.n)
    return days


def parts(
    metric: Metric, asked: Question, *, by: str | None = None, daily: bool = False, known: Part | None = None
) -> dict[Place, Part]:
    """What the period adds up to, by day and by a dimension where that is asked for. Of durations only those in the
    hours of the question."""
    durations = [metric.seconds(asked)] if isinstance(metric, Lasting) else []
    if by is None and is_by_hour(metric, asked):
        return hourly(metric, _narrowed(metric, asked), asked, daily=daily)
    read = cells(metric, asked, by)
    days = days_held(asked) if read else frozenset[dt.date]()
    if known is not None:
        found: dict[Place, Part] = {(None, None): known}
    else:
        found = {} if read is None else tallied(metric, asked, read, days, by=by, daily=daily)
    field = metric.splits[by] if by else None
    runs = runs_without(days, asked.period)
    fresh = counted(
        metric, _narrowed(metric, asked), runs, zone=asked.period.zone, by=field, daily=daily, durations=durations
    )
    for place, part in fresh.items():
        found[place] = put_together([found[place], part]) if place in found else part
    return found


def _parts_by_each(metric: Metric, asked: Question, dimensions: Sequence[str]) -> dict[str, dict[Place, Part]]:
    """What the period adds up to by each of these: from tallies where they answer, and from rows, which are read once
    for all that are tallied and once for all that are not."""
    durations = [metric.seconds(asked)] if isinstance(metric, Lasting) else []
    read = {name: cells(metric, asked, name) for name in dimensions}
    days = days_held(asked) if any(read.values()) else frozenset[dt.date]()
    found: dict[str, dict[Place, Part]] = {
        name: tallied(metric, asked, one, days, by=name, daily=False) if one else {} for name, one in read.items()
    }
    for is_read, gone in ((True, days), (False, frozenset[dt.date]())):
        fields = {name: metric.splits[name] for name, one in read.items() if (one is not None) == is_read}
        if not fields:
            continue
        fresh = counted_by_each(
            metric,
            _narrowed(metric, asked),
            runs_without(gone, asked.period),
            fields,
            zone=asked.period.zone,
            durations=durations,
        )
        for name, places in fresh.items():
            for place, part in places.items():
                found[name][place] = put_together([found[name][place], part]) if place in found[name] else part
    return found


def figure_of(metric: Metric, part: Part, whole: int = 0) -> Figure:
    """The figure that a part amounts to; `whole` is what a portion is of."""
    if isinstance(metric, Lasting):
        spread = part.spreads[0] if part.spreads else None
        if spread is None or not spread.n:
            return NOTHING
        return Figure(spread.quantile(0.5), spread.n, spread.quantile(0.9))
    if isinstance(metric, Summed):
        return Figure(part.met / metric.scale, part.n)
    line = _line(metric, part, whole)
    if line is None:
        return Figure(float(part.n), part.n)
    above, below = line
    return Figure(above / below if below else None, part.n)


def _line(metric: Metric, part: Part, whole: int) -> tuple[int, int] | None:
    """What stands above and below the line of a fraction; None where the metric is none."""
    if isinstance(metric, Portion):
        return part.n, whole
    if isinstance(metric, Net):
        return part.met - part.against, part.n
    if isinstance(metric, Share):
        return part.met, part.n
    return (part.met, part.against) if isinstance(metric, Ratio) else None


def _of_all(asked: Question) -> Question:
    """The same of all departments."""
    return replace(asked, narrowed=tuple(one for one in asked.narrowed if one[0] not in OF_DEPARTMENTS))


def _narrowed(metric: Metric, asked: Question) -> QuerySet[Any]:
    found = metric.rows(asked).filter(workspace_id=asked.workspace_id)
    if asked.departments is not None:
        mine = Q(**{f"{metric.splits['department']}__in": asked.departments})
        if metric.also_seen_by:
            mine |= Q(**{f"{metric.also_seen_by}__in": asked.departments})
        found = found.filter(mine)
    for dimension, value in asked.narrowed:
        if dimension == "topic":
            found = found.filter(about(metric.splits[dimension], value.split(",")))
            continue
        if value.startswith(NOT):
            field = metric.splits[dimension]
            found = found.filter(**{f"{field}__isnull": False}).exclude(**{field: value.removeprefix(NOT)})
            continue
        none = "" if dimension == "language" else None
        found = found.filter(**{metric.splits[dimension]: none if value == "none" else value})
    return found


def about(field: str, topics: Sequence[str]) -> Q:
    """One of some topics; “none” where none was read, or nothing was read at all."""
    about = Q(**{f"{field}__in": ["" if one == "none" else one for one in topics]})
    return about | Q(**{f"{field}__isnull": True}) if "none" in topics else about


def _standing_by_day(metric: Standing, asked: Question, by: str | None) -> dict[dt.date, dict[Any, Figure]]:
    """What stood when the period began, and from there what began and what ended, day by day."""
    began = metric.standing_at(_narrowed(metric, asked), asked.period.start).order_by()
    field = metric.splits[by] if by else None
    level: dict[Any, int] = dict(began.values_list(field).annotate(n=Count("pk"))) if field else {None: began.count()}
    moves: dict[dt.date | None, dict[Any, int]] = {}
    for (day, key), part in parts(metric, asked, by=by, daily=True).items():
        moves.setdefault(day, {})[key] = part.met - part.against
    days: dict[dt.date, dict[Any, Figure]] = {}
    for day in asked.period.days:
        for key, move in moves.get(day, {}).items():
            level[key] = level.get(key, 0) + move
        days[day] = {key: Figure(float(n), n) for key, n in level.items() if n or by is None}
    return days
