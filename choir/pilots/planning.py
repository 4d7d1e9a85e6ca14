"""Before a pilot: what the scope's last 90 days say of how many conversations it would take, and how long."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from django.db.models import QuerySet

from choir.measurement.models import Course
from choir.people.models import Workspace
from choir.pilots.boundaries import boundary
from choir.pilots.comparing import needed, power_of
from choir.pilots.outcomes import JUDGED, rows_of
from choir.routing.actions import Scope
from choir.routing.models import Objective

LOOKS_BACK = dt.timedelta(days=90)
MOST_ROWS = 5_000  # the newest; more make the noise no better known
ERROR_RATE, POWER = 0.05, 0.8


@dataclass(frozen=True, slots=True)
class Plan:
    """What a pilot would take: conversations a week in the scope, the metric's present value and `noise` (the error of
    one conversation), how many conversations are needed to find `worth` with four chances in five, and in how many
    days; and the chance that the days asked for would find it."""

    per_week: float
    value: float | None
    needed_count: int | None
    days: int | None
    power: float | None


def plan_for(
    workspace: Workspace, objective: Objective, scope: Scope, *, metric: str, worth: float, share: float, days: int,
    looks: int, at: dt.datetime,
) -> Plan:  # fmt: skip
    """Work it out: three queries."""
    rows = _courses(workspace, objective, scope, at=at)
    per_week = rows.count() / (LOOKS_BACK / dt.timedelta(weeks=1))
    judged = JUDGED[metric]
    newest = rows.order_by("-arrived_at").values_list("pk", flat=True)[:MOST_ROWS]
    measured = judged.measured(rows_of(Course.objects.filter(pk__in=list(newest))))
    difference = abs(math.log1p(worth)) if judged.is_relative and worth > -1 else abs(worth)
    if measured is None or not difference:
        return Plan(per_week, measured.value if measured else None, None, None, None)
    noise = measured.error * math.sqrt(measured.n)
    count = needed(noise=noise, difference=difference, share=share, error_rate=ERROR_RATE, power=POWER)
    # Looking more than once costs a little: the last boundary is a little further out than with one look.
    times = [one / looks for one in range(1, looks + 1)]
    cost = (boundary(times, times, ERROR_RATE) / boundary([1.0], [1.0], ERROR_RATE)) ** 2
    count = math.ceil(count * cost)
    expected = int(per_week * days / 7 / cost)
    power = power_of(noise=noise, difference=difference, share=share, error_rate=ERROR_RATE, n=expected)
    return Plan(per_week, measured.value, count, math.ceil(7 * count / per_week) if per_week else None, power)


def _courses(workspace: Workspace, objective: Objective, scope: Scope, *, at: dt.datetime) -> QuerySet[Course]:
    """The scope's past; products and regions, which texts name, are not told apart."""
    rows = Course.objects.filter(
        workspace=workspace, objective=objective, arrived_at__gte=at - LOOKS_BACK, arrived_at__lt=at, needed_reply=True
    )
    rows = rows.filter(channel=scope.channel) if scope.channel else rows
    rows = rows.filter(conversation__reading__topic=scope.topic) if scope.topic else rows
    return rows.filter(conversation__reading__language=scope.language) if scope.language else rows
