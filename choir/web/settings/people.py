"""People and their roles."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from allauth.account.forms import ResetPasswordForm
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from choir.administration.people import PeopleRefusedError, add_person, grant_roles
from choir.people.models import Person
from choir.people.policy import Permission, Reach, Role
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.settings.forms import NewPersonForm, RolesForm
from choir.web.settings.frame import frame

MANAGES = requires(Permission.PEOPLE_MANAGE, at_least=Reach.WORKSPACE)


@requires(Permission.PEOPLE_READ)
def people(request: WorkspaceRequest) -> HttpResponse:
    """Everybody of the organisation with teams, roles, languages and presence: four queries."""
    found = (
        Person.objects.filter(organisation=request.workspace.organisation_id)
        .prefetch_related("memberships__team__department", "role_grants", "skills")
        .order_by("name")
    )
    return answer(request, "settings/people.html", frame(request, "people", people=found))


@MANAGES
def new_person(request: WorkspaceRequest) -> HttpResponse:
    """Adds somebody and sends them the link with which they set a password."""
    form = NewPersonForm(request.POST or None, organisation=request.workspace.organisation)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            made = add_person(
                request.workspace.organisation,
                email=chosen["email"],
                name=chosen["name"],
                roles=[Role(one) for one in chosen["roles"]],
                teams=list(chosen["teams"]),
                languages=chosen["languages"],
                by=request.person,
                at=timezone.now(),
            )
        except PeopleRefusedError as refused:
            form.add_error(None, str(refused))
        else:
            _invite(request, made)
            messages.success(request, f"{made.name} is added, and has mail with a link to set a password.")
            return redirect("settings_people", workspace=request.workspace.slug)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "settings/new_person.html", frame(request, "people", form=form), status=status)


@requires(Permission.PEOPLE_READ)
def person(request: WorkspaceRequest, person: uuid.UUID) -> HttpResponse:
    """One person; an administrator's valid POST changes their roles."""
    found = get_object_or_404(Person, pk=person, organisation=request.workspace.organisation_id)
    context = frame(request, "people", shown=found, teams=found.memberships.select_related("team__department"))
    held = list(found.role_grants.values_list("role", flat=True))
    form = RolesForm(request.POST or None, initial={"roles": held})
    if request.method == "POST":
        if not context["manages_people"]:
            raise PermissionDenied("Only an administrator changes roles.")
        if form.is_valid():
            try:
                grant_roles(
                    found, roles=[Role(one) for one in form.cleaned_data["roles"]], by=request.person, at=timezone.now()
                )
            except PeopleRefusedError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, f"{found.name}'s roles are changed.")
                return redirect("settings_person", workspace=request.workspace.slug, person=found.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "settings/person.html", context | {"form": form, "held": held}, status=status)


def _invite(request: WorkspaceRequest, made: Person) -> None:
    form = ResetPasswordForm(data={"email": made.email})
    if form.is_valid():
        form.save(request)
