"""What a metric is. Each file of `metrics/` holds one, as `METRIC`; that is all it takes to add one.

A metric that happens (an answer, a hand-over) is a queryset of dated rows and one expression over them; a metric that
stands (the backlog) is a queryset of rows for any one moment. Days, splits, comparisons, rows, exports and pages are
made from that alike for all (`figures`).
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Aggregate, Count, Expression, F, FloatField, Q, QuerySet

from choir.measurement.question import Question


class Unit(StrEnum):
    """What a value is in."""

    COUNT = "count"
    SECONDS = "seconds"
    SHARE = "share"  # 0 to 1, shown as per cent
    NET = "net"  # -1 to 1, shown as points from -100 to 100


class Better(StrEnum):
    """Which way is better; for some there is none."""

    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"


class Percentile(Aggregate):
    """PostgreSQL's percentile_cont: the value below which this share of the rows lies, interpolated."""

    function = "percentile_cont"
    name = "Percentile"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: Any, fraction: float, **extra: Any) -> None:
        super().__init__(expression, fraction=fraction, **extra)


DIMENSIONS = ("department", "channel", "objective", "language", "theme")
COURSE_SPLITS: Mapping[str, str] = {
    "department": "department_id",
    "channel": "channel_id",
    "objective": "objective_id",
    "language": "language",
    "theme": "conversation__reading__theme_id",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(ABC):
    """One metric. `rows` are what is counted, each with a `conversation_id`; `at` is the field that dates a row."""

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

    @abstractmethod
    def measures(self, asked: Question) -> Mapping[str, Expression]:
        """The aggregates that make a figure: always `value` and `n`, for durations `p90` as well."""

    def value_of_row(self, asked: Question) -> Expression | F | None:
        """What one row contributes, shown beside it; None where a row is simply one."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Metric):
    """How many rows."""

    def measures(self, asked: Question) -> Mapping[str, Expression]:
        return {"value": Count("pk"), "n": Count("pk")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting(Metric):
    """How long: median and 90th percentile of the seconds in `business` or `calendar`."""

    calendar: str
    business: str
    has_hours: bool = True

    def seconds(self, asked: Question) -> str:
        """The field with the seconds in the hours that are asked for."""
        return self.business if asked.hours == "business" else self.calendar

    def measures(self, asked: Question) -> Mapping[str, Expression]:
        seconds = self.seconds(asked)
        return {"value": Percentile(seconds, 0.5), "p90": Percentile(seconds, 0.9), "n": Count(seconds)}

    def value_of_row(self, asked: Question) -> F:
        return F(self.seconds(asked))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Metric):
    """Which share of the rows meets `condition`; the rows are the denominator."""

    condition: Q

    def measures(self, asked: Question) -> Mapping[str, Expression]:
        return {"met": Count("pk", filter=self.condition), "n": Count("pk")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Net(Metric):
    """The share of the rows that meet `plus` less the share that meet `minus`."""

    plus: Q
    minus: Q

    def measures(self, asked: Question) -> Mapping[str, Expression]:
        return {
            "met": Count("pk", filter=self.plus),
            "against": Count("pk", filter=self.minus),
            "n": Count("pk"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Metric):
    """How many rows stand at a moment: those begun by then (`at`) and not ended (`ended`). A period has the value of
    its last moment, a day that of its end."""

    ended: str

    def measures(self, asked: Question) -> Mapping[str, Expression]:
        return {"value": Count("pk"), "n": Count("pk")}

    def standing_at(self, rows: QuerySet[Any], moment: dt.datetime) -> QuerySet[Any]:
        """The rows that stand at a moment."""
        ended = Q(**{f"{self.ended}__isnull": True}) | Q(**{f"{self.ended}__gte": moment})
        return rows.filter(ended, **{f"{self.at}__lt": moment})
