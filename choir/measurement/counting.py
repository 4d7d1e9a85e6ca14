"""From rows to what they add up to, by day and by one dimension: the one way in which anything is counted, whether a
tally is kept of it or a page asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    return counted_by_each(metric, found, runs, {"": by}, zone=zone, daily=daily, durations=durations)[""]


def counted_by_each(
    metric: Metric,
    found: QuerySet[Any],
    runs: Sequence[Run],
    fields: Mapping[str, str | None],
    *,
    zone: ZoneInfo,
    daily: bool = False,
    durations: Sequence[str] | None = None,
) -> dict[str, dict[Place, Part]]:
    """The same by each of several dimensions (with their `fields`; None: in all), and the rows are read once for all of
    them: they are grouped by all of these at once, and the groups put together for each."""
    if not runs or not fields:
        return {name: {} for name in fields}
    lasting = metric.durations if durations is None else durations
    groups = [*(["day"] if daily else []), *dict.fromkeys(by for by in fields.values() if by)]
    parts: dict[str, dict[Place, list[Part]]] = {name: {} for name in fields}
    for one, part in _parts(metric, found, runs, groups, zone=zone, durations=lasting):
        day = one["day"] if daily else None
        for name, by in fields.items():
            parts[name].setdefault((day, one[by] if by else None), []).append(part)
    return {name: {place: put_together(some) for place, some in places.items()} for name, places in parts.items()}


def _parts(
    metric: Metric,
    found: QuerySet[Any],
    runs: Sequence[Run],
    groups: Sequence[str],
    *,
    zone: ZoneInfo,
    durations: Sequence[str],
) -> Iterator[tuple[Mapping[str, Any], Part]]:
    """Each group of the rows with what it adds up to."""
    if isinstance(metric, Standing):
        for field, began in ((metric.at, 1), (metric.ended, 0)):
            for one in _counts(_dated(found, field, runs, groups, zone), groups, {}):
                yield one, Part(0, one["n"] * began, one["n"] * (1 - began))
        return
    rows = _dated(found, metric.at, runs, groups, zone)
    for one in _counts(rows, groups, {**metric.measures, **_lists(durations)}):
        yield one, _part(one, len(durations))


def _lists(durations: Sequence[str]) -> dict[str, Aggregate]:
    return {f"list_{at}": ArrayAgg(name, filter=Q(**{f"{name}__isnull": False})) for at, name in enumerate(durations)}


def _dated(found: QuerySet[Any], at: str, runs: Sequence[Run], groups: Sequence[str], zone: ZoneInfo) -> QuerySet[Any]:
    """The rows dated in one of the runs, in no order, with their day where they are grouped by it."""
    within = reduce(or_, (Q(**{f"{at}__gte": start, f"{at}__lt": end}) for start, end in runs))
    rows = found.filter(within).order_by()
    return rows.annotate(day=TruncDate(at, tzinfo=zone)) if "day" in groups else rows


def _counts(
    rows: QuerySet[Any], groups: Sequence[str], measures: Mapping[str, Aggregate]
) -> Iterable[Mapping[str, Any]]:
    if not groups:
        return [rows.aggregate(n=Count("pk"), **measures)]
    counts: Iterable[Mapping[str, Any]] = rows.values(*groups).annotate(n=Count("pk"), **measures)
    return counts


def _part(one: Mapping[str, Any], width: int) -> Part:
    spreads = tuple(spread_of(one[f"list_{at}"]) if one[f"list_{at}"] else NOTHING for at in range(width))
    return Part(one["n"], int(one.get("met") or 0), int(one.get("against") or 0), spreads)
