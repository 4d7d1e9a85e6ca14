"""A fresh database with a company in it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from choir.administration.people import found_organisation
from choir.channels.models import Channel
from choir.operations.commands.migrate import bring_up_to_date
from choir.people.models import Membership, Organisation, Person, RoleGrant, Team, Workspace
from choir.people.policy import Role

PEOPLE_A_TEAM = 4


@dataclass
class Place:
    """Where the measuring happens."""

    workspace: Workspace
    channel: Channel
    agent: Person
    champion: Person


def fresh() -> Place:
    """Empty the database and found a company of twelve departments with four agents each; a demo, so that one click
    signs in."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    bring_up_to_date()
    champion = found_organisation(
        name="Bench", email="champion@bench.example", person_name="Champion", password="not used here",
        time_zone="Europe/Berlin", at=timezone.now(),
    )  # fmt: skip
    Organisation.objects.update(is_demo=True)
    workspace = Workspace.objects.get()
    for team in Team.objects.select_related("department"):
        for number in range(PEOPLE_A_TEAM):
            one = Person.objects.create_user(
                email=f"{team.slug}.{number}@bench.example", name=f"{team.department.name} {number}",
                organisation=champion.organisation, presence="online", capacity=30_000,
            )  # fmt: skip
            Membership.objects.create(person=one, team=team)
            RoleGrant.objects.create(person=one, role=Role.AGENT)
    service = Team.objects.get(department__slug="customer_service")
    channel = Channel.objects.create(
        workspace=workspace, connector="sandbox", network="sandbox", name="Bench", external_id="bench", handle="bench",
        accountable=service.department, settings={"origin": "http://127.0.0.1:1", "place": "bench"},
    )  # fmt: skip
    return Place(workspace, channel, service.memberships.exclude(person=champion)[0].person, champion)


def another_channel(place: Place) -> Channel:
    """A second account of the same kind."""
    return Channel.objects.create(
        workspace=place.workspace, connector="sandbox", network="sandbox", name="Another", external_id="another",
        handle="another", accountable=place.channel.accountable, settings=place.channel.settings,
    )  # fmt: skip
