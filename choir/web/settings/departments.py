"""Departments: what each is there for and the teams it works in; which team sorts what is unsure."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from choir.administration.departments import add_department, change_department, open_team, remove_department
from choir.administration.teams import set_market, set_sorting_team
from choir.channels.models import Channel
from choir.people.models import Department, Team
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires
from choir.web.settings.forms import DepartmentForm, NameForm, SortingForm
from choir.web.settings.frame import REFUSALS, filled_in, frame, refusals_on
from choir.web.settings.history import history_of

MANAGES = requires(Permission.PEOPLE_MANAGE, at_least=Reach.WORKSPACE)


@requires(Permission.PEOPLE_READ)
def departments(request: WorkspaceRequest) -> HttpResponse:
    """Every department with its charter, its teams and the channels it is accountable for: three queries."""
    return _all(request, _sorting_form(request))


@require_POST
@MANAGES
def sorting(request: WorkspaceRequest) -> HttpResponse:
    """Names the team that sorts what triage is unsure about, and the region that the workspace serves."""
    workspace, form = request.workspace, _sorting_form(request)
    if form.is_valid():
        with refusals_on(form):
            chosen = form.cleaned_data["sorting_team"]
            set_sorting_team(workspace, team=chosen, by=request.person, at=timezone.now())
            if "market" in request.POST:
                set_market(workspace, market=form.cleaned_data["market"], by=request.person, at=timezone.now())
            messages.success(request, f"{chosen} sorts what is unsure from now on.")
            return redirect("settings", workspace=workspace.slug)
    return _all(request, form)


def _sorting_form(request: WorkspaceRequest) -> SortingForm:
    given = request.POST if request.method == "POST" else None
    organisation, present = request.workspace.organisation, request.workspace.sorting_team_id
    return SortingForm(
        given, organisation=organisation, initial={"sorting_team": present, "market": request.workspace.market}
    )


def _all(request: WorkspaceRequest, form: SortingForm) -> HttpResponse:
    teams = Team.objects.annotate(people_count=Count("memberships"))
    channels = Channel.objects.filter(workspace=request.workspace)
    found = Department.objects.filter(organisation=request.workspace.organisation_id).prefetch_related(
        Prefetch("teams", teams), Prefetch("accountable_channels", channels)
    )
    context = frame(request, "departments", form=form, departments=found)
    return filled_in(request, "settings/departments.html", context, form)


@requires(Permission.PEOPLE_READ)
def department(request: WorkspaceRequest, department: uuid.UUID) -> HttpResponse:
    """One department; an administrator's valid POST changes its name and charter."""
    found = _find(request, department)
    form = DepartmentForm(request.POST or None, initial={"name": found.name, "charter": found.charter})
    if request.method == "POST":
        if request.person.access.reach(Permission.PEOPLE_MANAGE, request.workspace.pk) < Reach.WORKSPACE:
            raise PermissionDenied("Only an administrator changes departments.")
        if form.is_valid():
            with refusals_on(form):
                change_department(found, **form.cleaned_data, by=request.person, at=timezone.now())
                messages.success(request, f"{found.name} is changed.")
                return redirect("settings_department", workspace=request.workspace.slug, department=found.pk)
    return _page(request, found, form, NameForm())


@MANAGES
def new_department(request: WorkspaceRequest) -> HttpResponse:
    """Adds a department with a team of its own."""
    form = DepartmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            made = add_department(
                request.workspace.organisation, **form.cleaned_data, by=request.person, at=timezone.now()
            )
            messages.success(request, f"{made.name} is there, with a team. Say who works in it.")
            return redirect("settings_department", workspace=request.workspace.slug, department=made.pk)
    return filled_in(request, "settings/new_department.html", frame(request, "departments", form=form), form)


@require_POST
@MANAGES
def new_team(request: WorkspaceRequest, department: uuid.UUID) -> HttpResponse:
    """Another team of the department."""
    found = _find(request, department)
    form = NameForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            made = open_team(found, name=form.cleaned_data["name"], by=request.person, at=timezone.now())
            messages.success(request, f"{made.name} is there. Say who works in it, and when.")
            return redirect("settings_team", workspace=request.workspace.slug, team=made.pk)
    return _page(request, found, DepartmentForm(initial={"name": found.name, "charter": found.charter}), form)


@require_POST
@MANAGES
def removal(request: WorkspaceRequest, department: uuid.UUID) -> HttpResponse:
    """The department goes, if nothing stands on it."""
    found = _find(request, department)
    name = found.name
    try:
        remove_department(found, by=request.person, at=timezone.now())
    except REFUSALS as refused:
        messages.error(request, str(refused))
        return redirect("settings_department", workspace=request.workspace.slug, department=department)
    messages.success(request, f"{name} is gone.")
    return redirect("settings", workspace=request.workspace.slug)


def _find(request: WorkspaceRequest, department: uuid.UUID) -> Department:
    rows = Department.objects.select_related("organisation")
    return get_object_or_404(rows, pk=department, organisation=request.workspace.organisation_id)


def _page(request: WorkspaceRequest, department: Department, form: DepartmentForm, team_form: NameForm) -> HttpResponse:
    department = _find(request, department.pk)  # as it is kept, not as a refused form left it
    context = frame(
        request, "departments", department=department, form=form, team_form=team_form,
        teams=department.teams.annotate(people_count=Count("memberships")),
        channels=Channel.objects.filter(workspace=request.workspace, accountable=department),
    )  # fmt: skip
    context["history"] = history_of("department", department.pk) if context["manages_people"] else None
    return filled_in(request, "settings/department.html", context, form, team_form)
