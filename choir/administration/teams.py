"""Teams: their working hours, holidays and members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from choir.events.actions import record
from choir.people.models import Department, Holiday, Membership, Person, Team, WorkingHours
from choir.people.policy import Permission, Reach
from choir.routing.hours import Opening


class TeamRefusedError(Exception):
    """The team cannot be changed like this; the text says why and what to do."""


def add_team(department: Department, *, name: str, time_zone: str) -> Team:
    """A team that works Monday to Friday, nine to five, until somebody says otherwise."""
    team = Team.objects.create(
        department=department,
        name=name,
        slug=slugify(name)[:50] or "team",
        time_zone=time_zone,
        position=department.teams.count(),
    )
    WorkingHours.objects.bulk_create(
        WorkingHours(team=team, weekday=day, opens_at=dt.time(9), closes_at=dt.time(17)) for day in range(5)
    )
    return team


def _require(team: Team, *, by: Person) -> None:
    organisation = team.department.organisation
    for workspace_id in organisation.workspaces.values_list("pk", flat=True):
        if by.access.reach(Permission.PEOPLE_MANAGE, workspace_id) < Reach.WORKSPACE:
            by.access.require(Permission.PEOPLE_MANAGE, workspace_id=workspace_id)


@transaction.atomic
def set_hours(
    team: Team,
    *,
    time_zone: str,
    openings: Sequence[Opening],
    holidays: Sequence[tuple[dt.date, str]],
    by: Person,
    at: dt.datetime,
) -> None:
    """The team works in these hours from now on. Clocks that run keep what they counted; what is left counts in the
    new hours from the next change of theirs."""
    _require(team, by=by)
    if time_zone not in available_timezones():
        raise TeamRefusedError(f"“{time_zone}” is no time zone. Use a name such as Europe/Berlin.")
    team.time_zone = time_zone
    team.save(update_fields=["time_zone"])
    team.working_hours.all().delete()
    rows = [
        WorkingHours(team=team, weekday=one.weekday, opens_at=one.opens_at, closes_at=one.closes_at) for one in openings
    ]
    try:
        for row in rows:
            row.full_clean()
    except ValidationError as error:
        raise TeamRefusedError("Each opening must close after it opens; midnight is written 00:00.") from error
    WorkingHours.objects.bulk_create(rows)
    team.holidays.all().delete()
    Holiday.objects.bulk_create([Holiday(team=team, on=on, name=name) for on, name in holidays], ignore_conflicts=True)
    record(
        verb="team.hours_changed", subject=team, organisation_id=team.department.organisation_id, workspace_id=None,
        at=at, by=by, facts={"openings": len(rows), "holidays": len(holidays), "time_zone": time_zone},
    )  # fmt: skip


@transaction.atomic
def set_members(team: Team, *, people: Sequence[Person], by: Person, at: dt.datetime) -> None:
    """Exactly these people work in the team."""
    _require(team, by=by)
    if any(one.organisation_id != team.department.organisation_id for one in people):
        raise TeamRefusedError("There is no such person in your organisation.")
    Membership.objects.filter(team=team).exclude(person__in=people).delete()
    Membership.objects.bulk_create(
        [Membership(person=one, team=team, since=at) for one in people], ignore_conflicts=True
    )
    record(
        verb="team.members_changed", subject=team, organisation_id=team.department.organisation_id, workspace_id=None,
        at=at, by=by, facts={"people": [str(one.pk) for one in people]},
    )  # fmt: skip
