"""Asking metrics: a figure, by day, by department and so on, against the period before, and the rows behind it.

Every answer is made from the metric's own rows with the same narrowing, so that a total, its split and the rows that
a page, an export or the API lists cannot disagree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, DateField, DateTimeField, ExpressionWrapper, F, Func, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate

from choir.measurement.metric import Metric, Net, Share, Standing, Unit
from choir.measurement.question import Question

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


def rows(metric: Metric, asked: Question) -> QuerySet[Any]:
    """The rows behind a figure: what may be seen, in the period, narrowed."""
    found = _narrowed(metric, asked)
    if isinstance(metric, Standing):
        return metric.standing_at(found, asked.period.end)
    return found.filter(**{f"{metric.at}__gte": asked.period.start, f"{metric.at}__lt": asked.period.end})


def figure(metric: Metric, asked: Question) -> Figure:
    """The one figure of the period."""
    return _figure(metric, rows(metric, asked).aggregate(**metric.measures(asked)))


def split(metric: Metric, asked: Question, dimension: str) -> dict[Any, Figure]:
    """The figure of each value of a dimension, by its id (or language); largest number of rows first."""
    by = metric.splits[dimension]
    grouped = rows(metric, asked).order_by().values(by).annotate(**metric.measures(asked)).order_by("-n")
    return {one[by]: _figure(metric, one) for one in grouped}


def by_day(metric: Metric, asked: Question) -> dict[dt.date, Figure]:
    """The figure of each day of the period in its time zone, oldest first; days without rows are there too."""
    return {day: figures.get(None, NOTHING) for day, figures in _by_day(metric, asked, None).items()}


def by_day_and(metric: Metric, asked: Question, dimension: str) -> dict[dt.date, dict[Any, Figure]]:
    """The figure of each day and each value of a dimension."""
    return _by_day(metric, asked, metric.splits[dimension])


def _narrowed(metric: Metric, asked: Question) -> QuerySet[Any]:
    found = metric.rows(asked).filter(workspace_id=asked.workspace_id)
    if asked.departments is not None:
        mine = Q(**{f"{metric.splits['department']}__in": asked.departments})
        if metric.also_seen_by:
            mine |= Q(**{f"{metric.also_seen_by}__in": asked.departments})
        found = found.filter(mine)
    for dimension, value in asked.narrowed:
        found = found.filter(**{metric.splits[dimension]: None if value == "none" else value})
    return found


def _by_day(metric: Metric, asked: Question, by: str | None) -> dict[dt.date, dict[Any, Figure]]:
    days: dict[dt.date, dict[Any, Figure]] = {day: {} for day in asked.period.days}
    groups = ["day", *([by] if by else [])]
    if isinstance(metric, Standing):
        grouped = _standing_by_day(metric, asked, by)
    else:
        dated = rows(metric, asked).annotate(day=TruncDate(metric.at, tzinfo=asked.period.zone))
        grouped = dated.order_by().values(*groups).annotate(**metric.measures(asked))
    for one in grouped:
        if one["day"] in days:
            days[one["day"]][one[by] if by else None] = _figure(metric, one)
    return days


def _standing_by_day(metric: Standing, asked: Question, by: str | None) -> list[Mapping[str, Any]]:
    """Each row stands at the end of every day from its first to its last: the days are unfolded in the database."""
    period = asked.period
    alive = _narrowed(metric, asked).filter(
        Q(**{f"{metric.ended}__isnull": True}) | Q(**{f"{metric.ended}__gte": period.start}),
        **{f"{metric.at}__lt": period.end},
    )
    first = TruncDate(_later(F(metric.at), Value(period.start)), tzinfo=period.zone)
    last_moment = Case(
        When(**{f"{metric.ended}__isnull": True}, then=Value(period.end)),
        When(**{f"{metric.ended}__gte": period.end}, then=Value(period.end)),
        default=F(metric.ended),
        output_field=DateTimeField(),
    )
    # A row that ends today does not stand at today's end; one without an end stands at the end of the period.
    ends_within = Case(When(Q(**{f"{metric.ended}__lt": period.end}), then=Value(1)), default=Value(0))
    unfolded = alive.annotate(
        day=Func(
            first,
            ExpressionWrapper(TruncDate(last_moment, tzinfo=period.zone) - ends_within, output_field=DateField()),
            function="generate_series",
            template="generate_series(%(expressions)s, interval '1 day')::date",
            output_field=DateField(),
        )
    )
    groups = ["day", *([by] if by else [])]
    return list(unfolded.order_by().values(*groups).annotate(value=Count("pk"), n=Count("pk")))


def _later(left: Any, right: Any) -> Func:
    return Func(left, right, function="GREATEST", output_field=DateTimeField())


def _figure(metric: Metric, one: Mapping[str, Any]) -> Figure:
    n = int(one["n"])
    if isinstance(metric, Net):
        return Figure((one["met"] - one["against"]) / n if n else None, n)
    if isinstance(metric, Share):
        return Figure(one["met"] / n if n else None, n)
    if metric.unit == Unit.COUNT:
        return Figure(float(one["value"]), n)
    return Figure(one["value"], n, one.get("p90"))
