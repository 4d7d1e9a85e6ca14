"""People: their roles, what they can do, how much they hold, and whether they work here."""

from __future__ import annotations

import uuid

from allauth.account.forms import ResetPasswordForm
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from choir.administration.people import add_person, grant_roles
from choir.administration.staff import change_person, leads, set_abilities, set_active
from choir.people.models import Person, SkillKind
from choir.people.policy import Permission, Reach, Role
from choir.routing.choose import language_name
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.settings.forms import AbilitiesForm, NewPersonForm, PersonForm
from choir.web.settings.frame import REFUSALS, filled_in, frame, refusals_on
from choir.web.settings.history import history_of

MANAGES = requires(Permission.PEOPLE_MANAGE, at_least=Reach.WORKSPACE)


@requires(Permission.PEOPLE_READ)
def people(request: WorkspaceRequest) -> HttpResponse:
    """Everybody of the organisation with teams, roles, languages and presence: four queries."""
    found = (
        Person.objects.filter(organisation=request.workspace.organisation_id)
        .prefetch_related("memberships__team__department", "role_grants", "skills")
        .order_by("-is_active", "name")
    )
    rows = [(one, _skills(one, SkillKind.LANGUAGE), _skills(one, SkillKind.TOPIC)) for one in found]
    return answer(request, "settings/people.html", frame(request, "people", people=rows))


@MANAGES
def new_person(request: WorkspaceRequest) -> HttpResponse:
    """Adds somebody and sends them the link with which they set a password."""
    form = NewPersonForm(request.POST or None, organisation=request.workspace.organisation)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        with refusals_on(form):
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
            _invite(request, made)
            messages.success(request, f"{made.name} is added, and has mail with a link to set a password.")
            return redirect("settings_person", workspace=request.workspace.slug, person=made.pk)
    return filled_in(request, "settings/new_person.html", frame(request, "people", form=form), form)


@requires(Permission.PEOPLE_READ)
def person(request: WorkspaceRequest, person: uuid.UUID) -> HttpResponse:
    """One person; an administrator's valid POST changes who they are and their roles."""
    found = _find(request, person)
    form = PersonForm(request.POST or None, person=found)
    if request.method == "POST":
        if request.person.access.reach(Permission.PEOPLE_MANAGE, request.workspace.pk) < Reach.WORKSPACE:
            raise PermissionDenied("Only an administrator changes people.")
        if form.is_valid():
            with refusals_on(form), transaction.atomic():
                chosen, at = dict(form.cleaned_data), timezone.now()
                roles = [Role(one) for one in chosen.pop("roles")]
                change_person(found, **chosen, by=request.person, at=at)
                grant_roles(found, roles=roles, by=request.person, at=at)
                return _saved(request, found)
    return _page(request, found, form, AbilitiesForm(person=found))


@require_POST
@requires(Permission.PEOPLE_READ)
def abilities(request: WorkspaceRequest, person: uuid.UUID) -> HttpResponse:
    """Capacity, languages and topics, as an administrator or a lead of the person's department says."""
    found = _find(request, person)
    if not leads(request.person, found):
        raise PermissionDenied("Only an administrator or a lead of their department decides what somebody holds.")
    form = AbilitiesForm(request.POST, person=found)
    if form.is_valid():
        with refusals_on(form):
            set_abilities(found, **form.cleaned_data, by=request.person, at=timezone.now())
            return _saved(request, found)
    return _page(request, found, PersonForm(person=found), form)


@require_POST
@MANAGES
def employment(request: WorkspaceRequest, person: uuid.UUID) -> HttpResponse:
    """They work here (`is_active=1`), or no longer."""
    found = _find(request, person)
    try:
        set_active(found, is_active=request.POST.get("is_active") == "1", by=request.person, at=timezone.now())
    except REFUSALS as refused:
        messages.error(request, str(refused))
        return redirect("settings_person", workspace=request.workspace.slug, person=found.pk)
    return _saved(request, found)


def _find(request: WorkspaceRequest, person: uuid.UUID) -> Person:
    rows = Person.objects.select_related("organisation")
    return get_object_or_404(rows, pk=person, organisation=request.workspace.organisation_id)


def _skills(person: Person, kind: SkillKind) -> list[str]:
    """What they can do, in words; from what was read already."""
    values = [one.value for one in person.skills.all() if one.kind == kind]
    return sorted(language_name(one) if kind == SkillKind.LANGUAGE else one.replace("_", " ") for one in values)


def _saved(request: WorkspaceRequest, found: Person) -> HttpResponse:
    messages.success(request, f"What is known of {found.name} is changed.")
    return redirect("settings_person", workspace=request.workspace.slug, person=found.pk)


def _page(request: WorkspaceRequest, found: Person, form: PersonForm, abilities: AbilitiesForm) -> HttpResponse:
    shown = _find(request, found.pk)  # as they are kept, not as a refused form left them
    skills = [*_skills(shown, SkillKind.LANGUAGE), *_skills(shown, SkillKind.TOPIC)]
    context = frame(
        request, "people", shown=shown, form=form, abilities=abilities, skills=skills,
        teams=shown.memberships.select_related("team__department"),
        held=list(shown.role_grants.values_list("role", flat=True)), leads=leads(request.person, shown),
    )  # fmt: skip
    context["history"] = history_of("person", shown.pk) if context["manages_people"] else None
    return filled_in(request, "settings/person.html", context, form, abilities)


def _invite(request: WorkspaceRequest, made: Person) -> None:
    form = ResetPasswordForm(data={"email": made.email})
    if form.is_valid():
        form.save(request)
