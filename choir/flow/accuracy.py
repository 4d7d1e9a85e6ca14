"""How often triage was right, as people saw it: of what somebody worked on, the share nobody had to put right.

A correction or a hand-over says that triage was wrong about that field; an answer without one says that it stood. What
nobody worked on says nothing and is left out. By objective, language and department as they are now, so that of what
really is care, the share read as care is shown.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import TruncWeek

from choir.inbox.models import Conversation
from choir.people.models import Workspace
from choir.triage.learning.models import Example, Lesson

BY = ("week", "objective__name", "language", "department__name")


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Right, of so many that people worked on."""

    name: str
    right: int
    worked_on: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.right / self.worked_on if self.worked_on else 0.0


@dataclass(frozen=True, slots=True)
class Accuracies:
    """One field's accuracy, over time and by what it was about."""

    weeks: list[tuple[dt.datetime, Accuracy]]
    objectives: list[Accuracy]
    languages: list[Accuracy]
    departments: list[Accuracy]
    whole: Accuracy


def accuracy_of(workspace: Workspace, field: str, *, since: dt.datetime) -> Accuracies:
    """One statement, grouped in the database."""
    wrong = Example.objects.filter(
        workspace=workspace, mention=OuterRef("reading__mention"), field=field, taken_back_at=None
    ).exclude(lesson=Lesson.CONFIRMATION)
    rows = (
        Conversation.objects.filter(workspace=workspace, first_inbound_at__gte=since, reading__isnull=False)
        .annotate(is_wrong=Exists(wrong), week=TruncWeek("first_inbound_at"))
        .filter(Q(last_outbound_at__isnull=False) | Q(is_wrong=True))
        .values(*BY)
        .annotate(worked_on=Count("pk"), wrong=Count("pk", filter=Q(is_wrong=True)))
        .order_by("week")
        .values_list(*BY, "worked_on", "wrong")
    )
    counted = [(row[:4], row[4] - row[5], row[4]) for row in rows]
    weeks = _summed((key[0], right, n) for key, right, n in counted)
    return Accuracies(
        weeks=[(week, Accuracy(f"{week:%d %b}", right, n)) for week, (right, n) in weeks.items()],
        objectives=_by((key[1], right, n) for key, right, n in counted),
        languages=_by((key[2], right, n) for key, right, n in counted),
        departments=_by((key[3], right, n) for key, right, n in counted),
        whole=Accuracy("", sum(right for _, right, _ in counted), sum(n for _, _, n in counted)),
    )


def _summed(rows: Iterable[tuple[object, int, int]]) -> dict[dt.datetime, tuple[int, int]]:
    found: dict[object, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for key, right, n in rows:
        found[key] = (found[key][0] + right, found[key][1] + n)
    return found  # type: ignore[return-value]  # weeks are keyed by their first moment


def _by(rows: Iterable[tuple[object, int, int]]) -> list[Accuracy]:
    found = [Accuracy(str(key or ""), right, n) for key, (right, n) in _summed(rows).items()]
    return sorted(found, key=lambda one: -one.worked_on)
