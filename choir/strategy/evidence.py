"""What speaks for which department at an objective: its conversations, who had each first, and how it went."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from choir.measurement.figures import Figure, split
from choir.measurement.metrics import catalogue
from choir.measurement.models import Course, Stretch
from choir.measurement.question import Question
from choir.people.models import Department
from choir.routing.models import Objective, Ownership
from choir.strategy.fit import Advice, Fit, Handled, advice, fits

MOST_ROWS = 50_000
RECORD = ("first_response", "sla_attainment", "one_touch", "resolution", "reopen_rate")


@dataclass(frozen=True, slots=True)
class Evidence:
    """An objective's departments: how each fits, its record in figures, the owner, and what that amounts to."""

    owner: Department | None
    fits: list[Fit]
    advice: Advice | None
    record: dict[str, dict[uuid.UUID, Figure]]
    rows_count: int


def evidence(objective: Objective, asked: Question, departments: Sequence[Department], *, at: dt.datetime) -> Evidence:
    """The evidence of the period that is asked for."""
    handled = handled_rows(objective, asked)
    owner = owner_of(objective, at=at)
    tried = {one.department_id for one in handled}
    ids = [one.pk for one in departments if one.pk in tried or one == owner]
    found = fits(handled, ids, owner.pk if owner else None)
    narrowed = asked.to(objective=objective.pk)
    record = {slug: split(catalogue()[slug], narrowed, "department") for slug in RECORD}
    return Evidence(owner, found, advice(found, owner.pk if owner else None), record, len(handled))


def owner_of(objective: Objective, *, at: dt.datetime) -> Department | None:
    """Who is responsible for it where no narrower cell says otherwise."""
    cells = Ownership.objects.in_force(at).filter(objective=objective).select_related("responsible")
    cell = cells.filter(workspace=None, channel=None, language="", topic="", region="", product="").first()
    return cell.responsible if cell else None


def handled_rows(objective: Objective, asked: Question) -> list[Handled]:
    """Conversations of the objective that were answered, promised in vain or handed on: one went well if the
    department that had it first answered within its promise, handed nothing on, and it was not opened again."""
    period = asked.period
    settled = Q(answered_at__isnull=False) | Q(response_promise_is_met=False) | Q(is_handed_over=True)
    courses = Course.objects.filter(
        settled, workspace_id=asked.workspace_id, objective=objective, arrived_at__gte=period.start,
        arrived_at__lt=period.end,
    )  # fmt: skip
    rows = courses.order_by("-arrived_at").values_list(
        "conversation_id", "answering_department_id", "answered_at", "response_promise_is_met", "is_handed_over",
        "reopened_at", "language", "channel_id", "conversation__urgency", "conversation__reading__topic",
    )[:MOST_ROWS]  # fmt: skip
    first = _first_departments(asked.workspace_id, objective)
    handled = []
    for pk, answering, answered_at, is_met, handed, reopened_at, language, channel, urgency, topic in rows:
        department_id = first.get(pk) or answering
        if department_id is not None:
            went_well = answered_at is not None and is_met is not False and not handed and reopened_at is None
            mix = (language, str(channel), str(min(urgency, 2)), topic or "")
            handled.append(Handled(department_id, went_well, mix))
    return handled


def _first_departments(workspace_id: uuid.UUID, objective: Objective) -> dict[uuid.UUID, uuid.UUID | None]:
    stretches = Stretch.objects.filter(workspace_id=workspace_id, objective=objective)
    rows = stretches.order_by("conversation_id", "began_at").distinct("conversation_id")
    return dict(rows.values_list("conversation_id", "department_id"))
