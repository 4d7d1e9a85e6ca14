"""The planning canvas: each department says what about its business is naturally social; what it says is planned."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.events.actions import record
from choir.people.models import Department, Person, Workspace
from choir.people.policy import Permission
from choir.strategy.actions import PlanRefusedError
from choir.strategy.models import CanvasAnswer, CanvasOutcome, Goal, Initiative

LONGEST = 4_000  # characters


@transaction.atomic
def say(workspace: Workspace, *, department: Department, text: str, by: Person, at: dt.datetime) -> CanvasAnswer:
    """The department's answer from now on, as the next version; the same words again are no new one. Refuses whoever
    does not speak for the department, and an empty answer."""
    by.access.require(Permission.CANVAS_ANSWER, workspace_id=workspace.pk, department_id=department.pk)
    said = text.replace("\0", "").strip()[:LONGEST]
    if not said:
        raise PlanRefusedError("The answer is empty. Say in a sentence or two what people would talk about anyway.")
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    last = CanvasAnswer.objects.filter(workspace=workspace, department=department).first()
    if last is not None and last.text == said:
        return last
    answer = CanvasAnswer.objects.create(
        workspace=workspace, department=department, version=last.version + 1 if last else 1, text=said, by=by, at=at
    )
    record(
        verb="canvas.answered", subject=answer, organisation_id=workspace.organisation_id, workspace_id=workspace.pk,
        at=at, by=by, facts={"department": department.slug, "version": answer.version},
    )  # fmt: skip
    return answer


@transaction.atomic
def bear(answer: CanvasAnswer, row: Goal | Initiative, *, by: Person, at: dt.datetime) -> CanvasOutcome:
    """A goal or an initiative came of an answer; once."""
    by.access.require(Permission.STRATEGY_CHANGE, workspace_id=answer.workspace_id)
    what = {"goal": row} if isinstance(row, Goal) else {"initiative": row}
    outcome, is_new = CanvasOutcome.objects.get_or_create(answer=answer, **what, defaults={"at": at})
    if is_new:
        record(
            verb="canvas.planned", subject=answer, organisation_id=by.organisation_id,
            workspace_id=answer.workspace_id, at=at, by=by, facts={str(row._meta.model_name): str(row.pk)},
        )  # fmt: skip
    return outcome
