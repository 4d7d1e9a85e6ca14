"""The ownership matrix's pages."""

from __future__ import annotations

import datetime as dt
import uuid
from http import HTTPStatus
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from choir.flow.replay import Replayed, replay
from choir.people.models import Department
from choir.people.policy import Permission, Reach
from choir.routing.actions import OwnershipRefusedError, Scope, set_owner, take_back
from choir.routing.decide import Cell
from choir.routing.models import Objective, Ownership
from choir.routing.queries import cells_in_force
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.ownership.forms import OwnerForm
from choir.web.ownership.reading import matrix_of, scope_words

REPLAYED = dt.timedelta(days=90)


@requires(Permission.OWNERSHIP_READ)
def matrix(request: WorkspaceRequest) -> HttpResponse:
    """Objectives × departments as they stand today."""
    organisation = request.workspace.organisation
    departments = list(Department.objects.filter(organisation=organisation))
    rows = matrix_of(organisation, departments, at=timezone.now())
    gaps = [one.objective for one in rows if not one.rows]
    context = {"section": "ownership", "departments": departments, "objectives": rows, "gaps": gaps}
    return answer(request, "ownership/matrix.html", context)


@requires(Permission.OWNERSHIP_READ)
def objective(request: WorkspaceRequest, objective: str) -> HttpResponse:
    """One objective: its cells, their versions, and (for the champion) a change with its preview."""
    found = get_object_or_404(Objective, organisation=request.workspace.organisation_id, slug=objective)
    may_change = request.person.access.reach(Permission.OWNERSHIP_CHANGE, request.workspace.pk) is Reach.WORKSPACE
    form = OwnerForm(request.POST or None, workspace=request.workspace, initial=request.GET.dict())
    preview = None
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            preview = _preview(request, found, form)
        elif (answered := _change(request, found, form)) is not None:
            return answered
    versions = (
        Ownership.objects.filter(objective=found)
        .select_related("responsible", "accountable", "decided_by", "channel", "workspace")
        .order_by("topic", "language", "channel", "-version")
    )
    context = {
        "section": "ownership",
        "sees_evidence": request.person.access.reach(Permission.STRATEGY_READ, request.workspace.pk) is Reach.WORKSPACE,
        "objective": found,
        "cells": [(scope_words(one) or "everything", one) for one in versions],
        "form": form if may_change else None,
        "preview": preview,
        "now": timezone.now(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "ownership/objective.html", context, status=status)


@require_POST
@requires(Permission.OWNERSHIP_CHANGE, at_least=Reach.WORKSPACE)
def withdrawal(request: WorkspaceRequest, objective: str, cell: uuid.UUID) -> HttpResponse:
    """Takes a planned change back."""
    planned = get_object_or_404(Ownership, pk=cell, organisation=request.workspace.organisation_id)
    try:
        take_back(planned, by=request.person, at=timezone.now())
        messages.success(request, "The planned change is taken back.")
    except OwnershipRefusedError as refused:
        messages.error(request, str(refused))
    return redirect("ownership_objective", workspace=request.workspace.slug, objective=objective)


def _change(request: WorkspaceRequest, found: Objective, form: OwnerForm) -> HttpResponse | None:
    chosen = form.cleaned_data
    try:
        cell = set_owner(
            request.workspace.organisation,
            objective=found,
            scope=Scope(
                workspace=request.workspace if chosen["only_here"] else None,
                channel=chosen["channel"],
                language=chosen["language"],
                topic=chosen["topic"],
            ),
            responsible=chosen["responsible"],
            accountable=chosen["accountable"],
            consulted=chosen["consulted"],
            informed=chosen["informed"],
            effective_from=_midnight(request, chosen["effective_on"]),
            because=chosen["because"],
            by=request.person,
            at=timezone.now(),
        )
    except OwnershipRefusedError as refused:
        form.add_error(None, str(refused))
        return None
    messages.success(request, f"{cell.responsible} owns {found.name.lower()} from {cell.effective_from:%d %B %Y}.")
    return redirect("ownership_objective", workspace=request.workspace.slug, objective=found.slug)


def _midnight(request: WorkspaceRequest, on: dt.date | None) -> dt.datetime | None:
    if on is None:
        return None
    return dt.datetime.combine(on, dt.time(), ZoneInfo(request.workspace.organisation.time_zone))


def _preview(request: WorkspaceRequest, found: Objective, form: OwnerForm) -> dict[str, object]:
    """What the last 90 days would have looked like."""
    at, chosen = timezone.now(), form.cleaned_data
    before = cells_in_force(request.workspace.organisation_id, at=at)
    proposed = Cell(
        id=uuid.uuid4(), objective=found.slug, workspace_id=request.workspace.pk if chosen["only_here"] else None,
        channel_id=chosen["channel"].pk if chosen["channel"] else None, language=chosen["language"],
        topic=chosen["topic"], responsible_id=chosen["responsible"].pk, version=0, effective_from=at,
    )  # fmt: skip
    kept = [one for one in before if _scope(one) != _scope(proposed)]
    replayed = replay(request.workspace, before=before, after=[*kept, proposed], since=at - REPLAYED)
    return {"replayed": replayed, "moves": _moves(request, replayed)}


def _scope(cell: Cell) -> tuple[object, ...]:
    return (cell.objective, cell.workspace_id, cell.channel_id, cell.language, cell.topic)


def _moves(request: WorkspaceRequest, replayed: Replayed) -> list[tuple[str, str, int]]:
    names = dict(Department.objects.filter(organisation=request.workspace.organisation_id).values_list("pk", "name"))
    moves = [(one, count) for one, count in replayed.moves.most_common() if one[0] != one[1]]
    return [
        (names.get(old, "nobody") if old else "nobody", names.get(new, "nobody") if new else "nobody", count)
        for (old, new), count in moves
    ]
