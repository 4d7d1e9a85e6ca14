"""The ownership matrix's pages."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from http import HTTPStatus
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from choir.people.models import Department
from choir.people.policy import Permission, Reach
from choir.routing.actions import (
    OwnershipRefusedError,
    refuse_owner,
    require_ownership_change,
    set_owner,
    take_back,
)
from choir.routing.models import Objective, Ownership
from choir.routing.queries import cells_of
from choir.routing.weighing import weigh
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.ownership.forms import OwnerForm, WeightForm
from choir.web.ownership.previewing import preview, was_seen
from choir.web.ownership.reading import matrix_of


@requires(Permission.OWNERSHIP_READ)
def matrix(request: WorkspaceRequest) -> HttpResponse:
    """Objectives × departments as they stand today."""
    organisation = request.workspace.organisation
    departments = list(Department.objects.filter(organisation=organisation))
    rows = matrix_of(organisation, departments, at=timezone.now())
    gaps = [one.objective for one in rows if not one.rows]
    context = {
        "section": "ownership", "departments": departments, "objectives": rows, "gaps": gaps,
        "sees_evidence": _sees_evidence(request),
    }  # fmt: skip
    return answer(request, "ownership/matrix.html", context)


@requires(Permission.OWNERSHIP_READ)
def objective(request: WorkspaceRequest, objective: str) -> HttpResponse:
    """One objective: its cells, their versions, and (for the champion) a change with its preview."""
    found = get_object_or_404(Objective, organisation=request.workspace.organisation_id, slug=objective)
    may_change = request.person.access.reach(Permission.OWNERSHIP_CHANGE, request.workspace.pk) is Reach.WORKSPACE
    form = OwnerForm(request.POST or None, workspace=request.workspace, initial=request.GET.dict())
    seen = None
    if request.method == "POST":
        require_ownership_change(request.workspace.organisation, by=request.person)
    if request.method == "POST" and form.is_valid():
        scope, responsible, at = form.scope(request.workspace), form.cleaned_data["responsible"], timezone.now()
        is_seen = was_seen(request.POST.get("previewed", ""), found, scope, responsible)
        if is_seen and "preview" not in request.POST:
            if (answered := _change(request, found, form)) is not None:
                return answered
        elif _would_hold(request, found, form):
            seen = preview(found, scope, responsible, by=request.person, at=at)
    versions = list(
        Ownership.objects.filter(objective=found)
        .select_related("objective", "responsible", "accountable", "decided_by", "channel", "workspace")
        .order_by("topic", "product", "language", "region", "workspace", "channel", "-version")
    )
    context = {
        "section": "ownership",
        "sees_evidence": _sees_evidence(request),
        "objective": found,
        "cells": list(zip(_scopes(found, versions), versions, strict=True)),
        "form": form if may_change else None,
        "preview": seen,
        "weight_form": WeightForm(initial={"weight": found.weight}) if may_change else None,
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


@require_POST
@requires(Permission.OWNERSHIP_CHANGE, at_least=Reach.WORKSPACE)
def weight(request: WorkspaceRequest, objective: str) -> HttpResponse:
    """Says how much of a person's capacity one conversation of the objective takes."""
    found = get_object_or_404(Objective, organisation=request.workspace.organisation_id, slug=objective)
    form = WeightForm(request.POST)
    if form.is_valid():
        weigh(found, weight=form.cleaned_data["weight"], by=request.person, at=timezone.now())
        messages.success(request, f"{found.name} weighs {form.cleaned_data['weight']:g} from now on.")
    else:
        messages.error(request, " ".join(map(str, form.errors["weight"])))
    return redirect("ownership_objective", workspace=request.workspace.slug, objective=objective)


def _sees_evidence(request: WorkspaceRequest) -> bool:
    return request.person.access.reach(Permission.STRATEGY_READ, request.workspace.pk) is Reach.WORKSPACE


def _change(request: WorkspaceRequest, found: Objective, form: OwnerForm) -> HttpResponse | None:
    chosen = form.cleaned_data
    try:
        cell = set_owner(
            request.workspace.organisation,
            objective=found,
            scope=form.scope(request.workspace),
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


def _would_hold(request: WorkspaceRequest, found: Objective, form: OwnerForm) -> bool:
    """Whether it could be saved like this; else the form says why not."""
    chosen, at = form.cleaned_data, timezone.now()
    try:
        refuse_owner(
            request.workspace.organisation, objective=found, scope=form.scope(request.workspace),
            responsible=chosen["responsible"], begins=_midnight(request, chosen["effective_on"]) or at,
            because=chosen["because"], by=request.person, at=at,
        )  # fmt: skip
    except OwnershipRefusedError as refused:
        form.add_error(None, str(refused))
        return False
    return True


def _scopes(found: Objective, versions: Sequence[Ownership]) -> list[str]:
    return [one.scope_words or "everything" for one in cells_of(versions, found.organisation_id)]
