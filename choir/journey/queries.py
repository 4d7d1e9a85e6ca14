"""The flow between stages: where everybody was when a period began and when it ended, how they felt, whom they met.

Everybody is counted once: every customer known by the end of the period is in exactly one cell, so the flow adds up to
the person list. Whoever has not been heard of for `QUIET` is gone from the stage where they were.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, TruncMonth

from choir.customers.models import Customer
from choir.inbox.models import Conversation, Direction, Handover, Message
from choir.journey.models import Move, Stage
from choir.measurement.question import Period
from choir.people.models import Workspace

QUIET = dt.timedelta(days=30)
NEW, UNTOLD, GONE = "new", "untold", "gone"
"""Not yet known; known, and nothing tells the stage; not heard of any more."""


@dataclass(frozen=True, slots=True)
class Flow:
    """How many customers were where at the beginning and where at the end: (from, to) → how many."""

    cells: dict[tuple[str, str], int]

    @property
    def total(self) -> int:
        """Everybody known by the end."""
        return sum(self.cells.values())

    def at_start(self) -> Counter[str]:
        """How many were where when it began."""
        counts: Counter[str] = Counter()
        for (start, _end), n in self.cells.items():
            counts[start] += n
        return counts

    def at_end(self) -> Counter[str]:
        """How many were where when it ended."""
        counts: Counter[str] = Counter()
        for (_start, end), n in self.cells.items():
            counts[end] += n
        return counts


def placed(workspace: Workspace, period: Period) -> QuerySet[Any]:
    """Every customer known by the end, with `began` and `ended`: where they were then."""
    found: QuerySet[Any] = (
        Customer.objects.filter(workspace=workspace, created_at__lt=period.end)
        .annotate(
            began_stage=_stage_at(period.start), ended_stage=_stage_at(period.end),
            began_heard=_heard_by(period.start), ended_heard=_heard_by(period.end),
        )
        .annotate(
            began=Case(
                When(created_at__gte=period.start, then=Value(NEW)),
                When(began_heard__lt=period.start - QUIET, then=Value(GONE)),
                When(began_stage="", then=Value(UNTOLD)),
                default=F("began_stage"), output_field=CharField(),
            ),
            ended=Case(
                When(ended_heard__lt=period.end - QUIET, then=Value(GONE)),
                When(ended_stage="", then=Value(UNTOLD)),
                default=F("ended_stage"), output_field=CharField(),
            ),
        )
    )  # fmt: skip
    return found


def _stage_at(moment: dt.datetime) -> Coalesce:
    last = Move.objects.filter(customer=OuterRef("pk"), at__lt=moment).order_by("-at", "-id").values("stage")[:1]
    return Coalesce(Subquery(last), Value(""), output_field=CharField())


def _heard_by(moment: dt.datetime) -> Greatest:
    """When somebody was last heard of by a moment: the last thing they said in a conversation, or their last move."""
    said = (
        Message.objects.filter(
            conversation__customer=OuterRef("pk"), direction=Direction.INBOUND, at__lt=moment
        )
        .order_by().values("conversation__customer").annotate(last=Max("at")).values("last")
    )  # fmt: skip
    moved = Move.objects.filter(customer=OuterRef("pk"), at__lt=moment).order_by("-at").values("at")[:1]
    return Greatest(Subquery(said), Subquery(moved), F("created_at"), output_field=DateTimeField())


def flow(workspace: Workspace, period: Period) -> Flow:
    """One query over all of them."""
    grouped = placed(workspace, period).order_by().values_list("began", "ended").annotate(n=Count("pk"))
    return Flow({(began, ended): n for began, ended, n in grouped})


def left_from(workspace: Workspace, period: Period) -> dict[str, int]:
    """Where those who went quiet in the period stood: stage → how many ("untold" where nothing tells)."""
    gone = placed(workspace, period).filter(ended=GONE).exclude(began=GONE)
    counted = gone.order_by().values_list("ended_stage").annotate(n=Count("pk"))
    return {stage or UNTOLD: n for stage, n in counted}


@dataclass(frozen=True, slots=True)
class Met:
    """Conversations that customers at a stage began in the period: how many, how they ended up feeling, which
    departments had them, and how long hand-overs took until the next answer (median, in seconds)."""

    stage: str
    conversations: int
    positive: int
    negative: int
    departments: list[tuple[str, int]]
    handovers: int
    handover_seconds: float | None


def begun(workspace: Workspace, period: Period) -> QuerySet[Any]:
    """Conversations begun in the period, with the stage their customer was at then."""
    standing = (
        Move.objects.filter(customer=OuterRef("customer"), at__lte=OuterRef("first_inbound_at"))
        .order_by("-at", "-id").values("stage")[:1]
    )  # fmt: skip
    found: QuerySet[Any] = Conversation.objects.filter(
        workspace=workspace, first_inbound_at__gte=period.start, first_inbound_at__lt=period.end
    ).annotate(stage_then=Coalesce(Subquery(standing), Value(UNTOLD), output_field=CharField()))
    return found


def met(workspace: Workspace, period: Period) -> list[Met]:
    """Stage by stage: four queries."""
    conversations = begun(workspace, period)
    moods = conversations.order_by().values("stage_then").annotate(
        n=Count("pk"), positive=Count("pk", filter=Q(sentiment="positive")),
        negative=Count("pk", filter=Q(sentiment="negative")),
    )  # fmt: skip
    departments: dict[str, list[tuple[str, int]]] = defaultdict(list)
    had = conversations.filter(department__isnull=False).order_by().values_list("stage_then", "department__name")
    for stage, name, n in had.annotate(n=Count("pk")).order_by("-n"):
        departments[stage].append((name, n))
    waits = _handover_waits(conversations)
    found = {}
    for one in moods:
        stage = one["stage_then"]
        answered = [wait for wait in waits[stage] if wait is not None]
        found[stage] = Met(
            stage, one["n"], one["positive"], one["negative"], departments[stage], len(waits[stage]),
            median(answered) if answered else None,
        )  # fmt: skip
    return [found[stage] for stage in (*Stage.values, UNTOLD) if stage in found]


def _handover_waits(conversations: QuerySet[Any]) -> dict[str, list[float | None]]:
    """Of each hand-over the seconds until our next answer; None where none came."""
    stages = dict(conversations.filter(handovers__isnull=False).order_by().values_list("pk", "stage_then").distinct())
    answer = Message.objects.filter(
        conversation=OuterRef("conversation"), direction=Direction.OUTBOUND, sent_at__gt=OuterRef("at")
    )
    rows = Handover.objects.filter(conversation__in=list(stages)).annotate(
        answered_at=Subquery(answer.order_by("sent_at").values("sent_at")[:1])
    )
    waits: dict[str, list[float | None]] = defaultdict(list)
    for conversation, at, answered_at in rows.values_list("conversation", "at", "answered_at"):
        waits[stages[conversation]].append((answered_at - at).total_seconds() if answered_at else None)
    return waits


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


@dataclass(frozen=True, slots=True)
class Voice:
    """What customers at a stage speak of: a topic, how often, how it felt, and a conversation to read."""

    stage: str
    topic: str
    n: int
    negative: int
    example: uuid.UUID


def voices(workspace: Workspace, period: Period, *, most: int = 4) -> dict[str, list[Voice]]:
    """The topics said most at each stage, with the newest conversation of each: one query."""
    topic = Coalesce("reading__theme__name", "reading__topic", output_field=CharField())
    rows = (
        begun(workspace, period).filter(reading__isnull=False, reading__is_spam=False).annotate(topic=topic)
        .exclude(topic="").order_by().values("stage_then", "topic")
        .annotate(n=Count("pk"), negative=Count("pk", filter=Q(sentiment="negative")), newest=Max("last_message_at"))
        .order_by("-n", "topic")
    )  # fmt: skip
    found: dict[str, list[Voice]] = defaultdict(list)
    wanted: list[dict[str, Any]] = []
    for one in rows:
        if len([1 for other in wanted if other["stage_then"] == one["stage_then"]]) < most:
            wanted.append(one)
    newest = {one["newest"] for one in wanted}
    examples = {
        (stage, topic, at): pk
        for pk, stage, topic, at in begun(workspace, period).annotate(topic=topic)
        .filter(last_message_at__in=newest).values_list("pk", "stage_then", "topic", "last_message_at")
    }  # fmt: skip
    for one in wanted:
        example = examples[one["stage_then"], one["topic"], one["newest"]]
        found[one["stage_then"]].append(Voice(one["stage_then"], one["topic"], one["n"], one["negative"], example))
    return found
