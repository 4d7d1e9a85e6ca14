"""Departments' records as a replay reads them: how soon each answered what it had first, how many answers it took, and
how much work an answer was.

Aggregates over the courses and answers of a time, whatever the history: quantiles of the first response, the mean
count of answers and their mean handle time, for each department at each objective and for each objective in all. A
department without a record at an objective is given the objective's, as if seen a few times only, so that its range is
wide; and is marked.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, Avg, Count, FloatField, OuterRef, Q, QuerySet, StdDev, Subquery, Sum, UUIDField
from django.db.models.functions import Cast, Coalesce
from numpy.typing import NDArray

from choir.inbox.models import Direction, Message
from choir.measurement.models import Course, Stretch
from choir.people.models import Workspace

Floats = NDArray[np.float64]
FRACTIONS = tuple(round(number / 20, 2) for number in range(1, 20))
FEWEST = 8  # with fewer conversations a record says too little
AS_IF_SEEN = 4  # what a borrowed record weighs
DRAWS = 400
SEED = 23


@dataclass(frozen=True, slots=True)
class Record:
    """A department at an objective: conversations it had first and that were answered, quantiles (`FRACTIONS`) of the
    working seconds to the first answer, and answers each. `is_borrowed` where it has too few of its own."""

    n: int
    quantiles: tuple[float, ...]
    answers: float
    answers_spread: float
    is_borrowed: bool = False

    def drawn(self, chance: np.random.Generator) -> Floats:
        """Quantiles as they may truly be: draws × fractions. The share of conversations under a value is known up to
        its binomial error, which moves all quantiles of a record together."""
        share = np.array(FRACTIONS)
        error = np.sqrt(share * (1 - share) / max(1, self.n))
        moved = np.clip(share + chance.standard_normal((DRAWS, 1)) * error, share[0], share[-1])
        found: Floats = np.interp(moved, share, np.array(self.quantiles))
        return found

    def answers_drawn(self, chance: np.random.Generator) -> Floats:
        """Answers each, as they may truly be: draws."""
        error = self.answers_spread / np.sqrt(max(1, self.n))
        found: Floats = np.maximum(0.1, self.answers + chance.standard_normal(DRAWS) * error)
        return found


@dataclass(frozen=True, slots=True)
class Effort:
    """Recorded work on answers: of how many, their mean seconds and the spread of these."""

    n: int
    seconds: float
    spread: float

    def drawn(self, chance: np.random.Generator) -> Floats:
        """The mean seconds, as they may truly be: draws."""
        found: Floats = np.maximum(1.0, self.seconds + chance.standard_normal(DRAWS) * self.spread / np.sqrt(self.n))
        return found


@dataclass(frozen=True, slots=True)
class Records:
    """All records of a workspace in a time. `usual_answers` is what the average conversation took; `efforts` are by
    department and objective, None standing for all of them."""

    own: Mapping[tuple[uuid.UUID, str], Record]
    of_objective: Mapping[str, Record]
    usual_answers: float
    efforts: Mapping[tuple[uuid.UUID | None, str | None], Effort]

    def effort(self, department_id: uuid.UUID | None, objective: str) -> Effort | None:
        """The work on an answer: of the department at the objective, else of all at the objective, else of all; None
        where there are too few answers with recorded work."""
        keys = ((department_id, objective), (None, objective), (None, None))
        known = (self.efforts.get(key) for key in keys)
        return next((one for one in known if one is not None and one.n >= FEWEST), None)

    def of(self, department_id: uuid.UUID | None, objective: str) -> Record | None:
        """The department's own, or the objective's as a wide guess; None where nobody has any."""
        own = self.own.get((department_id, objective)) if department_id else None
        if own is not None and own.n >= FEWEST:
            return own
        whole = self.of_objective.get(objective)
        if whole is None:
            return None
        return Record(AS_IF_SEEN, whole.quantiles, whole.answers, whole.answers_spread, is_borrowed=True)


class _Quantiles(Aggregate):
    function = "PERCENTILE_CONT"
    template = f"%(function)s(ARRAY{list(FRACTIONS)}) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())


def records_of(workspace: Workspace, *, since: dt.datetime, until: dt.datetime) -> Records:
    """Read them: three queries."""
    began = Stretch.objects.filter(conversation=OuterRef("conversation_id")).order_by("began_at")
    rows = Course.objects.filter(
        workspace=workspace, arrived_at__gte=since, arrived_at__lt=until, answered_at__isnull=False,
        first_response_business_seconds__isnull=False, objective__isnull=False,
    )  # fmt: skip
    had_first = Subquery(began.values("department_id")[:1])
    rows = rows.annotate(had_first=Coalesce(had_first, "answering_department_id", output_field=UUIDField()))
    whole = {objective: record for (objective,), record in _told(rows, "objective__slug")}
    own = {(pk, objective): record for (pk, objective), record in _told(rows, "had_first", "objective__slug") if pk}
    total = sum(one.n for one in whole.values())
    usual = sum(one.n * one.answers for one in whole.values()) / total if total else 1.0
    return Records(own, whole, usual, _efforts(workspace, since=since, until=until))


def _efforts(
    workspace: Workspace, *, since: dt.datetime, until: dt.datetime
) -> dict[tuple[uuid.UUID | None, str | None], Effort]:
    """The handle times of each department at each objective, and what they add up to."""
    answers = Message.objects.filter(
        workspace=workspace, direction=Direction.OUTBOUND, at__gte=since, at__lt=until, handling_seconds__isnull=False
    )
    seconds = Cast("handling_seconds", FloatField())
    told = answers.values_list(
        "conversation__course__answering_department_id", "conversation__course__objective__slug"
    ).annotate(n=Count("pk"), total=Sum(seconds), squares=Sum(seconds * seconds))
    sums: dict[tuple[uuid.UUID | None, str | None], np.ndarray[Any, Any]] = {}
    for department_id, objective, *told_of in told.order_by():
        for key in {(department_id, objective), (None, objective), (None, None)}:
            sums[key] = sums.get(key, np.zeros(3)) + np.array(told_of)
    return {key: _effort(*map(float, one)) for key, one in sums.items()}


def _effort(n: float, total: float, squares: float) -> Effort:
    mean = total / n
    return Effort(int(n), mean, max(0.0, squares / n - mean * mean) ** 0.5)


def _told(rows: QuerySet[Course], *by: str) -> list[tuple[tuple[Any, ...], Record]]:
    told = rows.values_list(*by).annotate(
        n=Count("pk"),
        quantiles=_Quantiles("first_response_business_seconds"),
        answers=Avg("answers_count", filter=Q(answers_count__gt=0)),
        spread=StdDev("answers_count"),
    )
    return [
        (tuple(row[: len(by)]), Record(row[-4], tuple(row[-3]), float(row[-2] or 1.0), float(row[-1] or 0.0)))
        for row in told.order_by()
    ]
