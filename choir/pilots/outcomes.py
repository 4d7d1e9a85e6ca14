"""What a pilot can be judged by, and how each conversation drawn went: one read of the draws for all metrics."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, FloatField, OuterRef, QuerySet, Subquery

from choir.inbox.models import Direction, Message
from choir.measurement.metric import Better
from choir.measurement.models import Course
from choir.pilots.comparing import Measured, lasting, mean, share
from choir.pilots.models import Draw
from choir.surveys.models import SATISFIED
from choir.triage.models import Reading

Row = Mapping[str, Any]
DAY = 86_400.0
MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Judged:
    """A metric of a pilot. `of` is what one conversation adds: a duration or value, whether it met something, or None
    where it has no part. `ripens` is how many days after its draw a conversation is looked at."""

    slug: str
    title: str
    unit: str  # seconds, share or score
    better: Better
    ripens: int
    of: Callable[[Row], float | bool | None]

    @property
    def is_relative(self) -> bool:
        """Whether sides are compared as a ratio."""
        return self.unit == "seconds"

    def measured(self, rows: Iterable[Row]) -> Measured | None:
        """One side's figure."""
        values = [value for row in rows if (value := self.of(row)) is not None]
        if self.unit == "seconds":
            return lasting(values)
        return share(sum(map(bool, values)), len(values)) if self.unit == "share" else mean(values)


def _within(field: str, days: int) -> Callable[[Row], float]:
    """Seconds, or for ever where it did not happen within the days that every conversation was given."""
    return lambda row: row[field] if row[field] is not None and row[field] <= days * DAY else math.inf


def _one_touch(row: Row) -> bool | None:
    return None if row["resolved"] is None or not row["answers"] else row["answers"] == 1


def _reopened(row: Row) -> bool | None:
    return None if row["first_resolved"] is None else row["reopened"] is not None


def _satisfied(row: Row) -> bool | None:
    return None if row["score"] is None else row["score"] >= SATISFIED


def _warmer(row: Row) -> float | None:
    if row["first_mention"] == row["last_mention"] or row["mood_first"] is None or row["mood_last"] is None:
        return None
    return float(row["mood_last"]) - float(row["mood_first"])


JUDGED: Mapping[str, Judged] = {
    one.slug: one
    for one in (
        Judged("first_response", "First response time", "seconds", Better.LOWER, 2, _within("responded", 2)),
        Judged("one_touch", "One-touch rate", "share", Better.HIGHER, 5, _one_touch),
        Judged("resolution", "Resolution time", "seconds", Better.LOWER, 5, _within("took", 5)),
        Judged("reopen_rate", "Reopen rate", "share", Better.LOWER, 7, _reopened),
        Judged("handover_rate", "Hand-over rate", "share", Better.LOWER, 5, lambda row: bool(row["handed"])),
        Judged("csat", "Satisfied customers", "share", Better.HIGHER, 7, _satisfied),
        Judged("sentiment", "Change of mood", "score", Better.HIGHER, 5, _warmer),
    )
}


FIELDS = {
    "responded": "first_response_seconds", "took": "resolution_seconds", "resolved": "resolved_at",
    "first_resolved": "first_resolved_at", "reopened": "reopened_at", "answers": "answers_count",
    "handed": "is_handed_over",
}  # fmt: skip


def ripening(slugs: Iterable[str]) -> dt.timedelta:
    """How long after the last draw a look waits."""
    return dt.timedelta(days=max(JUDGED[one].ripens for one in slugs))


def rows_of(rows: QuerySet[Draw] | QuerySet[Course]) -> list[Row]:
    """How each conversation drawn (or each of a past) went, as far as it is measured, the newest first: times in all
    hours, which is what customers wait."""
    course = "" if rows.model is Course else "conversation__course__"
    said = Message.objects.filter(conversation=OuterRef("conversation_id"), direction=Direction.INBOUND)
    told: QuerySet[Any] = rows.annotate(
        first_mention=Subquery(said.order_by("at", "id").values("mention_id")[:1]),
        last_mention=Subquery(said.order_by("-at", "-id").values("mention_id")[:1]),
        score=F("conversation__survey__score"),
        **{name: F(f"{course}{field}") for name, field in FIELDS.items()},
    )
    told = told.annotate(mood_first=_mood("first_mention"), mood_last=_mood("last_mention"))
    side = [] if rows.model is Course else ["is_candidate"]
    names = ("conversation_id", "first_mention", "last_mention", "score", *FIELDS, "mood_first", "mood_last", *side)
    return list(told.order_by("-conversation_id").values(*names)[:MOST_ROWS])


def _mood(mention: str) -> Subquery:
    current = Reading.objects.filter(mention_id=OuterRef(mention), is_current=True)
    return Subquery(current.values("sentiment_score")[:1], output_field=FloatField())
