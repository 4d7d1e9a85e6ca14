"""One team: its hours, holidays, how it hands out work, and its people."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from choir.administration.teams import remove_team, set_hours, set_members, set_way
from choir.people.models import Team
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires
from choir.web.settings.forms import MembersForm, TeamForm
from choir.web.settings.frame import REFUSALS, filled_in, frame, refusals_on
from choir.web.settings.history import history_of


@requires(Permission.PEOPLE_READ)
def team(request: WorkspaceRequest, team: uuid.UUID) -> HttpResponse:
    """One team; its lead's or an administrator's valid POST replaces its hours, holidays and way of working."""
    found = _find(request, team)
    form = TeamForm(request.POST or None, team=found)
    if request.method == "POST":
        if not _runs(request, found):
            raise PermissionDenied("Only an administrator or the department's lead changes a team.")
        if form.is_valid():
            with refusals_on(form), transaction.atomic():
                _save(request, found, form)
                messages.success(request, f"{found.name} works like this from now on.")
                return redirect("settings_team", workspace=request.workspace.slug, team=found.pk)
    return _page(request, found, form, MembersForm(team=found))


@require_POST
@requires(Permission.PEOPLE_MANAGE, at_least=Reach.WORKSPACE)
def members(request: WorkspaceRequest, team: uuid.UUID) -> HttpResponse:
    """Exactly the chosen people work in the team."""
    found = _find(request, team)
    form = MembersForm(request.POST, team=found)
    if form.is_valid():
        with refusals_on(form):
            set_members(found, people=list(form.cleaned_data["people"]), by=request.person, at=timezone.now())
            messages.success(request, f"{found.name} has {len(form.cleaned_data['people'])} people.")
            return redirect("settings_team", workspace=request.workspace.slug, team=found.pk)
    return _page(request, found, TeamForm(team=found), form)


@require_POST
@requires(Permission.PEOPLE_MANAGE, at_least=Reach.WORKSPACE)
def removal(request: WorkspaceRequest, team: uuid.UUID) -> HttpResponse:
    """The team goes, if nothing stands on it."""
    found = _find(request, team)
    name = found.name
    try:
        remove_team(found, by=request.person, at=timezone.now())
    except REFUSALS as refused:
        messages.error(request, str(refused))
        return redirect("settings_team", workspace=request.workspace.slug, team=team)
    messages.success(request, f"{name} is gone.")
    return redirect("settings_department", workspace=request.workspace.slug, department=found.department_id)


def _find(request: WorkspaceRequest, team: uuid.UUID) -> Team:
    teams = Team.objects.select_related("department__organisation")
    return get_object_or_404(teams, pk=team, department__organisation=request.workspace.organisation_id)


def _runs(request: WorkspaceRequest, team: Team) -> bool:
    return request.person.access.allows(
        Permission.TEAM_MANAGE, workspace_id=request.workspace.pk, department_id=team.department_id
    )


def _save(request: WorkspaceRequest, team: Team, form: TeamForm) -> None:
    at, chosen = timezone.now(), form.cleaned_data
    set_hours(
        team, time_zone=chosen["time_zone"], openings=chosen["hours"], holidays=chosen["holidays"], by=request.person,
        at=at,
    )  # fmt: skip
    set_way(
        team, name=chosen["name"], assigning=chosen["assigning"],
        return_after_seconds=chosen["return_after_seconds"], by=request.person, at=at,
    )  # fmt: skip


def _page(request: WorkspaceRequest, team: Team, form: TeamForm, members: MembersForm) -> HttpResponse:
    team = _find(request, team.pk)  # as it is kept, not as a refused form left it
    people = [one.person for one in team.memberships.select_related("person").order_by("person__name")]
    runs = _runs(request, team)
    context = frame(
        request, "departments", team=team, form=form, members=members, people=people, runs_team=runs,
        history=history_of("team", team.pk) if runs else None,
    )  # fmt: skip
    return filled_in(request, "settings/team.html", context, form, members)
