"""What a metric is. Each file of `metrics/` holds one, as `METRIC`; that is all it takes to add one.

A metric that happens (an answer, a hand-over) is a queryset of dated rows and one expression over them; a metric that
stands (the backlog) is a queryset of rows for any one moment. Days, splits, comparisons, rows, exports and pages are
made from that alike for all (`figures`).
"""

from __future__ import annotations

import datetime as dt
from abc import ABC
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Aggregate, Count, F, FloatField, Func, IntegerField, Q, QuerySet, Sum
from django.db.models.expressions import Combinable, ExpressionWrapper
from django.db.models.functions import Cast

from choir.measurement.question import Question


class Unit(StrEnum):
    """What a value is in."""

    COUNT = "count"
    SECONDS = "seconds"
    SHARE = "share"  # 0 to 1, shown as per cent
    NET = "net"  # -1 to 1, shown as points from -100 to 100
    MONEY = "money"  # in the organisation's currency
    EACH = "each"  # so many for each of the rows


class Better(StrEnum):
    """Which way is better; for some there is none."""

    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"


class Of(StrEnum):
    """What the rows behind a figure are."""

    CONVERSATIONS = "conversations"
    ANSWERS = "answers"
    PROMISES = "promises"
    CUSTOMERS = "customers"
    MESSAGES = "messages"
    MENTIONS = "mentions"
    SPIKES = "spikes"


TALLIED = ("department", "team", "channel", "objective", "language", "campaign")
DIMENSIONS = (*TALLIED, "topic", "theme")
COURSE_SPLITS: Mapping[str, str] = {
    "department": "department_id",
    "team": "team_id",
    "channel": "channel_id",
    "objective": "objective_id",
    "language": "language",
    "campaign": "campaign",
    "topic": "conversation__reading__topic",
    "theme": "conversation__reading__theme_id",
}
"""Of what hangs on a conversation: where it is now."""
CONVERSATION_SPLITS: Mapping[str, str] = {
    "department": "conversation__department_id",
    "team": "conversation__team_id",
    "channel": "conversation__channel_id",
    "objective": "conversation__objective_id",
    "language": "conversation__language",
    "campaign": "conversation__course__campaign",
    "topic": "conversation__reading__topic",
    "theme": "conversation__reading__theme_id",
}
NOWHERE = "nowhere"
"""The place of rows that a dimension does not tell apart: none, of all of them."""
ANSWERING_SPLITS = {**COURSE_SPLITS, "department": "answering_department_id", "team": "answering_team_id"}


class Elapsed(Func):
    """The seconds between two moments."""

    function = "EXTRACT"
    template = "%(function)s(EPOCH FROM %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(ABC):
    """One metric. `rows` are what is counted, each of a `conversation`; `at` is the field that dates a row. A metric
    whose rows are few, or kept by the hour elsewhere, has no tallies."""

    slug: str
    title: str
    definition: str
    formula: str
    unit: Unit
    better: Better
    source: str
    rows: Callable[[Question], QuerySet[Any]]
    at: str
    splits: Mapping[str, str] = field(default_factory=lambda: COURSE_SPLITS)
    also_seen_by: str = ""  # a second department field that lets its department see the row
    has_hours: bool = False
    is_tallied: bool = True
    conversation: str = "conversation_id"
    of: Of = Of.CONVERSATIONS
    words: Combinable | None = None  # what the customer said in a row, for whoever may read the conversation
    by_hour: Callable[[Question], QuerySet[Any, Any]] | None = None  # `hour`, `n`, `met` of all rows, kept elsewhere

    @property
    def told_apart_by(self) -> list[str]:
        """The dimensions that rows have a place in."""
        return [name for name, path in self.splits.items() if path != NOWHERE]

    @property
    def sides(self) -> Mapping[str, Q]:
        """Which rows count for (`met`) and against it; none where every row counts alike."""
        return {}

    @property
    def measures(self) -> Mapping[str, Aggregate]:
        """What `met` and `against` are of some rows: how many are on each side."""
        return {name: Count("pk", filter=side) for name, side in self.sides.items()}

    @property
    def durations(self) -> tuple[str, ...]:
        """The fields with a row's seconds in all hours and in business hours; none where it has no duration."""
        return ()

    @property
    def dates(self) -> tuple[str, ...]:
        """The fields whose days a row counts on."""
        return (self.at,)

    def value_of_row(self, asked: Question) -> Combinable | None:
        """What one row contributes, shown beside it; None where a row is simply one."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Metric):
    """How many rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summed(Metric):
    """What the rows' amounts, whole numbers, add up to; `scale` of them make one of the unit."""

    amount: Combinable
    scale: int = 1

    @property
    def measures(self) -> Mapping[str, Aggregate]:
        return {"met": Sum(self.amount)}

    def value_of_row(self, asked: Question) -> Combinable:
        if self.scale == 1:
            return ExpressionWrapper(self.amount, output_field=IntegerField())
        return ExpressionWrapper(Cast(self.amount, FloatField()) / float(self.scale), output_field=FloatField())


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio(Metric):
    """What one amount of the rows adds up to ÷ what another one does: of all rows together, not the mean of theirs."""

    numerator: Combinable
    denominator: Combinable

    @property
    def measures(self) -> Mapping[str, Aggregate]:
        return {"met": Sum(self.numerator), "against": Sum(self.denominator)}

    def value_of_row(self, asked: Question) -> Combinable:
        return ExpressionWrapper(self.numerator, output_field=IntegerField())


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion(Metric):
    """How many of the rows are a department's, a channel's and so on: rows ÷ those of all departments. Without a
    department it is the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting(Metric):
    """How long: median and 90th percentile of the seconds in `business` or `calendar`."""

    calendar: str
    business: str
    has_hours: bool = True

    @property
    def measures(self) -> Mapping[str, Aggregate]:
        """What `met` and `against` are of some rows: how many are on each side."""
        return {name: Count("pk", filter=side) for name, side in self.sides.items()}

    @property
    def durations(self) -> tuple[str, ...]:
        return (self.calendar, self.business)

    def seconds(self, asked: Question) -> str:
        """The field with the seconds in the hours that are asked for."""
        return self.business if asked.hours == "business" else self.calendar

    def value_of_row(self, asked: Question) -> F:
        return F(self.seconds(asked))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Metric):
    """Which share of the rows meets `condition`; the rows are the denominator."""

    condition: Q

    @property
    def sides(self) -> Mapping[str, Q]:
        return {"met": self.condition}


@dataclass(frozen=True, slots=True, kw_only=True)
class Net(Metric):
    """The share of the rows that meet `plus` less the share that meet `minus`."""

    plus: Q
    minus: Q

    @property
    def sides(self) -> Mapping[str, Q]:
        return {"met": self.plus, "against": self.minus}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Metric):
    """How many rows stand at a moment: those begun by then (`at`) and not ended (`ended`). A period has the value of
    its last moment, a day that of its end."""

    ended: str

    @property
    def dates(self) -> tuple[str, ...]:
        return (self.at, self.ended)

    def standing_at(self, rows: QuerySet[Any], moment: dt.datetime) -> QuerySet[Any]:
        """The rows that stand at a moment."""
        ended = Q(**{f"{self.ended}__isnull": True}) | Q(**{f"{self.ended}__gte": moment})
        return rows.filter(ended, **{f"{self.at}__lt": moment})
