"""Cohorts: customers by the month in which they were first known, and how far they came since."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from choir.customers.models import Customer
from choir.journey.models import Move, Stage
from choir.journey.queries import QUIET
from choir.people.models import Workspace


@dataclass(frozen=True, slots=True)
class Cohort:
    """Customers first known in one month: how many, and how many of them ever came to each stage since."""

    month: dt.datetime
    total: int
    reached: dict[str, int]
    heard: int

    @property
    def by_stage(self) -> list[int]:
        """How many came to each stage, in its order."""
        return [self.reached.get(stage, 0) for stage in Stage.values]


def known_in(
    workspace: Workspace, month: dt.date, *, zone: dt.tzinfo, at: dt.datetime, reached: str = "", lately: bool = False
) -> QuerySet[Customer, uuid.UUID]:
    """The ids of those first known in a month, or of those among them who ever came to a stage, or were heard of in the
    last `QUIET`: the people behind a cohort's figures."""
    first = dt.datetime(month.year, month.month, 1, tzinfo=zone)
    following = dt.datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=zone)
    found = Customer.objects.filter(workspace=workspace, created_at__gte=first, created_at__lt=min(following, at))
    if reached:
        found = found.filter(pk__in=Move.objects.filter(workspace=workspace, stage=reached).values("customer"))
    if lately:
        found = found.filter(journey__last_at__gte=at - QUIET)
    return found.values_list("pk", flat=True)


def cohorts(workspace: Workspace, *, at: dt.datetime, zone: dt.tzinfo, most: int = 12) -> list[Cohort]:
    """The newest last: three queries. `heard` counts those heard of in the last `QUIET`."""
    month = TruncMonth("created_at", tzinfo=zone)
    known = Customer.objects.filter(workspace=workspace, created_at__lt=at)
    totals = dict(known.annotate(month=month).order_by().values_list("month").annotate(n=Count("pk")))
    heard = dict(
        known.filter(journey__last_at__gte=at - QUIET).annotate(month=month).order_by().values_list("month")
        .annotate(n=Count("pk"))
    )  # fmt: skip
    of_customer = TruncMonth("customer__created_at", tzinfo=zone)
    reached: dict[dt.datetime, dict[str, int]] = defaultdict(dict)
    moved = Move.objects.filter(workspace=workspace, customer__created_at__lt=at).annotate(month=of_customer)
    for when, stage, n in moved.order_by().values_list("month", "stage").annotate(n=Count("customer", distinct=True)):
        reached[when][stage] = n
    return [Cohort(when, totals[when], reached[when], heard.get(when, 0)) for when in sorted(totals)[-most:]]
