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
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncWeek

from choir.inbox.models import Conversation, Message
from choir.people.models import Workspace
from choir.triage.learning.models import Lesson

BY = ("week", "objective__slug", "objective__name", "language", "department__slug", "department__name")
PLACES = {"objective": "objective__slug", "language": "language", "department": "department__slug"}


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Right, of so many that people worked on; `key` is its slug or code, empty where there is none."""

    name: str
    right: int
    worked_on: int
    key: str = ""

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
    grouped = worked_on(workspace, field, since=since).values(*BY)
    rows = (
        grouped.annotate(worked_on=Count("pk"), wrong=Count("pk", filter=Q(is_wrong=True)))
        .order_by("week")
        .values_list(*BY, "worked_on", "wrong")
    )
    counted = [(row[:6], row[6] - row[7], row[6]) for row in rows]
    weeks = _summed((key[0], right, n) for key, right, n in counted)
    return Accuracies(
        weeks=[(week, Accuracy(f"{week:%d %b}", right, n)) for week, (right, n) in weeks.items()],
        objectives=_by(((key[1], key[2]), right, n) for key, right, n in counted),
        languages=_by(((key[3], key[3]), right, n) for key, right, n in counted),
        departments=_by(((key[4], key[5]), right, n) for key, right, n in counted),
        whole=Accuracy("", sum(right for _, right, _ in counted), sum(n for _, _, n in counted)),
    )


def worked_on(
    workspace: Workspace, field: str, *, since: dt.datetime, week: dt.date | None = None, **places: str
) -> QuerySet[Any]:
    """The conversations that people worked on, with `is_wrong` and the `week` they began in; of one week and of one
    value of each of `places` (`PLACES`), where these are named; "none" is where there is none."""
    # Whatever of it was put right: a hand-over is about how it began, a correction about what stands for it by now.
    wrong = Message.objects.filter(
        conversation=OuterRef("pk"),
        mention__examples__field=field,
        mention__examples__taken_back_at=None,
        mention__examples__lesson__in=(Lesson.CORRECTION, Lesson.HANDOVER),
    )
    found: QuerySet[Any] = Conversation.objects.filter(
        workspace=workspace, first_inbound_at__gte=since, reading__isnull=False
    ).annotate(is_wrong=Exists(wrong), week=TruncWeek("first_inbound_at"))
    found = found.filter(Q(last_outbound_at__isnull=False) | Q(is_wrong=True))
    if week is not None:
        found = found.filter(week__date=week)
    for name, value in places.items():
        none = "" if name == "language" else None
        found = found.filter(**{PLACES[name]: none if value == "none" else value})
    return found


def _summed(rows: Iterable[tuple[Any, int, int]]) -> dict[Any, tuple[int, int]]:
    found: dict[Any, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for key, right, n in rows:
        found[key] = (found[key][0] + right, found[key][1] + n)
    return found


def _by(rows: Iterable[tuple[tuple[str | None, str | None], int, int]]) -> list[Accuracy]:
    found = [Accuracy(name or "", right, n, key or "") for (key, name), (right, n) in _summed(rows).items()]
    return sorted(found, key=lambda one: -one.worked_on)
