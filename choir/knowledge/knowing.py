"""Who knows what: who says so, and who answered colleagues' questions."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Q

from choir.inbox.models import Consult
from choir.people.models import Person, Skill, SkillKind


@dataclass(slots=True)
class Knows:
    """A person and a topic or language. `level` is 1 gets by, 2 good, 3 expert, 0 when it is not among their skills;
    `consults_count` is how many questions about it they answered."""

    person: Person
    level: int = 0
    consults_count: int = 0


@dataclass(slots=True)
class Known:
    """A topic or language and who knows it, the most asked and most skilled first. `is_topic` is false for a
    language."""

    value: str
    is_topic: bool
    people: list[Knows] = field(default_factory=list)


def who_knows(organisation_id: uuid.UUID, workspace_id: uuid.UUID) -> list[Known]:
    """Topics, then languages, by name: people's skills, and the consults they answered in a workspace by the topic
    (or else the objective) of the conversation. Two queries; nobody who has left."""
    table: dict[tuple[bool, str], dict[uuid.UUID, Knows]] = defaultdict(dict)
    skills = Skill.objects.filter(person__organisation=organisation_id, person__is_active=True)
    for skill in skills.select_related("person"):
        key = (skill.kind == SkillKind.TOPIC, _plain(skill.value))
        table[key][skill.person_id] = Knows(skill.person, level=skill.level)
    people: dict[uuid.UUID, Person] = {}
    for person_id, topic, objective, count in _answered(workspace_id):
        if person_id not in people:
            people |= Person.objects.filter(organisation=organisation_id, is_active=True).in_bulk()
        if person_id in people and (topic or objective):
            row = table[True, _plain(topic or objective)].setdefault(person_id, Knows(people[person_id]))
            row.consults_count += count
    return [
        Known(value, is_topic, sorted(rows.values(), key=_most_first))
        for (is_topic, value), rows in sorted(table.items(), key=lambda one: (not one[0][0], one[0][1]))
    ]


def _answered(workspace_id: uuid.UUID) -> list[tuple[uuid.UUID, str, str, int]]:
    rows = (
        Consult.objects.filter(workspace=workspace_id, answered_at__isnull=False)
        .filter(Q(answered_by__isnull=False))
        .order_by()
        .values_list("answered_by", "conversation__reading__topic", "conversation__objective__slug")
        .annotate(count=Count("pk"))
    )
    return [(person, topic or "", objective or "", count) for person, topic, objective, count in rows]


def _plain(value: str) -> str:
    return value.strip().lower().replace("_", " ")


def _most_first(row: Knows) -> tuple[int, int, str]:
    return -row.consults_count, -row.level, row.person.name
