"""From rows to what they add up to, by day and by one dimension: the one way in which anything is counted, whether a
tally is kept of it or a page asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Aggregate, Count, Q, QuerySet
from django.db.models.functions import TruncDate

from choir.measurement.metric import Metric, Standing
from choir.measurement.spread import NOTHING, Spread, spread_of
from choir.measurement.spread import together as spreads_together

Run = tuple[dt.datetime, dt.datetime]
Place = tuple[dt.date | None, Any]  # a day (None: all of them) and a value of a dimension (None: of all)


@dataclass(frozen=True, slots=True)
class Part:
    """What some rows add up to: how many, how many of them for and against or what two of their amounts come to (as
    `Metric.measures`), and the spreads of their durations (as `Metric.durations`). Parts of different days or
    departments are put together without a look at their rows."""

    n: int = 0
    met: int = 0
    against: int = 0
    spreads: tuple[Spread, ...] = ()


EMPTY = Part()


def put_together(parts: Iterable[Part]) -> Part:
    """Several parts made one."""
    found = list(parts)
    if len(found) == 1:
        return found[0]
    width = max((len(one.spreads) for one in found), default=0)
    spreads = tuple(spreads_together(one.spreads[at] for one in found if one.spreads) for at in range(width))
    return Part(sum(one.n for one in found), sum(one.met for one in found), sum(one.against for one in found), spreads)


def counted(
    metric: Metric,
    found: QuerySet[Any],
    runs: Sequence[Run],
    *,
    zone: ZoneInfo,
    by: str | None = None,
    daily: bool = False,
    durations: Sequence[str] | None = None,
) -> dict[Place, Part]:
    """What the rows dated within the runs add up to. `by` is a field to split by; `durations` are the fields whose
    spreads are wanted. Of what stands, `met` began then and `against` ended."""
    if not runs:
        return {}
    fields = metric.durations if durations is None else durations
    if isinstance(metric, Standing):
        began = _grouped(found, metric.at, runs, {}, zone=zone, by=by, daily=daily)
        ended = _grouped(found, metric.ended, runs, {}, zone=zone, by=by, daily=daily)
        return {
            place: Part(0, began.get(place, {}).get("n", 0), ended.get(place, {}).get("n", 0))
            for place in {**began, **ended}
        }
    lists = {f"list_{at}": ArrayAgg(name, filter=Q(**{f"{name}__isnull": False})) for at, name in enumerate(fields)}
    grouped = _grouped(found, metric.at, runs, {**metric.measures, **lists}, zone=zone, by=by, daily=daily)
    return {place: _part(one, len(fields)) for place, one in grouped.items()}


def _part(one: Mapping[str, Any], width: int) -> Part:
    spreads = tuple(spread_of(one[f"list_{at}"]) if one[f"list_{at}"] else NOTHING for at in range(width))
    return Part(one["n"], int(one.get("met") or 0), int(one.get("against") or 0), spreads)


def _grouped(
    found: QuerySet[Any],
    at: str,
    runs: Sequence[Run],
    measures: Mapping[str, Aggregate],
    *,
    zone: ZoneInfo,
    by: str | None,
    daily: bool,
) -> dict[Place, Mapping[str, Any]]:
    within = reduce(or_, (Q(**{f"{at}__gte": start, f"{at}__lt": end}) for start, end in runs))
    rows = found.filter(within).order_by()
    if daily:
        rows = rows.annotate(day=TruncDate(at, tzinfo=zone))
    groups = [*(["day"] if daily else []), *([by] if by else [])]
    if not groups:
        return {(None, None): rows.aggregate(n=Count("pk"), **measures)}
    grouped = rows.values(*groups).annotate(n=Count("pk"), **measures)
    return {(one.get("day") if daily else None, one[by] if by else None): one for one in grouped}
