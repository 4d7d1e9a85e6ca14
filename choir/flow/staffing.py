"""Who could take work now: each department's staffed team, its people, and how much they hold."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Max, Q

from choir.inbox.clocks import ALWAYS, calendars_of
from choir.inbox.models import Assignment, Conversation, State
from choir.people.models import Membership, Presence, Skill, SkillKind, Team
from choir.routing.choose import LONG_AGO, Candidate
from choir.routing.hours import Calendar
from choir.routing.models import Assigning, TeamPolicy

KNOWS_FOR = dt.timedelta(days=90)


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


def staffing_of(organisation_id: uuid.UUID) -> Staffing:
    """Read an organisation's staffing: seven queries, however many teams and people."""
    teams = {
        team.pk: team
        for team in Team.objects.filter(department__organisation_id=organisation_id).select_related("department")
    }
    members: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    candidates = _candidates(organisation_id)
    for team_id, person_id in Membership.objects.filter(team_id__in=teams).values_list("team_id", "person_id"):
        if person_id in candidates:
            members[team_id].append(person_id)
    front_doors: dict[uuid.UUID, Team] = {}
    for team in sorted(teams.values(), key=lambda one: (one.position, one.name)):
        if members[team.pk]:
            front_doors.setdefault(team.department_id, team)
    return Staffing(
        teams=teams,
        front_doors=front_doors,
        candidates={team_id: [candidates[one] for one in people] for team_id, people in members.items()},
        calendars=calendars_of(teams.values()),
        spoken={
            team_id: frozenset(language for one in people for language in candidates[one].languages)
            for team_id, people in members.items()
        },
        policies={one.team_id: one for one in TeamPolicy.objects.filter(team_id__in=teams)},
    )


def _candidates(organisation_id: uuid.UUID) -> dict[uuid.UUID, Candidate]:
    people = Membership.objects.filter(team__department__organisation_id=organisation_id, person__is_active=True)
    rows = people.values_list("person_id", "person__name", "person__presence", "person__capacity").distinct()
    found = {
        pk: Candidate(id=pk, name=name, is_online=presence == Presence.ONLINE, capacity=capacity, open_count=0)
        for pk, name, presence, capacity in rows
    }
    held = Conversation.objects.filter(assignee_id__in=found, state=State.OPEN).values("assignee_id")
    for row in held.annotate(count=Count("pk")).values_list("assignee_id", "count"):
        found[row[0]].open_count = row[1]
    given = Assignment.objects.filter(person_id__in=found, ended_at=None).values("person_id").annotate(last=Max("at"))
    for pk, last in given.values_list("person_id", "last"):
        found[pk].last_given_at = last or LONG_AGO
    languages: dict[uuid.UUID, set[str]] = defaultdict(set)
    topics: dict[uuid.UUID, set[str]] = defaultdict(set)
    for pk, kind, value in Skill.objects.filter(person_id__in=found).values_list("person_id", "kind", "value"):
        (languages if kind == SkillKind.LANGUAGE else topics)[pk].add(value)
    for pk, one in found.items():
        one.languages, one.topics = frozenset(languages[pk]), frozenset(topics[pk])
    return found


def who_knows(customer_ids: Iterable[uuid.UUID], *, at: dt.datetime) -> dict[uuid.UUID, uuid.UUID]:
    """For each customer the person who last worked with them, if that was lately: one query."""
    rows = (
        Conversation.objects.filter(customer_id__in=list(customer_ids), assignee__isnull=False)
        .filter(Q(last_message_at__gte=at - KNOWS_FOR))
        .order_by("customer_id", "-last_message_at")
        .distinct("customer_id")
    )
    return dict(rows.values_list("customer_id", "assignee_id"))
