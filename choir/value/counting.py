"""What is counted of a period before anything is assumed: conversions, conversations settled, customers brought round,
work and spend, each by what it is for."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from choir.conversions.models import Conversion
from choir.inbox.models import Direction, Message
from choir.measurement.models import Course
from choir.measurement.question import Period
from choir.people.models import Workspace
from choir.value.models import Spend

Objective = uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Converted:
    """Conversions of one kind: `touched` were credited to a touch of ours, with `amount` where one was told and
    `bare` without."""

    kind_id: uuid.UUID
    touched: int
    amount: float
    bare: int
    untouched: int
    untouched_amount: float


@dataclass(slots=True)
class Work:
    """Answers of people: seconds recorded at a known hourly cost and at none, and answers without a record."""

    answers: int = 0
    recorded: int = 0
    seconds: int = 0
    cost: float = 0.0  # of recorded work, where the hourly cost is entered
    uncosted_hours: float = 0.0
    unrecorded: int = 0
    unrecorded_minute_cost: float = 0.0  # what one minute of each unrecorded answer costs, added up
    unrecorded_uncosted: int = 0


@dataclass(slots=True)
class Counted:
    """Everything that is counted of a period, by objective or kind or initiative."""

    conversions: list[Converted] = field(default_factory=list)
    settled: dict[Objective, int] = field(default_factory=dict)
    brought_round: dict[Objective, int] = field(default_factory=dict)
    work: dict[Objective, Work] = field(default_factory=dict)
    paid: dict[uuid.UUID, float] = field(default_factory=dict)
    shared: float = 0.0


def counted(workspace: Workspace, period: Period) -> Counted:
    """Count it: five queries."""
    paid, shared = _spend(workspace, period)
    return Counted(
        conversions=_conversions(workspace, period),
        settled=dict(
            settled_rows(workspace, period).order_by().values_list("objective_id").annotate(n=Count("pk"))
        ),
        brought_round=dict(
            brought_round_first(workspace, period).order_by().values_list("objective_id").annotate(n=Count("pk"))
        ),
        work=_work(workspace, period),
        paid=paid,
        shared=shared,
    )  # fmt: skip


def settled_rows(workspace: Workspace, period: Period) -> QuerySet[Course]:
    """Conversations resolved in the period with one answer and not opened again since."""
    return Course.objects.filter(
        workspace=workspace, resolved_at__gte=period.start, resolved_at__lt=period.end, answers_count=1,
        reopened_at=None,
    )  # fmt: skip


def brought_round_rows(workspace: Workspace, period: Period) -> QuerySet[Course]:
    """Conversations resolved in the period in which the customer wrote unhappily, we answered, and their last words
    were not unhappy any more."""
    unhappy = Message.objects.filter(
        conversation=OuterRef("conversation_id"), direction=Direction.INBOUND, mention__readings__is_current=True,
        mention__readings__sentiment="negative", sent_at__lt=OuterRef("conversation__last_inbound_at"),
    )  # fmt: skip
    return Course.objects.filter(
        Exists(unhappy), workspace=workspace, resolved_at__gte=period.start, resolved_at__lt=period.end,
        answers_count__gte=1, sentiment__in=["positive", "neutral"],
    )  # fmt: skip


def brought_round_first(workspace: Workspace, period: Period) -> QuerySet[Course]:
    """Of each customer the conversation in which they were brought round first."""
    rows = brought_round_rows(workspace, period).order_by("conversation__customer_id", "resolved_at", "pk")
    return Course.objects.filter(pk__in=rows.distinct("conversation__customer_id").values("pk"))


def standing_conversions(workspace: Workspace, period: Period) -> QuerySet[Conversion]:
    """Conversions of the period that were not taken back."""
    return Conversion.objects.standing().filter(workspace=workspace, at__gte=period.start, at__lt=period.end)


def _conversions(workspace: Workspace, period: Period) -> list[Converted]:
    touched, untouched = Q(touches_count__gt=0), Q(touches_count=0)
    rows = standing_conversions(workspace, period).order_by().values("kind_id").annotate(
        touched=Count("pk", filter=touched), amount_touched=Sum("amount", filter=touched),
        bare=Count("pk", filter=touched & Q(amount=None)), untouched=Count("pk", filter=untouched),
        amount_untouched=Sum("amount", filter=untouched),
    )  # fmt: skip
    return [
        Converted(
            one["kind_id"], one["touched"], float(one["amount_touched"] or 0), one["bare"], one["untouched"],
            float(one["amount_untouched"] or 0),
        )
        for one in rows
    ]  # fmt: skip


def answers_of_people(workspace: Workspace, period: Period) -> QuerySet[Message]:
    """Answers that left in the period and that a person wrote here."""
    return Message.objects.filter(
        workspace=workspace, direction=Direction.OUTBOUND, person__isnull=False, is_automatic=False,
        sent_at__gte=period.start, sent_at__lt=period.end,
    )  # fmt: skip


def _work(workspace: Workspace, period: Period) -> dict[Objective, Work]:
    rows = (
        answers_of_people(workspace, period)
        .order_by()
        .values("conversation__objective_id", "person_id")
        .annotate(
            n=Count("pk"), recorded=Count("handling_seconds"), seconds=Sum("handling_seconds"),
            hourly=F("person__hourly_cost"),
        )
    )  # fmt: skip
    found: dict[Objective, Work] = defaultdict(Work)
    for one in rows:
        work, hourly = found[one["conversation__objective_id"]], one["hourly"]
        seconds, unrecorded = one["seconds"] or 0, one["n"] - one["recorded"]
        work.answers += one["n"]
        work.recorded += one["recorded"]
        work.seconds += seconds
        work.unrecorded += unrecorded
        if hourly is None:
            work.uncosted_hours += seconds / 3600
            work.unrecorded_uncosted += unrecorded
        else:
            work.cost += seconds / 3600 * float(hourly)
            work.unrecorded_minute_cost += unrecorded * float(hourly) / 60
    return found


def _spend(workspace: Workspace, period: Period) -> tuple[dict[uuid.UUID, float], float]:
    paid: dict[uuid.UUID, float] = defaultdict(float)
    shared = 0.0
    for one in spend_rows(workspace, period):
        amount = part_of(one, period)
        if one.initiative_id is None:
            shared += amount
        else:
            paid[one.initiative_id] += amount
    return paid, shared


def spend_rows(workspace: Workspace, period: Period) -> Iterable[Spend]:
    """Spend that falls into the period, with its initiative."""
    rows = Spend.objects.filter(
        workspace=workspace, struck_out_at=None, starts_on__lte=period.last, ends_on__gte=period.first
    )
    return rows.select_related("initiative", "by")


def part_of(spend: Spend, period: Period) -> float:
    """What of it falls into the period, spent evenly over its days."""
    first, last = max(spend.starts_on, period.first), min(spend.ends_on, period.last)
    days = (spend.ends_on - spend.starts_on + dt.timedelta(days=1)).days
    within = max(0, (last - first).days + 1)
    return float(spend.amount * Decimal(within) / Decimal(days))
