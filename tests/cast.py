"""The fixed cast: one company, its departments and people, and one outsider of another company.

`cast()` makes them in the present test's transaction. Names are short on purpose: tests read better.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.hashers import make_password
from django.db.models import Model

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
    """Make the company, its matrix (care → customer service, care about delivery → operations…) and promises: one
    INSERT a table, as thousands of tests begin with it."""
    organisation = Organisation(name="Acme", slug="acme")
    departments, teams = _departments(organisation)
    workspace = Workspace(
        organisation=organisation,
        name="Acme",
        slug="acme",
        languages=["en", "de", "fr", "es"],
        sorting_team=teams["customer_service"],
    )
    channel = Channel(
        workspace=workspace,
        connector=connector,
        network="sandbox",
        name="Acme on the sandbox",
        external_id="acme",
        handle="acme",
        accountable=departments["marketing"],
    )
    objectives = _objectives(organisation)
    other = Organisation(name="Other", slug="other")
    elsewhere = Workspace(organisation=other, name="Other", slug="other")
    people = {
        "ana": _person("ana", organisation, Role.AGENT, teams["customer_service"], languages=["en", "de"]),
        "ben": _person("ben", organisation, Role.AGENT, teams["operations"], languages=["en"]),
        "mia": _person("mia", organisation, Role.AGENT, teams["marketing"], languages=["en", "fr"]),
        "lea": _person("lea", organisation, Role.LEAD, teams["customer_service"], presence=Presence.OFFLINE),
        "leo": _person("leo", organisation, Role.LEGAL, teams["legal"]),
        "ada": _person("ada", organisation, Role.ADMINISTRATOR),
        "eve": _person("eve", organisation, Role.EXECUTIVE),
        "cho": _person("cho", organisation, Role.CHAMPION),
        "outsider": _person("outsider", other, Role.ADMINISTRATOR, None, Role.CHAMPION, Role.LEGAL),
    }
    _insert(
        *(organisation, other, *departments.values(), *teams.values(), workspace, elsewhere, channel),
        *(hours for team in teams.values() for hours in _working_hours(team)),
        RoutingPolicy(workspace=workspace, confidence_floor=0.3),
        *objectives.values(),
        *_matrix(organisation, objectives, departments),
        *_promises(organisation),
        *(row for made, held in people.values() for row in (made, *held)),
    )
    return Cast(
        organisation=organisation,
        workspace=workspace,
        departments=departments,
        teams=teams,
        channel=channel,
        objectives=objectives,
        elsewhere=elsewhere,
        **{name: made for name, (made, _held) in people.items()},
    )


def _insert(*rows: Model) -> None:
    """Insert rows of any models; foreign keys are looked at when the transaction ends."""
    by_model: dict[type[Model], list[Model]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row)
    for model, made in by_model.items():
        model._default_manager.bulk_create(made)


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
    made, held = _person(name, organisation, role, team, *more_roles, languages=languages, presence=presence)
    _insert(made, *held)
    return made


def _person(
    name: str,
    organisation: Organisation,
    role: Role,
    team: Team | None = None,
    *more_roles: Role,
    languages: list[str] | None = None,
    presence: Presence = Presence.ONLINE,
) -> tuple[Person, list[Model]]:
    """A person, and what they hold: roles, a team, languages."""
    made = Person(
        email=f"{name}@{organisation.slug}.example",
        name=name.capitalize(),
        organisation=organisation,
        password=_hashed(),
        presence=presence,
    )
    held: list[Model] = [RoleGrant(person=made, role=one) for one in (role, *more_roles)]
    if team is not None:
        held.append(Membership(person=made, team=team))
    held += [Skill(person=made, kind=SkillKind.LANGUAGE, value=language) for language in languages or ["en"]]
    return made, held


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


def _departments(organisation: Organisation) -> tuple[dict[str, Department], dict[str, Team]]:
    departments, teams = {}, {}
    for position, slug in enumerate(("customer_service", "operations", "marketing", "legal")):
        name = slug.replace("_", " ").capitalize()
        departments[slug] = Department(organisation=organisation, name=name, slug=slug, position=position)
        teams[slug] = Team(department=departments[slug], name=f"{name} team", slug=slug)
    return departments, teams


def _working_hours(team: Team) -> list[WorkingHours]:
    return [WorkingHours(team=team, weekday=day, opens_at=dt.time(8), closes_at=dt.time(18)) for day in range(5)]


def _objectives(organisation: Organisation) -> dict[str, Objective]:
    return {
        slug: Objective(
            organisation=organisation,
            slug=slug,
            name=slug.replace("_", " ").capitalize(),
            is_answered=is_answered,
            position=position,
        )
        for position, (slug, is_answered) in enumerate(OBJECTIVES.items())
    }


def _matrix(
    organisation: Organisation, objectives: dict[str, Objective], departments: dict[str, Department]
) -> list[Ownership]:
    since = NOON - dt.timedelta(days=400)
    owned = [_cell(organisation, one, departments[OWNERS[slug]], since=since) for slug, one in objectives.items()]
    delivery = _cell(organisation, objectives["care"], departments["operations"], since=since, topic="delivery")
    return [*owned, delivery]


def _promises(organisation: Organisation) -> list[SLAPolicy]:
    return [
        SLAPolicy(
            organisation=organisation,
            name="Everything",
            first_response_seconds=4 * 3600,
            resolution_seconds=16 * 3600,
            hours=Hours.BUSINESS,
        ),
        SLAPolicy(
            organisation=organisation,
            name="Now",
            urgency_at_least=3,
            first_response_seconds=900,
            hours=Hours.CALENDAR,
        ),
    ]


def cell(
    organisation: Organisation, objective: Objective, owner: Department, *, since: dt.datetime, topic: str = ""
) -> Ownership:
    """A cell of the ownership matrix, in force since a time."""
    made = _cell(organisation, objective, owner, since=since, topic=topic)
    made.save()
    return made


def _cell(
    organisation: Organisation, objective: Objective, owner: Department, *, since: dt.datetime, topic: str = ""
) -> Ownership:
    return Ownership(
        organisation=organisation,
        objective=objective,
        topic=topic,
        responsible=owner,
        accountable=owner,
        effective_from=since,
    )
