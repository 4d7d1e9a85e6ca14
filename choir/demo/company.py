"""The demo company itself: departments, teams and people, as `content/company.toml` and `people.toml` say."""

from __future__ import annotations

import datetime as dt
import random
import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from choir.channels.models import Channel
from choir.inbox.clocks import calendars_of
from choir.people.models import (
    Department,
    Holiday,
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
from choir.routing.hours import Calendar
from choir.routing.models import Assigning, Objective, RoutingPolicy, TeamPolicy

CONTENT = Path(__file__).parent / "content"
BEFORE = dt.timedelta(days=120)  # the company had been using Choir for a month when the history begins
SHARE_ONLINE = 0.75


@dataclass
class Company:
    """The demo company's rows by the names that the content uses."""

    plan: dict[str, Any]
    organisation: Organisation
    workspace: Workspace
    departments: dict[str, Department]
    teams: dict[str, Team]
    people: dict[str, Person]
    roster: dict[str, dict[str, Any]]  # person's name → their line of people.toml
    objectives: dict[str, Objective] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)

    @cached_property
    def calendars(self) -> dict[object, Calendar]:
        """Working hours by team id."""
        return calendars_of(self.teams.values())

    @cached_property
    def department_of_team(self) -> dict[str, str]:
        """Team slug → department slug."""
        return {slug: one["department"] for slug, one in self.plan["teams"].items()}

    def departments_of(self, name: str) -> list[str]:
        """The departments a person works in, their own first."""
        return [self.department_of_team[slug] for slug in self.roster[name]["teams"]]

    def speakers(self, department: str, language: str) -> list[str]:
        """Who answers for a department in a language, those who sit there first; never a head without need."""
        fitting = [
            name
            for name, line in self.roster.items()
            if department in self.departments_of(name) and language in line["languages"] and _answers(line)
        ]
        return sorted(fitting, key=lambda name: self.departments_of(name)[0] != department)

    def team_for(self, department: str, language: str) -> Team:
        """The team of a department in which somebody speaks the language; else its front door."""
        slugs = [slug for slug, one in self.plan["teams"].items() if one["department"] == department]
        for slug in slugs:
            if any(slug in line["teams"] and language in line["languages"] for line in self.roster.values()):
                return self.teams[slug]
        return self.teams[slugs[0]]


def _answers(line: dict[str, Any]) -> bool:
    return not {"administrator", "champion"} & set(line.get("roles", ()))


def plan() -> dict[str, Any]:
    """What `company.toml` says."""
    return tomllib.loads((CONTENT / "company.toml").read_text(encoding="utf-8"))


def found(*, at: dt.datetime, chance: random.Random) -> Company:
    """Make the organisation with its departments, teams and people, as if it had been there for months."""
    stated = plan()
    roster = tomllib.loads((CONTENT / "people.toml").read_text(encoding="utf-8"))["people"]
    since = at - BEFORE
    organisation = Organisation.objects.create(
        name=stated["name"],
        slug=stated["slug"],
        time_zone=stated["time_zone"],
        currency=stated["currency"],
        is_demo=True,
        created_at=since,
    )
    workspace = Workspace.objects.create(
        organisation=organisation,
        name=stated["name"],
        slug=stated["slug"],
        market=stated["market"],
        languages=stated["languages"],
        created_at=since,
    )
    departments = _departments(stated, organisation)
    teams = _teams(stated, departments, at=at)
    workspace.sorting_team = teams[stated["sorting_team"]]
    workspace.save(update_fields=["sorting_team"])
    RoutingPolicy.objects.create(workspace=workspace, confidence_floor=stated["confidence_floor"])
    people = _people(stated, roster, organisation, teams, at=at, chance=chance)
    return Company(
        plan=stated,
        organisation=organisation,
        workspace=workspace,
        departments=departments,
        teams=teams,
        people=people,
        roster={line["name"]: line for line in roster},
    )


def _departments(stated: dict[str, Any], organisation: Organisation) -> dict[str, Department]:
    rows = [
        Department(organisation=organisation, slug=slug, name=one["name"], charter=one["charter"], position=position)
        for position, (slug, one) in enumerate(stated["departments"].items())
    ]
    return {one.slug: one for one in Department.objects.bulk_create(rows)}


def _teams(stated: dict[str, Any], departments: dict[str, Department], *, at: dt.datetime) -> dict[str, Team]:
    teams = {
        slug: Team(
            department=departments[one["department"]],
            slug=slug,
            name=one["name"],
            time_zone=one["zone"],
            position=position,
        )
        for position, (slug, one) in enumerate(stated["teams"].items())
    }
    Team.objects.bulk_create(teams.values())
    WorkingHours.objects.bulk_create(
        opening for slug, one in stated["teams"].items() for opening in _openings(teams[slug], one["hours"])
    )
    Holiday.objects.bulk_create(
        Holiday(team=teams[slug], name=name, on=dt.date.fromisoformat(f"{year}-{day}"))
        for slug, one in stated["teams"].items()
        for name, day in stated["holidays"].get(one.get("holidays", ""), {}).items()
        for year in (at.year - 1, at.year, at.year + 1)
    )
    TeamPolicy.objects.bulk_create(
        TeamPolicy(
            team=teams[slug],
            assigning=Assigning.BY_HAND if one.get("by_hand") else Assigning.LEAST_LOADED,
            return_after_seconds=one["return_minutes"] * 60,
        )
        for slug, one in stated["teams"].items()
    )
    return teams


def _openings(team: Team, hours: list[str]) -> list[WorkingHours]:
    """“0-4 07:00-21:00”: Monday to Friday from seven to nine."""
    openings = []
    for line in hours:
        days, times = line.split()
        first, last = (int(day) for day in days.split("-"))
        opens, closes = (dt.time.fromisoformat(one) for one in times.split("-"))
        openings += [
            WorkingHours(team=team, weekday=day, opens_at=opens, closes_at=closes) for day in range(first, last + 1)
        ]
    return openings


def _people(
    stated: dict[str, Any],
    roster: list[dict[str, Any]],
    organisation: Organisation,
    teams: dict[str, Team],
    *,
    at: dt.datetime,
    chance: random.Random,
) -> dict[str, Person]:
    """People sign in with one click only: their passwords cannot be used."""
    since = at - BEFORE
    people = {line["name"]: _person(line, stated, organisation, at=at, chance=chance) for line in roster}
    Person.objects.bulk_create(people.values())
    RoleGrant.objects.bulk_create(
        RoleGrant(person=people[line["name"]], role=role, granted_at=since)
        for line in roster
        for role in line.get("roles", ["agent"])
    )
    Membership.objects.bulk_create(
        Membership(person=people[line["name"]], team=teams[slug], since=since)
        for line in roster
        for slug in line["teams"]
        if set(line.get("roles", ["agent"])) != {"administrator"}
    )
    Skill.objects.bulk_create(
        Skill(person=people[line["name"]], kind=kind, value=value, level=3 if place == 0 else 2)
        for line in roster
        for kind, values in ((SkillKind.LANGUAGE, line["languages"]), (SkillKind.TOPIC, line.get("topics", [])))
        for place, value in enumerate(values)
    )
    return people


def _person(
    line: dict[str, Any], stated: dict[str, Any], organisation: Organisation, *, at: dt.datetime, chance: random.Random
) -> Person:
    is_online = chance.random() < SHARE_ONLINE
    person = Person(
        organisation=organisation,
        email=address_of(line["name"], stated["slug"]),
        name=line["name"],
        title=line["title"],
        time_zone=str(ZoneInfo(stated["teams"][line["teams"][0]]["zone"])),
        language=line["languages"][0],
        hourly_cost=Decimal(line["cost"]),
        capacity=line.get("capacity", 10),
        presence=Presence.ONLINE if is_online else chance.choice([Presence.AWAY, Presence.OFFLINE]),
        presence_changed_at=at - dt.timedelta(minutes=chance.randint(2, 180)),
        created_at=at - BEFORE,
    )
    person.set_unusable_password()
    return person


def address_of(name: str, company: str) -> str:
    """“Dr. Annika Reuß” → annika.reuss@brindlewick.example"""
    folded = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return f"{'.'.join(re.findall(r'[a-z]+', folded))}@{company}.example"
