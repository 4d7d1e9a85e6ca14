"""Building the organisation: the first administrator, departments, teams, people and their roles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from choir.administration.permitted import require_everywhere
from choir.administration.teams import add_team
from choir.administration.usual import USUAL_DEPARTMENTS, begin_with_the_usual
from choir.events.actions import record
from choir.people.models import (
    Department,
    Membership,
    Organisation,
    Person,
    RoleGrant,
    Skill,
    SkillKind,
    Team,
    Workspace,
)
from choir.people.policy import Permission, Role


class PeopleRefusedError(Exception):
    """The organisation cannot be changed like this; the text says why and what to do."""


@transaction.atomic
def found_organisation(
    *, name: str, email: str, person_name: str, password: str, time_zone: str, at: dt.datetime
) -> Person:
    """The first organisation of an installation: a workspace, the usual departments with a team each, and the person
    who founds it as administrator and champion. Refuses when there is one that is no demo."""
    if Organisation.objects.filter(is_demo=False, people__isnull=False).exists():
        raise PeopleRefusedError("This installation has an organisation already. Ask its administrator to add you.")
    if time_zone not in available_timezones():
        raise PeopleRefusedError(f"“{time_zone}” is no time zone. Use a name such as Europe/Berlin.")
    organisation = Organisation.objects.filter(is_demo=False).first()
    if organisation is None:
        organisation = furnish_organisation(name=name, time_zone=time_zone, at=at).organisation
    else:  # an import came before anybody did
        organisation.name, organisation.time_zone = name, time_zone
        organisation.save(update_fields=["name", "time_zone"])
    workspace = organisation.workspaces.earliest("created_at")
    service = Team.objects.get(department__organisation=organisation, department__slug="customer_service")
    founder = Person.objects.create_user(
        email=email, name=person_name, organisation=organisation, password=password, time_zone=time_zone
    )
    for role in (Role.ADMINISTRATOR, Role.CHAMPION, Role.LEAD):
        RoleGrant.objects.create(person=founder, role=role, granted_at=at, granted_by=founder)
    Membership.objects.create(person=founder, team=service)
    record(
        verb="organisation.founded", subject=organisation, organisation_id=organisation.pk, workspace_id=None, at=at,
        by=founder, facts={"workspace": str(workspace.pk)},
    )  # fmt: skip
    return founder


@transaction.atomic
def furnish_organisation(*, name: str, time_zone: str, at: dt.datetime) -> Workspace:
    """An organisation's workspace with the usual departments, a team each, objectives, owners and promises; nobody
    works there yet."""
    slug = slugify(name)[:50] or "organisation"
    organisation = Organisation.objects.create(name=name, slug=_free(Organisation, slug), time_zone=time_zone)
    workspace = Workspace.objects.create(
        organisation=organisation, name=name, slug=_free(Workspace, slug), languages=["en"]
    )
    for position, (department_slug, department, charter) in enumerate(USUAL_DEPARTMENTS):
        made = Department.objects.create(
            organisation=organisation, name=department, slug=department_slug, charter=charter, position=position
        )
        add_team(made, name=f"{department} team", time_zone=time_zone)
    workspace.sorting_team = Team.objects.get(
        department__organisation=organisation, department__slug="customer_service"
    )
    workspace.save(update_fields=["sorting_team"])
    begin_with_the_usual(organisation, since=at)
    return workspace


@transaction.atomic
def add_person(
    organisation: Organisation,
    *,
    email: str,
    name: str,
    roles: Sequence[Role],
    teams: Sequence[Team] = (),
    languages: Sequence[str] = (),
    by: Person,
    at: dt.datetime,
) -> Person:
    """Somebody new, without a password: they set one by the link in the mail. Refuses an address that is taken and
    a team of somebody else's organisation."""
    require_everywhere(Permission.PEOPLE_MANAGE, organisation, by=by)
    if any(team.department.organisation_id != organisation.pk for team in teams):
        raise PeopleRefusedError("There is no such team in your organisation.")
    if Person.objects.filter(email__iexact=email).exists():
        raise PeopleRefusedError(f"{email} is in use already. Each person has an address of their own.")
    person = Person(email=email.lower(), name=name, organisation=organisation, time_zone=organisation.time_zone)
    person.set_unusable_password()
    try:
        person.full_clean(exclude=["password"])
    except ValidationError as error:
        raise PeopleRefusedError("; ".join(error.messages)) from error
    person.save()
    grant_roles(person, roles=roles, by=by, at=at)
    Membership.objects.bulk_create(Membership(person=person, team=team, since=at) for team in teams)
    Skill.objects.bulk_create(Skill(person=person, kind=SkillKind.LANGUAGE, value=one) for one in languages)
    record(
        verb="person.added", subject=person, organisation_id=organisation.pk, workspace_id=None, at=at, by=by,
        facts={"teams": [str(team.pk) for team in teams]},
    )  # fmt: skip
    return person


@transaction.atomic
def grant_roles(person: Person, *, roles: Sequence[Role], by: Person, at: dt.datetime) -> None:
    """The person holds exactly these roles in all workspaces. Nobody takes their own administration away: an
    organisation without an administrator could not be mended."""
    require_everywhere(Permission.PEOPLE_MANAGE, person.organisation, by=by)
    if person.pk == by.pk and Role.ADMINISTRATOR in roles_of(by) and Role.ADMINISTRATOR not in roles:
        raise PeopleRefusedError("You cannot take your own administration away. Let another administrator do it.")
    before = sorted(roles_of(person))
    if set(before) == set(roles):
        return
    held = RoleGrant.objects.filter(person=person, workspace=None)
    held.exclude(role__in=list(roles)).delete()
    RoleGrant.objects.bulk_create(
        [RoleGrant(person=person, role=role, granted_by=by, granted_at=at) for role in roles], ignore_conflicts=True
    )
    record(
        verb="person.roles_changed", subject=person, organisation_id=person.organisation_id, workspace_id=None,
        at=at, by=by, because=f"roles: {', '.join(before) or 'none'} → {', '.join(sorted(roles)) or 'none'}",
        facts={"roles": sorted(roles)},
    )  # fmt: skip


def roles_of(person: Person) -> set[Role]:
    """The roles a person holds anywhere."""
    return {Role(role) for role in person.role_grants.values_list("role", flat=True)}


def _free(model: type[Organisation | Workspace], slug: str) -> str:
    """The slug, or the slug with the first number that is free."""
    taken = set(model.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    return next(
        one for number in range(1, len(taken) + 3) if (one := slug if number == 1 else f"{slug}-{number}") not in taken
    )
