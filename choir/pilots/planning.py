"""Before a pilot: what the scope's last 90 days say of how many conversations it would take, and how long."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from django.db.models import QuerySet

from choir.measurement.models import Course
from choir.people.models import Workspace
from choir.pilots.boundaries import dearer
from choir.pilots.comparing import sought
from choir.pilots.outcomes import JUDGED, rows_of
from choir.routing.actions import Scope
from choir.routing.models import Objective

LOOKS_BACK = dt.timedelta(days=90)
MOST_ROWS = 5_000  # the newest; more make the noise no better known
ERROR_RATE, POWER = 0.05, 0.8


@dataclass(frozen=True, slots=True)
class Plan:
    """What a pilot would take: conversations a week in the scope, the metric's present value, how many are needed to
    find `worth` with four chances in five, and in how many days; and the chance that the days asked for find it."""

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
    found = None
    if measured is not None:
        found = sought(
            measured, worth=worth, share=share, is_relative=judged.is_relative, is_share=judged.unit == "share"
        )
    if measured is None or found is None:
        return Plan(per_week, measured.value if measured else None, None, None, None)
    cost = dearer(looks, ERROR_RATE)
    count = math.ceil(found.needed(error_rate=ERROR_RATE, power=POWER) * cost)
    power = found.power(error_rate=ERROR_RATE, n=per_week * days / 7 / cost)
    return Plan(per_week, measured.value, count, math.ceil(7 * count / per_week) if per_week else None, power)


def _courses(workspace: Workspace, objective: Objective, scope: Scope, *, at: dt.datetime) -> QuerySet[Course]:
    """The scope's past; products and regions, which texts name, are not told apart."""
    rows = Course.objects.filter(
        workspace=workspace, objective=objective, arrived_at__gte=at - LOOKS_BACK, arrived_at__lt=at, needed_reply=True
    )
    rows = rows.filter(channel=scope.channel) if scope.channel else rows
    rows = rows.filter(conversation__reading__topic=scope.topic) if scope.topic else rows
    return rows.filter(conversation__reading__language=scope.language) if scope.language else rows
