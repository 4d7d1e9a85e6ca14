"""The flow between stages: where everybody was when a period began and when it ended.

Everybody is counted once: every customer known by the end of the period is in exactly one cell, so the flow adds up to
the person list. Whoever has not been heard of for `QUIET` is gone from the stage where they were.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, F, FilteredRelation, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from choir.customers.models import Customer
from choir.inbox.models import Direction, Message
from choir.measurement.question import Period
from choir.people.models import Workspace

QUIET = dt.timedelta(days=30)
NEW, UNTOLD, GONE = "new", "untold", "gone"
"""Not yet known; known, and nothing tells the stage; not heard of any more."""


@dataclass(frozen=True, slots=True)
class Flow:
    """How many customers were where at the beginning and where at the end: (from, to) → how many. `left` counts those
    who went quiet in the period by the stage where they stood ("untold" where nothing tells)."""

    cells: dict[tuple[str, str], int]
    left: dict[str, int]

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
    """Every customer known by the end, with `began` and `ended`: where they were then, and `began_stage` and
    `ended_stage`: where they stood, heard of or not. A customer stands in one move at a time, so each is one row."""
    known = Customer.objects.filter(workspace=workspace, created_at__lt=period.end)
    found: QuerySet[Any] = known.annotate(
        began_move=_move_at(period.start), began_stage=Coalesce(F("began_move__stage"), Value("")),
        ended_move=_move_at(period.end), ended_stage=Coalesce(F("ended_move__stage"), Value("")),
        began=Case(
            When(created_at__gte=period.start, then=Value(NEW)),
            When(~_heard_before(workspace, period.start, "began_move"), then=Value(GONE)),
            When(began_stage="", then=Value(UNTOLD)),
            default=F("began_stage"), output_field=CharField(),
        ),
        ended=Case(
            When(~_heard_before(workspace, period.end, "ended_move"), then=Value(GONE)),
            When(ended_stage="", then=Value(UNTOLD)),
            default=F("ended_stage"), output_field=CharField(),
        ),
    )  # fmt: skip
    return found


def _move_at(moment: dt.datetime) -> FilteredRelation:
    """The move that a customer stood in just before a moment."""
    lasted = Q(moves__ended_at=None) | Q(moves__ended_at__gte=moment)
    return FilteredRelation("moves", condition=Q(moves__at__lt=moment) & lasted)


def _heard_before(workspace: Workspace, moment: dt.datetime, move: str) -> Q:
    """Whether somebody was heard of in `QUIET` before a moment: they came, moved, or said something. Who said something
    is one list for all of them, not a look at each."""
    since = moment - QUIET
    said = Message.objects.filter(
        workspace=workspace, direction=Direction.INBOUND, at__gte=since, at__lt=moment
    ).order_by().values("conversation__customer")  # fmt: skip
    return Q(created_at__gte=since) | Q(**{f"{move}__at__gte": since}) | Q(pk__in=said)


def flow(workspace: Workspace, period: Period) -> Flow:
    """One query over all of them."""
    grouped = placed(workspace, period).order_by().values_list("began", "ended", "ended_stage").annotate(n=Count("pk"))
    cells: Counter[tuple[str, str]] = Counter()
    left: Counter[str] = Counter()
    for began, ended, stood, n in grouped:
        cells[began, ended] += n
        if ended == GONE and began != GONE:
            left[stood or UNTOLD] += n
    return Flow(dict(cells), dict(left))
