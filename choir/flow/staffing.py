"""Who could take work now: each department's staffed team, its people, and how much they hold."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from django.db.models import Count, Max, QuerySet

from choir.inbox.clocks import ALWAYS, calendars_of
from choir.inbox.models import Assignment, Conversation
from choir.inbox.queries.holding import held_by
from choir.people.models import (
    Department,
    Holiday,
    Membership,
    Person,
    Presence,
    Skill,
    SkillKind,
    Team,
    WorkingHours,
)
from choir.prepared import Slot, one_of, prepared
from choir.routing.choose import Candidate
from choir.routing.hours import Calendar
from choir.routing.load import takes
from choir.routing.models import Assigning, TeamPolicy
from choir.unchanged import unchanged

KNOWS_FOR = dt.timedelta(days=90)
FAIR_OVER = dt.timedelta(days=1)
COUNTED_FOR = dt.timedelta(minutes=1)
COMMITTED_WITHIN = dt.timedelta(seconds=1)
SHORTEST = dt.timedelta(microseconds=1)


@dataclass
class Staffing:
    """An organisation's teams as routing sees them, read once a batch."""

    teams: dict[uuid.UUID, Team]
    front_doors: dict[uuid.UUID, Team]  # by department: its first team that has people
    candidates: dict[uuid.UUID, list[Candidate]]  # by team
    calendars: dict[object, Calendar]
    policies: dict[uuid.UUID, TeamPolicy]
    spoken: dict[uuid.UUID, frozenset[str]] = field(default_factory=dict)  # by team
    know: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)  # customer → person

    def calendar(self, team: Team) -> Calendar:
        """A team's working hours."""
        return self.calendars.get(team.pk, ALWAYS)

    def door(self, department_id: uuid.UUID, language: str) -> Team | None:
        """Where a department takes new work in a language: its first team in which somebody speaks it, else its
        front door."""
        front = self.front_doors.get(department_id)
        own = [team for team in self.teams.values() if team.department_id == department_id]
        speaking = [team for team in own if language in self.spoken.get(team.pk, ())]
        return min(speaking, key=lambda one: (one.position, one.name), default=front)

    def assigns_itself(self, team: Team) -> bool:
        """Whether routing gives the team's work to persons."""
        policy = self.policies.get(team.pk)
        return policy is None or policy.assigning == Assigning.LEAST_LOADED

    def return_after_seconds(self, team: Team) -> int:
        """Working time after which untouched work moves on."""
        policy = self.policies.get(team.pk)
        return policy.return_after_seconds if policy else TeamPolicy._meta.get_field("return_after_seconds").default


@dataclass(frozen=True, slots=True)
class _Standing:
    """What changes a few times a day: teams and who is in them, what people can do, when teams work."""

    teams: dict[uuid.UUID, Team]
    members: dict[uuid.UUID, list[uuid.UUID]]  # by team
    skills: dict[tuple[uuid.UUID, str], frozenset[str]]  # by person and kind
    calendars: dict[object, Calendar]
    policies: dict[uuid.UUID, TeamPolicy]


_STANDING = (Team, Department, Membership, Skill, WorkingHours, Holiday, TeamPolicy)


def staffing_of(organisation_id: uuid.UUID, *, at: dt.datetime) -> Staffing:
    """Read an organisation's staffing: four queries, however many teams and people, and more when teams changed."""
    known = unchanged(("staffing", organisation_id), _STANDING, partial(_standing, organisation_id))
    candidates = _candidates(organisation_id, known, at=at)
    members = {
        team_id: [candidates[one] for one in people if one in candidates] for team_id, people in known.members.items()
    }
    front_doors: dict[uuid.UUID, Team] = {}
    for team in sorted(known.teams.values(), key=lambda one: (one.position, one.name)):
        if members.get(team.pk):
            front_doors.setdefault(team.department_id, team)
    return Staffing(
        teams=known.teams,
        front_doors=front_doors,
        candidates={team_id: people for team_id, people in members.items() if people},
        calendars=known.calendars,
        spoken={team_id: frozenset().union(*(one.languages for one in people)) for team_id, people in members.items()},
        policies=known.policies,
    )


def _standing(organisation_id: uuid.UUID) -> _Standing:
    ours = Team.objects.filter(department__organisation_id=organisation_id).select_related("department")
    teams = {team.pk: team for team in ours}
    members: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for team_id, person_id in Membership.objects.filter(team_id__in=teams).values_list("team_id", "person_id"):
        members[team_id].append(person_id)
    skills: dict[tuple[uuid.UUID, str], set[str]] = defaultdict(set)
    people = {one for together in members.values() for one in together}
    for person_id, kind, value in Skill.objects.filter(person_id__in=people).values_list("person_id", "kind", "value"):
        skills[person_id, kind].add(value)
    return _Standing(
        teams=teams,
        members=dict(members),
        skills={key: frozenset(values) for key, values in skills.items()},
        calendars=calendars_of(teams.values()),
        policies={one.team_id: one for one in TeamPolicy.objects.filter(team_id__in=teams)},
    )


def _candidates(organisation_id: uuid.UUID, known: _Standing, *, at: dt.datetime) -> dict[uuid.UUID, Candidate]:
    members = {one for together in known.members.values() for one in together}
    found = {
        pk: Candidate(
            id=pk,
            name=name,
            is_online=presence == Presence.ONLINE,
            capacity=capacity,
            languages=known.skills.get((pk, SkillKind.LANGUAGE), frozenset()),
            topics=known.skills.get((pk, SkillKind.TOPIC), frozenset()),
        )
        for pk, name, presence, capacity in _people(organisation=organisation_id)
        if pk in members
    }
    for pk, weight in held_by(found).items():
        found[pk].held = weight
    for pk, (weight, last) in _given_lately(organisation_id, frozenset(found), at=at).items():
        found[pk].given, found[pk].last_given_at = weight, last
    return found


Given = Mapping[uuid.UUID, tuple[float, dt.datetime]]
"""By person: the weight that routing gave them, and when last."""


class _Counted(NamedTuple):
    people: frozenset[uuid.UUID]
    began: dt.datetime
    until: dt.datetime
    given: Given


_counted: dict[uuid.UUID, _Counted] = {}  # by organisation


def _given_lately(organisation_id: uuid.UUID, people: frozenset[uuid.UUID], *, at: dt.datetime) -> Given:
    """What was given in the last day. A busy day has many thousands: they are counted once a minute, after that what
    came since is added every few seconds, and for each batch only the last seconds are counted. What another worker
    commits later than that is in the next minute's count."""
    counted = _counted.get(organisation_id)
    if counted is None or counted.people != people or not at - COUNTED_FOR <= counted.began <= counted.until <= at:
        before = _summed({}, _given(people=list(people), since=at - FAIR_OVER, until=at))
        counted = _counted[organisation_id] = _Counted(people, at, at, before)
    elif counted.until < at - 2 * COMMITTED_WITHIN:
        until = at - COMMITTED_WITHIN
        more = _summed(counted.given, _given(people=list(people), since=counted.until, until=until))
        counted = _counted[organisation_id] = counted._replace(until=until, given=more)
    return _summed(counted.given, _given(people=list(people), since=counted.until, until=at + SHORTEST))


def _summed(given: Given, rows: Iterable[tuple[Any, ...]]) -> Given:
    found = dict(given)
    for pk, weight, urgency, count, last in rows:
        before, last_before = found.get(pk, (0.0, last))
        more = count * takes(weight or 1.0, urgency=urgency, is_our_turn=True)
        found[pk] = before + more, max(last_before, last)
    return found


@prepared
def _people(organisation: Slot) -> QuerySet[Person, tuple[uuid.UUID, str, str, int]]:
    people = Person.objects.filter(organisation=organisation, is_active=True)
    return people.values_list("pk", "name", "presence", "capacity")


@prepared
def _given(people: Slot, since: Slot, until: Slot) -> QuerySet[Assignment, tuple[Any, ...]]:
    """What routing gave each of them from one moment up to another, whatever became of it since."""
    rows = Assignment.objects.filter(one_of("person_id", people), by=None, at__gte=since, at__lt=until)
    kinds = rows.values("person_id", "conversation__objective__weight", "conversation__urgency")
    return kinds.annotate(count=Count("pk"), last=Max("at")).values_list(
        "person_id", "conversation__objective__weight", "conversation__urgency", "count", "last"
    )


def who_knows(customer_ids: Iterable[uuid.UUID], *, at: dt.datetime) -> dict[uuid.UUID, uuid.UUID]:
    """For each customer the person who last worked with them, if that was lately: one query."""
    return dict(_last_with(customers=list(customer_ids), since=at - KNOWS_FOR))


@prepared
def _last_with(customers: Slot, since: Slot) -> QuerySet[Conversation, tuple[uuid.UUID, uuid.UUID]]:
    rows = Conversation.objects.filter(one_of("customer_id", customers), assignee__isnull=False)
    rows = rows.filter(last_message_at__gte=since).order_by("customer_id", "-last_message_at")
    return rows.distinct("customer_id").values_list("customer_id", "assignee_id")
