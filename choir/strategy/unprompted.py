"""What customers say unprompted, by department: how much of each thing, how warmly, whether it grows, in which words.

Unprompted is what begins a conversation, and what is overheard: said to nobody of us. It belongs to the department that
has the conversation; what is overheard to the one whose charter it reads like. A thing is an accepted theme, else a
topic of an objective, else the objective. Now is the last four weeks, before the four before them.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When, Window
from django.db.models.functions import Length, RowNumber

from choir.inbox.models import Conversation, Direction, Message
from choir.people.models import Department, Person, Workspace
from choir.people.policy import Permission, Reach
from choir.routing.models import Objective
from choir.triage.models import Reading, Theme

WEEKS = 4
FEWEST = 3  # said less often now, it is not named
SHOWN = 6
EXAMPLES = 2
LOOKED_AT = 8  # of each thing, so that copies leave enough
SMOOTHED = 2.0  # added to both sides of growth, so that one after none is no multiplication
Thing = tuple[Any, str, str]  # theme, objective, topic


@dataclass(frozen=True, slots=True)
class Example:
    """Something a customer said; a conversation where it is one that the person may read."""

    words: str
    sentiment: str
    conversation_id: uuid.UUID | None


@dataclass(slots=True)
class Said:
    """One thing that customers speak of: how often in the last four weeks, so many of them overheard, how often in the
    four before, and in which mood."""

    name: str
    objective: str
    theme_id: uuid.UUID | None
    topic: str = ""
    count: int = 0
    overheard: int = 0
    before: int = 0
    positive: int = 0
    negative: int = 0
    examples: list[Example] = field(default_factory=list)

    @property
    def warmth(self) -> float:
        """Happy less unhappy, of all, -1 to 1."""
        return (self.positive - self.negative) / self.count if self.count else 0.0

    @property
    def growth(self) -> float:
        """How many times as much as before, small numbers held back."""
        return (self.count + SMOOTHED) / (self.before + SMOOTHED)


def unprompted(workspace: Workspace, person: Person, *, at: dt.datetime) -> dict[uuid.UUID, list[Said]]:
    """By department what is said most, most first: seven queries however many departments and words
    there are."""
    since, middle = at - 2 * WEEKS * dt.timedelta(weeks=1), at - WEEKS * dt.timedelta(weeks=1)
    departments = {one.slug: one.pk for one in Department.objects.filter(organisation=workspace.organisation_id)}
    openings, overheard = _openings(workspace, since, at), _overheard(workspace, since, at)
    names = _names(workspace)
    found: dict[uuid.UUID, dict[Thing, Said]] = defaultdict(dict)
    for department, thing, counts in [*_counted(openings, middle), *_counted(overheard, middle)]:
        pk = departments.get(department) if isinstance(department, str) else department
        if pk is not None:
            said = found[pk].setdefault(thing, names(thing))
            _add(said, counts)
            said.overheard += counts["count"] if isinstance(department, str) else 0
    kept = {
        pk: dict(sorted(
            ((thing, one) for thing, one in things.items() if one.count >= FEWEST), key=lambda pair: -pair[1].count
        )[:SHOWN])
        for pk, things in found.items()
    }  # fmt: skip
    readable = openings.filter(conversation__in=Conversation.objects.visible_to(person).values("pk"))
    _exemplify(kept, readable.filter(said_at__gte=middle), "conversation_id", departments)
    if person.access.reach(Permission.LISTENING_READ, workspace.pk) >= Reach.WORKSPACE:
        _exemplify(kept, overheard.filter(said_at__gte=middle), "", departments)
    return {pk: list(things.values()) for pk, things in kept.items()}


def begun_with(
    workspace: Workspace, department: Department, thing: Thing, *, at: dt.datetime
) -> list[tuple[uuid.UUID, dt.datetime, str]]:
    """The conversations that a department's count of a thing is of, newest first: when it was said, and its mood."""
    theme, objective, topic = thing
    rows = _openings(workspace, at - WEEKS * dt.timedelta(weeks=1), at).filter(department=department.pk)
    if theme:
        rows = rows.filter(of_theme=theme)
    else:
        of_objective = Q(of_objective=objective) if objective else Q(of_objective=None)
        rows = rows.filter(of_objective, of_theme=None, of_topic=topic)
    return list(rows.order_by("-said_at", "-pk").values_list("conversation_id", "said_at", "mood"))


def _openings(workspace: Workspace, since: dt.datetime, at: dt.datetime) -> QuerySet[Any]:
    """The first words of each conversation that a department has, with how they were read."""
    rows = Message.objects.filter(
        workspace=workspace, direction=Direction.INBOUND, at__gte=since, at__lt=at, removed_at=None,
        conversation__first_inbound_at=F("at"), conversation__department__isnull=False,
        mention__readings__is_current=True, mention__readings__is_spam=False,
    )  # fmt: skip
    return rows.annotate(
        department=F("conversation__department_id"), of_theme=F("mention__readings__theme_id"),
        of_objective=F("conversation__objective__slug"), of_topic=F("mention__readings__topic"),
        mood=F("mention__readings__sentiment"), said_at=F("at"), said_words=F("text"),
    )  # fmt: skip


def _overheard(workspace: Workspace, since: dt.datetime, at: dt.datetime) -> QuerySet[Any]:
    rows = Reading.objects.filter(
        workspace=workspace, is_current=True, is_spam=False, mention__is_addressed=False,
        mention__posted_at__gte=since, mention__posted_at__lt=at,
    )  # fmt: skip
    return rows.annotate(
        of_theme=F("theme_id"), of_objective=F("objective"), of_topic=F("topic"), mood=F("sentiment"),
        said_at=F("mention__posted_at"), said_words=F("mention__text"),
    )  # fmt: skip


def _counted(rows: QuerySet[Any], middle: dt.datetime) -> list[tuple[Any, Thing, Mapping[str, int]]]:
    """By department and thing: how often now and before, and in which mood now."""
    now = Q(said_at__gte=middle)
    grouped = rows.order_by().values("department", "of_theme", "of_objective", "of_topic").annotate(
        count=Count("pk", filter=now), before=Count("pk", filter=~now),
        positive=Count("pk", filter=now & Q(mood="positive")), negative=Count("pk", filter=now & Q(mood="negative")),
    )  # fmt: skip
    return [(one["department"], _thing(one), one) for one in grouped]


def _thing(row: Mapping[str, Any]) -> Thing:
    """An accepted theme is one thing whatever its objective; a topic one of its objective."""
    theme = row["of_theme"]
    return (theme, "", "") if theme else (None, row["of_objective"] or "", row["of_topic"] or "")


def _add(said: Said, counts: Mapping[str, int]) -> None:
    for name in ("count", "before", "positive", "negative"):
        setattr(said, name, getattr(said, name) + counts[name])


def _names(workspace: Workspace) -> Any:
    themes = {one.pk: one.name for one in Theme.objects.accepted().filter(workspace=workspace)}
    objectives = {one.slug: one.name for one in Objective.objects.filter(organisation=workspace.organisation_id)}

    def named(thing: Thing) -> Said:
        theme, objective, topic = thing
        name = themes.get(theme) if theme else None
        about = objectives.get(objective, objective.replace("_", " ").capitalize())
        return Said(name or (f"{about}: {topic.replace('_', ' ')}" if topic else about), objective, theme, topic)

    return named


def _exemplify(
    kept: Mapping[uuid.UUID, Mapping[Thing, Said]],
    rows: QuerySet[Any],
    conversation: str,
    departments: Mapping[str, uuid.UUID],
) -> None:
    """Add the warmest and fullest of each thing of each department; copies are said once."""
    warm = Case(When(mood="positive", then=Value(0)), default=Value(1), output_field=IntegerField())
    place = Window(
        RowNumber(), partition_by=[F("department"), F("of_theme"), F("of_objective"), F("of_topic")],
        order_by=[warm.asc(), Length("said_words").desc(), F("pk").asc()],
    )  # fmt: skip
    first = rows.exclude(said_words="").annotate(place=place).filter(place__lte=LOOKED_AT)
    names = (
        "department",
        "of_theme",
        "of_objective",
        "of_topic",
        "said_words",
        "mood",
        *([conversation] if conversation else []),
    )
    for one in first.order_by("place").values(*names):
        pk = departments.get(one["department"]) if isinstance(one["department"], str) else one["department"]
        said = kept.get(pk, {}).get(_thing(one)) if pk is not None else None
        if (
            said is None
            or len(said.examples) >= EXAMPLES
            or one["said_words"] in [known.words for known in said.examples]
        ):
            continue
        said.examples.append(Example(one["said_words"], one["mood"], one.get(conversation)))


def standing_out(said: Sequence[Said]) -> dict[str, Said]:
    """What a department could build on: the warmest and the fastest growing of what is said of it; nothing of one."""
    if len(said) < 2:
        return {}
    warm = max((one for one in said if one.warmth > 0), key=lambda one: one.warmth, default=None)
    growing = max((one for one in said if one.growth > 1), key=lambda one: one.growth, default=None)
    return {name: one for name, one in (("warmest", warm), ("growing", growing)) if one is not None}
