"""The fixed cast: one company, its departments and people, and one outsider of another company.

`cast()` makes them in the present test's transaction. Names are short on purpose: tests read better.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from choir.channels.models import Channel
from choir.people.models import (
    Department,
    Membership,
    Organisation,
    Person,
    Presence,
    RoleGrant,
    Skill,
    SkillKind,
    Team,
    WorkingHours,
    Workspace,
)
from choir.people.policy import Role
from choir.routing.models import Hours, Objective, Ownership, RoutingPolicy, SLAPolicy

NOON = dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC)  # a Wednesday
PASSWORD = "correct horse battery staple"

OBJECTIVES = {
    "care": True,
    "sales": True,
    "reputation": True,
    "advocacy": True,
    "product_insight": True,
    "talent": True,
    "compliance": True,
    "community": True,
    "listening": False,
}
OWNERS = {
    "care": "customer_service",
    "sales": "marketing",
    "reputation": "marketing",
    "advocacy": "marketing",
    "product_insight": "customer_service",
    "talent": "marketing",
    "compliance": "legal",
    "community": "marketing",
    "listening": "marketing",
}


@dataclass
class Cast:
    """Everybody and everything a test may need."""

    organisation: Organisation
    workspace: Workspace
    departments: dict[str, Department]
    teams: dict[str, Team]
    channel: Channel
    objectives: dict[str, Objective]
    ana: Person  # agent, customer service; speaks German
    ben: Person  # agent, operations
    mia: Person  # agent, marketing
    lea: Person  # lead of customer service
    leo: Person  # legal
    ada: Person  # administrator
    eve: Person  # executive
    cho: Person  # champion
    outsider: Person  # administrator and champion of another company
    elsewhere: Workspace  # the other company's

    @property
    def people(self) -> dict[str, Person]:
        """Everybody of the company by name."""
        return {name: getattr(self, name) for name in ("ana", "ben", "mia", "lea", "leo", "ada", "eve", "cho")}


def cast(*, connector: str = "sandbox") -> Cast:
    """Make the company, its matrix (care → customer service, care about delivery → operations…) and promises."""
    organisation = Organisation.objects.create(name="Acme", slug="acme")
    workspace = Workspace.objects.create(
        organisation=organisation, name="Acme", slug="acme", languages=["en", "de", "fr", "es"]
    )
    departments, teams = _departments(organisation)
    workspace.sorting_team = teams["customer_service"]
    workspace.save()
    RoutingPolicy.objects.create(workspace=workspace, confidence_floor=0.3)
    channel = Channel.objects.create(
        workspace=workspace,
        connector=connector,
        network="sandbox",
        name="Acme on the sandbox",
        external_id="acme",
        handle="acme",
        accountable=departments["marketing"],
    )
    objectives = _objectives(organisation, departments)
    elsewhere = _other_company()
    return Cast(
        organisation=organisation,
        workspace=workspace,
        departments=departments,
        teams=teams,
        channel=channel,
        objectives=objectives,
        ana=person("ana", organisation, Role.AGENT, teams["customer_service"], languages=["en", "de"]),
        ben=person("ben", organisation, Role.AGENT, teams["operations"], languages=["en"]),
        mia=person("mia", organisation, Role.AGENT, teams["marketing"], languages=["en", "fr"]),
        lea=person("lea", organisation, Role.LEAD, teams["customer_service"], presence=Presence.OFFLINE),
        leo=person("leo", organisation, Role.LEGAL, teams["legal"]),
        ada=person("ada", organisation, Role.ADMINISTRATOR),
        eve=person("eve", organisation, Role.EXECUTIVE),
        cho=person("cho", organisation, Role.CHAMPION),
        outsider=person("outsider", elsewhere.organisation, Role.ADMINISTRATOR, None, Role.CHAMPION, Role.LEGAL),
        elsewhere=elsewhere,
    )


def person(
    name: str,
    organisation: Organisation,
    role: Role,
    team: Team | None = None,
    *more_roles: Role,
    languages: list[str] | None = None,
    presence: Presence = Presence.ONLINE,
) -> Person:
    """Somebody who can sign in as NAME@ORGANISATION.example with PASSWORD."""
    made = Person.objects.create_user(
        email=f"{name}@{organisation.slug}.example",
        name=name.capitalize(),
        organisation=organisation,
        password=PASSWORD,
        presence=presence,
    )
    for one in (role, *more_roles):
        RoleGrant.objects.create(person=made, role=one)
    if team is not None:
        Membership.objects.create(person=made, team=team)
    for language in languages or ["en"]:
        Skill.objects.create(person=made, kind=SkillKind.LANGUAGE, value=language)
    return made


def _departments(organisation: Organisation) -> tuple[dict[str, Department], dict[str, Team]]:
    departments, teams = {}, {}
    for position, slug in enumerate(("customer_service", "operations", "marketing", "legal")):
        name = slug.replace("_", " ").capitalize()
        departments[slug] = Department.objects.create(
            organisation=organisation, name=name, slug=slug, position=position
        )
        teams[slug] = Team.objects.create(department=departments[slug], name=f"{name} team", slug=slug)
        WorkingHours.objects.bulk_create(
            WorkingHours(team=teams[slug], weekday=day, opens_at=dt.time(8), closes_at=dt.time(18)) for day in range(5)
        )
    return departments, teams


def _objectives(organisation: Organisation, departments: dict[str, Department]) -> dict[str, Objective]:
    since = NOON - dt.timedelta(days=400)
    objectives = {}
    for position, (slug, is_answered) in enumerate(OBJECTIVES.items()):
        objectives[slug] = Objective.objects.create(
            organisation=organisation,
            slug=slug,
            name=slug.replace("_", " ").capitalize(),
            is_answered=is_answered,
            position=position,
        )
        owner = departments[OWNERS[slug]]
        cell(organisation, objectives[slug], owner, since=since)
    cell(organisation, objectives["care"], departments["operations"], since=since, topic="delivery")
    SLAPolicy.objects.create(
        organisation=organisation,
        name="Everything",
        first_response_seconds=4 * 3600,
        resolution_seconds=16 * 3600,
        hours=Hours.BUSINESS,
    )
    SLAPolicy.objects.create(
        organisation=organisation,
        name="Now",
        urgency_at_least=3,
        first_response_seconds=900,
        hours=Hours.CALENDAR,
    )
    return objectives


def cell(
    organisation: Organisation, objective: Objective, owner: Department, *, since: dt.datetime, topic: str = ""
) -> Ownership:
    """A cell of the ownership matrix, in force since a time."""
    return Ownership.objects.create(
        organisation=organisation,
        objective=objective,
        topic=topic,
        responsible=owner,
        accountable=owner,
        effective_from=since,
    )


def _other_company() -> Workspace:
    organisation = Organisation.objects.create(name="Other", slug="other")
    return Workspace.objects.create(organisation=organisation, name="Other", slug="other")
