"""Teams: their working hours, holidays and members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from choir.administration.changes import apply
from choir.administration.permitted import require_everywhere
from choir.events.actions import record
from choir.inbox.models import Assignment, Clock, Conversation
from choir.inbox.recounting import recounted
from choir.people.models import Department, Holiday, Membership, Person, Team, WorkingHours, Workspace
from choir.people.policy import Permission
from choir.routing.hours import Opening
from choir.routing.models import Assigning, Hours, TeamPolicy
from choir.wake import Step, wake

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHORTEST_RETURN_SECONDS = 60


class TeamRefusedError(Exception):
    """The team cannot be changed like this; the text says why and what to do."""


def add_team(department: Department, *, name: str, time_zone: str) -> Team:
    """A team that works Monday to Friday, nine to five, until somebody says otherwise."""
    slug = slugify(name)[:50] or "team"
    if department.teams.filter(slug=slug).exists():
        slug = f"{slug[:50]}-{department.teams.count() + 1}"
    team = Team.objects.create(
        department=department,
        name=name,
        slug=slug,
        time_zone=time_zone,
        position=department.teams.count(),
    )
    WorkingHours.objects.bulk_create(
        WorkingHours(team=team, weekday=day, opens_at=dt.time(9), closes_at=dt.time(17)) for day in range(5)
    )
    return team


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
    """The team works in these hours from now on. Clocks that run keep what they counted, and what is left counts in
    the new hours."""
    require_everywhere(Permission.TEAM_MANAGE, team.department.organisation, by=by, department=team.department)
    if time_zone not in available_timezones():
        raise TeamRefusedError(f"“{time_zone}” is no time zone. Use a name such as Europe/Berlin.")
    before = _as_it_works(team)
    with recounted(Q(team=team, hours=Hours.BUSINESS), at=at):
        team.time_zone = time_zone
        team.save(update_fields=["time_zone"])
        _open(team, openings)
        team.holidays.all().delete()
        rows = [Holiday(team=team, on=on, name=name) for on, name in holidays]
        Holiday.objects.bulk_create(rows, ignore_conflicts=True)
    after = _as_it_works(team)
    changed = [f"{label}: {before[label]} → {after[label]}" for label in after if before[label] != after[label]]
    if changed:
        _record(team, "team.hours_changed", because="; ".join(changed), by=by, at=at, facts={"time_zone": time_zone})


def _open(team: Team, openings: Sequence[Opening]) -> None:
    rows = [
        WorkingHours(team=team, weekday=one.weekday, opens_at=one.opens_at, closes_at=one.closes_at) for one in openings
    ]
    try:
        for row in rows:
            row.full_clean()
    except ValidationError as error:
        raise TeamRefusedError("Each opening must close after it opens; midnight is written 00:00.") from error
    team.working_hours.all().delete()
    WorkingHours.objects.bulk_create(rows)


def _as_it_works(team: Team) -> dict[str, str]:
    """Hours and holidays, each as the record says it."""
    openings = ", ".join(
        f"{DAYS[row.weekday]} {row.opens_at:%H:%M}-{row.closes_at:%H:%M}"
        for row in WorkingHours.objects.filter(team=team)
    )
    holidays = ", ".join(f"{row.on} {row.name}" for row in Holiday.objects.filter(team=team))
    return {
        "time zone": team.time_zone,
        "hours": openings or "always open",
        "holidays": holidays or "none",
    }


@transaction.atomic
def set_way(team: Team, *, name: str, assigning: str, return_after_seconds: int, by: Person, at: dt.datetime) -> None:
    """The team's name, how it hands out work, and after how much working time untouched work moves on. What is
    assigned already keeps the time it was given."""
    require_everywhere(Permission.TEAM_MANAGE, team.department.organisation, by=by, department=team.department)
    if return_after_seconds < SHORTEST_RETURN_SECONDS:
        raise TeamRefusedError("Work that moves on within a minute is work that nobody can take up. Give it longer.")
    if team.department.teams.filter(name__iexact=name).exclude(pk=team.pk).exists():
        raise TeamRefusedError(f"{team.department} has a team called “{name}” already. Choose another name.")
    policy, _ = TeamPolicy.objects.get_or_create(team=team)
    named = apply(team, {"name": name})
    way = apply(policy, {"assigning": Assigning(assigning), "return_after_seconds": return_after_seconds})
    team.save(update_fields=["name"])
    policy.save()
    if named or way:
        _record(team, "team.changed", because="; ".join(one for one in (named, way) if one), by=by, at=at)
        wake(Step.ASSIGN)


@transaction.atomic
def set_members(team: Team, *, people: Sequence[Person], by: Person, at: dt.datetime) -> None:
    """Exactly these people work in the team. What somebody had who left it goes back to it, and what it had goes to
    whoever stands in where nobody is left."""
    require_everywhere(Permission.PEOPLE_MANAGE, team.department.organisation, by=by)
    if any(one.organisation_id != team.department.organisation_id for one in people):
        raise TeamRefusedError("There is no such person in your organisation.")
    before = {one.person_id: one.person.name for one in team.memberships.select_related("person")}
    wanted = {one.pk: one.name for one in people}
    came = [name for pk, name in wanted.items() if pk not in before]
    went = [name for pk, name in before.items() if pk not in wanted]
    if not came and not went:
        return
    Membership.objects.filter(team=team).exclude(person__in=people).delete()
    Membership.objects.bulk_create(
        [Membership(person=one, team=team, since=at) for one in people], ignore_conflicts=True
    )
    said = [f"{word}: {', '.join(names)}" for word, names in (("joined", came), ("left", went)) if names]
    facts = {"people": [str(pk) for pk in wanted]}
    _record(team, "team.members_changed", because="; ".join(said), by=by, at=at, facts=facts)
    wake(Step.ABANDONED)
    wake(Step.ASSIGN)


@transaction.atomic
def remove_team(team: Team, *, by: Person, at: dt.datetime) -> None:
    """A team that has nobody and never had work goes. Refused with what stands in the way."""
    require_everywhere(Permission.PEOPLE_MANAGE, team.department.organisation, by=by)
    rows = (
        (team.memberships.all(), "people work in it; move them first"),
        (Conversation.objects.filter(team=team), "it has conversations"),
        (Assignment.objects.filter(team=team), "it has had conversations, which the record keeps"),
        (Workspace.objects.filter(sorting_team=team), "it sorts what is unsure; name another team first"),
        (Clock.objects.filter(team=team), "promises to customers are counted in its hours"),
    )
    stands = [words for found, words in rows if found.exists()]
    if not stands and team.department.teams.count() == 1:
        stands = [f"{team.department} would have no team left"]
    if stands:
        raise TeamRefusedError(f"{team.name} cannot go: {'; '.join(stands)}.")
    _record(team, "team.removed", because=f"{team.name} is gone", by=by, at=at)
    team.delete()


@transaction.atomic
def set_sorting_team(workspace: Workspace, *, team: Team, by: Person, at: dt.datetime) -> None:
    """From now on this team sorts what triage is unsure about. Refuses one that nobody works in."""
    require_everywhere(Permission.PEOPLE_MANAGE, workspace.organisation, by=by)
    if team.department.organisation_id != workspace.organisation_id:
        raise TeamRefusedError("There is no such team in your organisation.")
    if not team.memberships.filter(person__is_active=True).exists():
        raise TeamRefusedError(f"Nobody works in {team.name}, so nothing would be sorted. Choose another team.")
    because = apply(workspace, {"sorting_team": team})
    if because:
        workspace.save(update_fields=["sorting_team"])
        record(
            verb="workspace.changed", subject=workspace, organisation_id=workspace.organisation_id,
            workspace_id=workspace.pk, at=at, by=by, because=because, facts={"sorting_team": str(team.pk)},
        )  # fmt: skip
        wake(Step.ROUTE)


@transaction.atomic
def set_market(workspace: Workspace, *, market: str, by: Person, at: dt.datetime) -> None:
    """From now on the workspace serves this region: cells of the ownership matrix for it hold here. The same again
    changes nothing."""
    require_everywhere(Permission.PEOPLE_MANAGE, workspace.organisation, by=by)
    because = apply(workspace, {"market": " ".join(market.split())})
    if because:
        workspace.save(update_fields=["market"])
        record(
            verb="workspace.changed", subject=workspace, organisation_id=workspace.organisation_id,
            workspace_id=workspace.pk, at=at, by=by, because=because, facts={"market": workspace.market},
        )  # fmt: skip


def _record(
    team: Team, verb: str, *, because: str, by: Person, at: dt.datetime, facts: Mapping[str, object] | None = None
) -> None:
    record(
        verb=verb, subject=team, organisation_id=team.department.organisation_id, workspace_id=None, at=at, by=by,
        because=because, facts={"department": team.department.slug} | dict(facts or {}),
    )  # fmt: skip
