"""What departments could take on at a scope: how customers' mood moved with them, what room they have, and whether they
speak its languages and know its topic."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, QuerySet

from choir.inbox.models import Conversation
from choir.measurement.figures import about
from choir.measurement.models import Course
from choir.measurement.question import Question
from choir.people.models import Department, Person, Skill, SkillKind
from choir.pilots.outcomes import JUDGED, rows_of
from choir.routing.choose import language_name
from choir.strategy.evidence import Scope, first_departments

NEWEST = 5_000  # conversations that moods are read of; more make them no better known
SPOKEN = 0.02  # a language that fewer of the scope's conversations are in need not be covered


@dataclass(frozen=True, slots=True)
class Ability:
    """One department: how much kinder its customers' last words were than their first (-2 to 2, of how many; None where
    it is not known), conversations its people hold and may hold at once, who of them knows the topic, which of the
    scope's languages it speaks and which nobody in it does."""

    department: Department
    mood: tuple[float, int] | None
    held: int
    capacity: int
    knows: int
    speaks: list[str]
    lacks: list[str]

    @property
    def mood_words(self) -> str:
        """“+0.42”; empty where it is not known."""
        return f"{self.mood[0]:+.2f}".replace("-", "−") if self.mood else ""

    @property
    def room(self) -> int:
        """How many more its people could hold now."""
        return max(0, self.capacity - self.held)


def abilities_of(
    scope: Scope, asked: Question, departments: Sequence[Department], *, moods: Mapping[uuid.UUID, tuple[float, int]]
) -> list[Ability]:
    """Each department's, in the order given: four queries."""
    ids = [one.pk for one in departments]
    staff = Person.objects.filter(is_active=True, memberships__team__department__in=ids)
    held = Conversation.objects.open().filter(workspace=asked.workspace_id, department__in=ids)
    holds = dict(held.values_list("department").annotate(n=Count("pk")))
    capacity: Counter[uuid.UUID] = Counter()
    for _person, department_id, room in staff.values_list("pk", "memberships__team__department", "capacity").distinct():
        capacity[department_id] += room
    skills: dict[uuid.UUID, set[tuple[uuid.UUID, str, str]]] = defaultdict(set)
    known = Skill.objects.filter(person__is_active=True, person__memberships__team__department__in=ids)
    for department_id, *skill in known.values_list("person__memberships__team__department", "person", "kind", "value"):
        skills[department_id].add(tuple(skill))  # type: ignore[arg-type]
    wanted = _languages(scope, asked)
    return [
        replace(
            _ability(one, scope, skills[one.pk], wanted), mood=moods.get(one.pk), held=holds.get(one.pk, 0),
            capacity=capacity[one.pk],
        )
        for one in departments
    ]  # fmt: skip


def _ability(
    department: Department, scope: Scope, skills: Iterable[tuple[uuid.UUID, str, str]], wanted: Sequence[str]
) -> Ability:
    spoken = {value for _, kind, value in skills if kind == SkillKind.LANGUAGE}
    knowing = {person for person, kind, value in skills if kind == SkillKind.TOPIC and value == scope.topic}
    return Ability(
        department, None, 0, 0, len(knowing),
        speaks=[language_name(one) for one in wanted if one in spoken],
        lacks=[language_name(one) for one in wanted if one not in spoken],
    )  # fmt: skip


def _languages(scope: Scope, asked: Question) -> list[str]:
    """Those of the scope's conversations, most common first."""
    counted = dict(_courses(scope, asked).exclude(language__in=("", "und")).order_by().values_list("language").annotate(
        n=Count("pk")
    ))  # fmt: skip
    least = SPOKEN * sum(counted.values())
    return [one for one, n in sorted(counted.items(), key=lambda pair: -pair[1]) if n >= least]


def _courses(scope: Scope, asked: Question) -> QuerySet[Course]:
    period = asked.period
    rows = Course.objects.filter(
        workspace=asked.workspace_id, objective=scope.objective, needed_reply=True, arrived_at__gte=period.start,
        arrived_at__lt=period.end,
    )  # fmt: skip
    return rows.filter(about("conversation__reading__topic", scope.topics.split(","))) if scope.topics else rows


def moods_of(scope: Scope, asked: Question) -> dict[uuid.UUID, tuple[float, int]]:
    """How much kinder customers' last words were than their first, from -2 to 2, and of how many, by the department
    that had them first."""
    newest = _courses(scope, asked).order_by("-arrived_at").values_list("pk", flat=True)[:NEWEST]
    courses = Course.objects.filter(pk__in=list(newest))
    first = first_departments(asked.workspace_id, scope.objective)
    rows = defaultdict(list)
    whose = dict(courses.values_list("conversation_id", "answering_department_id"))
    for row in rows_of(courses):
        rows[first.get(row["conversation_id"]) or whose.get(row["conversation_id"])].append(row)
    measured = {pk: JUDGED["sentiment"].measured(found) for pk, found in rows.items() if pk is not None}
    return {pk: (one.value, one.n) for pk, one in measured.items() if one is not None}
