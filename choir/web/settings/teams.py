"""Departments, and each team's hours, holidays and people."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from choir.administration.teams import TeamRefusedError, set_hours, set_members
from choir.channels.models import Channel
from choir.people.models import Department, Team
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.settings.forms import TeamForm
from choir.web.settings.frame import frame


@requires(Permission.PEOPLE_READ)
def departments(request: WorkspaceRequest) -> HttpResponse:
    """Every department with its charter, its teams and the channels it is accountable for: three queries."""
    teams = Team.objects.annotate(people_count=Count("memberships"))
    channels = Channel.objects.filter(workspace=request.workspace)
    found = Department.objects.filter(organisation=request.workspace.organisation_id).prefetch_related(
        Prefetch("teams", teams), Prefetch("accountable_channels", channels)
    )
    return answer(request, "settings/departments.html", frame(request, "departments", departments=found))


@requires(Permission.PEOPLE_READ)
def team(request: WorkspaceRequest, team: uuid.UUID) -> HttpResponse:
    """One team; an administrator's valid POST replaces its hours, holidays and members."""
    found = get_object_or_404(
        Team.objects.select_related("department__organisation"),
        pk=team,
        department__organisation=request.workspace.organisation_id,
    )
    context = frame(request, "departments", team=found)
    form = TeamForm(request.POST or None, team=found)
    if request.method == "POST":
        if not context["manages_people"]:
            raise PermissionDenied("Only an administrator changes teams.")
        if form.is_valid() and _saved(request, found, form):
            messages.success(request, f"{found.name} works in the new hours from now on.")
            return redirect("settings_team", workspace=request.workspace.slug, team=found.pk)
    people = [one.person for one in found.memberships.select_related("person").order_by("person__name")]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "settings/team.html", context | {"form": form, "people": people}, status=status)


def _saved(request: WorkspaceRequest, found: Team, form: TeamForm) -> bool:
    at, chosen = timezone.now(), form.cleaned_data
    try:
        set_hours(
            found, time_zone=chosen["time_zone"], openings=chosen["hours"], holidays=chosen["holidays"],
            by=request.person, at=at,
        )  # fmt: skip
        set_members(found, people=list(chosen["people"]), by=request.person, at=at)
    except TeamRefusedError as refused:
        form.add_error(None, str(refused))
        return False
    return True
