"""Stage by stage: the conversations customers began there, how they felt, whom they met, what they spoke of."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    FilteredRelation,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from choir.inbox.models import Conversation, Direction, Handover, Message
from choir.journey.models import Stage
from choir.journey.queries import UNTOLD
from choir.measurement.question import Period
from choir.people.models import Person, Workspace

TOPIC = Case(
    When(reading__is_spam=False, then=Coalesce("reading__theme__name", "reading__topic")), default=Value(""),
    output_field=CharField(),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voice:
    """What customers at a stage speak of: a topic, how often, how often unhappily, and when last."""

    topic: str
    n: int
    negative: int
    newest: dt.datetime


@dataclass(frozen=True, slots=True)
class Met:
    """Conversations that customers at a stage began in the period: how many, how they ended up feeling, which
    departments had them, how long hand-overs took until the next answer (median, in seconds), what was spoken of."""

    stage: str
    conversations: int
    positive: int
    negative: int
    departments: list[tuple[str, str, int]]  # slug, name, how many
    handovers: int
    handover_seconds: float | None
    voices: list[Voice]


def begun(workspace: Workspace, period: Period, *, seen_by: Person | None = None) -> QuerySet[Any]:
    """Conversations begun in the period, with the stage their customer was at then; only those that a person may see,
    where one is named."""
    rows = Conversation.objects.visible_to(seen_by) if seen_by is not None else Conversation.objects.all()
    moves, began = "customer__moves", F("first_inbound_at")
    lasted = Q(**{f"{moves}__ended_at": None}) | Q(**{f"{moves}__ended_at__gt": began})
    found: QuerySet[Any] = rows.filter(
        workspace=workspace, first_inbound_at__gte=period.start, first_inbound_at__lt=period.end
    ).annotate(
        standing=FilteredRelation(moves, condition=Q(**{f"{moves}__at__lte": began}) & lasted),
        stage_then=Coalesce(F("standing__stage"), Value(UNTOLD), output_field=CharField()),
    )  # fmt: skip
    return found


@dataclass(slots=True)
class _Tally:
    """What is counted of the conversations of one stage."""

    n: int = 0
    positive: int = 0
    negative: int = 0
    departments: Counter[tuple[str, str]] = field(default_factory=Counter)
    topics: dict[str, Voice] = field(default_factory=dict)


def met(workspace: Workspace, period: Period, *, most: int = 4) -> list[Met]:
    """Stage by stage, with the topics said `most`: conversations are gone through once, then looked up are hand-overs
    and an example of each topic."""
    conversations = begun(workspace, period)
    grouped = (
        conversations.annotate(topic=TOPIC)
        .order_by()
        .values_list("stage_then", "department__slug", "department__name", "topic")
    )
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    for stage, slug, name, said, n, positive, negative, newest in grouped.annotate(
        n=Count("pk"), positive=Count("pk", filter=Q(sentiment="positive")),
        negative=Count("pk", filter=Q(sentiment="negative")), newest=Max("last_message_at"),
    ):  # fmt: skip
        tally = tallies[stage]
        tally.n, tally.positive, tally.negative = tally.n + n, tally.positive + positive, tally.negative + negative
        if slug:
            tally.departments[slug, name] += n
        if said:
            before = tally.topics.get(said, Voice(said, 0, 0, newest))
            tally.topics[said] = Voice(said, before.n + n, before.negative + negative, max(before.newest, newest))
    waits = _handover_waits(conversations)
    stages = [stage for stage in (*Stage.values, UNTOLD) if stage in tallies]
    return [_met(stage, tallies[stage], waits[stage], most) for stage in stages]


def _met(stage: str, tally: _Tally, waits: list[float | None], most: int) -> Met:
    voices = sorted(tally.topics.values(), key=lambda one: (-one.n, one.topic))[:most]
    answered = [wait for wait in waits if wait is not None]
    departments = [(slug, name, n) for (slug, name), n in tally.departments.most_common()]
    return Met(
        stage, tally.n, tally.positive, tally.negative, departments, len(waits),
        median(answered) if answered else None, voices,
    )  # fmt: skip


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


def examples(conversations: QuerySet[Any], found: Sequence[Met]) -> dict[tuple[str, str], Any]:
    """By stage and topic the newest of these conversations about it, to be read: one query."""
    wanted = {(one.stage, voice.topic, voice.newest) for one in found for voice in one.voices}
    rows = conversations.annotate(topic=TOPIC).filter(last_message_at__in={newest for _, _, newest in wanted})
    return {
        (row.stage_then, row.topic): row for row in rows if (row.stage_then, row.topic, row.last_message_at) in wanted
    }
