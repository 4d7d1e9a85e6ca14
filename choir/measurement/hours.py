"""Figures of what is kept by the hour elsewhere, such as the volume of what is heard: whole hours are read from there,
the rest of a day or of a period from rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from choir.measurement.counting import Part, Place, Run, counted, put_together
from choir.measurement.metric import Metric
from choir.measurement.question import Period, Question, midnight

HOUR = dt.timedelta(hours=1)


def is_by_hour(metric: Metric, asked: Question) -> bool:
    """Whether the hours answer it: a question to all rows, in a time zone whose days begin with an hour."""
    if metric.by_hour is None or asked.narrowed or asked.departments is not None:
        return False
    return all(midnight(day, asked.period.zone).minute == 0 for day in asked.period.days)


def hourly(metric: Metric, found: QuerySet[Any], asked: Question, *, daily: bool) -> dict[Place, Part]:
    """What the period adds up to, by day where that is asked for: its whole hours, and the rows of the last, begun
    one."""
    assert metric.by_hour is not None
    period, parts = asked.period, dict[Place, list[Part]]()
    last = period.end.replace(minute=0, second=0, microsecond=0)
    for one in metric.by_hour(asked).filter(hour__gte=period.start, hour__lt=max(last, period.start)):
        place = (_day(one, period) if daily else None, None)
        parts.setdefault(place, []).append(Part(one["n"], one["met"]))
    rest: list[Run] = [(max(last, period.start), period.end)]
    for place, part in counted(metric, found, rest, zone=period.zone, daily=daily).items():
        parts.setdefault(place, []).append(part)
    return {place: put_together(some) for place, some in parts.items()}


def _day(one: Mapping[str, Any], period: Period) -> dt.date:
    hour: dt.datetime = one["hour"]
    return hour.astimezone(period.zone).date()
