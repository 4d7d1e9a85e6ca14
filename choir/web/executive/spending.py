"""Content and money in the champion's view: what links brought by campaign, what runs, what it cost and may cost."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count, Min, Q

from choir.conversions.models import Conversion, TrackedLink
from choir.measurement.question import Period
from choir.people.models import Workspace
from choir.strategy.models import Initiative
from choir.value.counting import part_of, spend_rows
from choir.value.models import Spend, SpendKind

MOST = 12


@dataclass(frozen=True, slots=True)
class Campaign:
    """The links of one campaign (those without one together), and what came of them in the period."""

    name: str
    links: int
    clicks: int
    conversions: int


def campaigns(workspace: Workspace, period: Period) -> list[Campaign]:
    """Those most followed: two queries."""
    within = Q(clicks__at__gte=period.start, clicks__at__lt=period.end)
    links = TrackedLink.objects.filter(workspace=workspace, created_at__lt=period.end).values("campaign")
    counted = links.annotate(links=Count("pk", distinct=True), n=Count("clicks", filter=within)).order_by("-n")[:MOST]
    told = Conversion.objects.standing().filter(workspace=workspace, at__gte=period.start, at__lt=period.end)
    came = dict(told.exclude(campaign="").order_by().values_list("campaign").annotate(n=Count("pk")))
    return [Campaign(one["campaign"], one["links"], one["n"], came.get(one["campaign"], 0)) for one in counted]


@dataclass(frozen=True, slots=True)
class Running:
    """What runs or is about to, with the per cent of its days that have passed, and what was spent on it so far."""

    initiative: Initiative
    passed: int
    paid: Decimal
    other: Decimal
    days_query: str  # the days until today of all that was entered, as an address has them

    @property
    def left(self) -> Decimal | None:
        """Of its budget; less than nothing where it is overspent, None without a budget."""
        budget = self.initiative.budget
        return None if budget is None else budget - self.paid - self.other

    @property
    def over(self) -> Decimal:
        """What was spent beyond its budget."""
        return max(Decimal(), -self.left) if self.left is not None else Decimal()


@dataclass(frozen=True, slots=True)
class Money:
    """What runs, what it may cost, and what was spent in the period by kind."""

    running: Sequence[Running]
    budget: Decimal
    without_budget: int
    spent: Sequence[tuple[str, Decimal, str]]  # each kind in words, its amount, and the kind


def money(workspace: Workspace, period: Period, *, at: dt.datetime) -> Money:
    """Four queries."""
    rows = Initiative.objects.filter(workspace=workspace, ended_at=None, ends_on__gte=at.date())
    found = list(rows.select_related("goal", "objective", "department", "owner").order_by("starts_on", "name"))
    entered = Spend.objects.filter(initiative__in=found, struck_out_at=None, starts_on__lte=at.date())
    so_far = _by_initiative(entered, at.date())
    first = entered.aggregate(first=Min("starts_on"))["first"] or at.date()
    until = days_query(first, at.date())
    running = [Running(one, _passed(one, at.date()), *so_far[one.pk], until) for one in found]
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for one in spend_rows(workspace, period):
        spent[one.kind] += Decimal(part_of(one, period))
    return Money(
        running, sum((one.budget for one in found if one.budget is not None), Decimal()),
        sum(one.budget is None for one in found),
        [(str(SpendKind(kind).label), spent[kind], kind) for kind in SpendKind.values if spent[kind]],
    )  # fmt: skip


def days_query(first: dt.date, last: dt.date) -> str:
    """Days as the address of a page of value has them."""
    return urlencode({"since": first.isoformat(), "until": last.isoformat()})


def _by_initiative(rows: Iterable[Spend], today: dt.date) -> dict[uuid.UUID, tuple[Decimal, Decimal]]:
    """Of each initiative what was spent until today on paid media, and on everything else."""
    found: dict[uuid.UUID, tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(), Decimal()))
    for one in rows:
        assert one.initiative_id is not None
        days, gone = (one.ends_on - one.starts_on).days + 1, (min(one.ends_on, today) - one.starts_on).days + 1
        amount = one.amount * gone / days
        paid, other = found[one.initiative_id]
        is_paid = one.kind == SpendKind.PAID
        found[one.initiative_id] = (paid + amount, other) if is_paid else (paid, other + amount)
    return found


def _passed(one: Initiative, today: dt.date) -> int:
    days = (one.ends_on - one.starts_on).days + 1
    return round(100 * min(max((today - one.starts_on).days, 0), days) / days)
