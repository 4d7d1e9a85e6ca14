"""What speaks for which department at an objective: its conversations, who had each first, and how it went.

Where the matrix splits an objective by topic, each topic is a scope of its own and the rest is one: a department that
answers for apps is not compared with one that answers for deliveries, which it never had.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from choir.measurement.figures import Figure, about, split
from choir.measurement.metrics import catalogue
from choir.measurement.models import Course, Stretch
from choir.measurement.question import Question
from choir.people.models import Department
from choir.routing.models import Objective, Ownership
from choir.routing.queries import topics_known
from choir.strategy.fit import FEWEST_FOR_PILOT, Advice, Fit, Handled, advice, fits

MOST_ROWS = 50_000
RECORD = ("first_response", "sla_attainment", "one_touch", "resolution", "reopen_rate", "csat", "cost")
NO_TOPIC = "none"


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of an objective that the matrix gives to somebody: one topic, or what no topic of the matrix covers.
    `topics` are those of its conversations' readings as a question takes them, empty where the matrix does not split
    the objective."""

    objective: Objective
    topic: str
    topics: str
    owner: Department | None

    @property
    def words(self) -> str:
        """“care about delivery”"""
        about = f" about {self.topic.replace('_', ' ')}" if self.topic else ""
        return f"{self.objective.name.lower()}{about}"

    def narrowed(self, asked: Question) -> Question:
        """A question put to this scope alone."""
        narrower = asked.to(objective=self.objective.pk)
        return narrower.to(topic=self.topics) if self.topics else narrower


@dataclass(frozen=True, slots=True)
class Evidence:
    """A scope's departments: how each fits, its record in figures, the owner, what that amounts to, and who had too few
    conversations to be compared (how many)."""

    owner: Department | None
    fits: list[Fit]
    advice: Advice | None
    record: dict[str, dict[uuid.UUID, Figure]]
    rows_count: int
    few: dict[uuid.UUID, int]


def scopes_of(objective: Objective, *, at: dt.datetime) -> list[Scope]:
    """What the matrix makes of an objective: the whole, or all that no topic of it covers and then its topics."""
    cells = _by_topic_alone(objective, at=at)
    split = sorted(topic for topic in cells if topic)
    rest = sorted(topics_known(objective.organisation_id) - {*split})
    widest = Scope(objective, "", ",".join([NO_TOPIC, *rest]) if split else "", cells.get(""))
    return [widest, *(Scope(objective, one, one, cells[one]) for one in split)]


def evidence(scope: Scope, asked: Question, departments: Sequence[Department]) -> Evidence:
    """The evidence of the period that is asked for."""
    handled = handled_rows(scope, asked)
    owner = scope.owner
    tried = Counter(one.department_id for one in handled)
    ids = [one.pk for one in departments if tried[one.pk] >= FEWEST_FOR_PILOT or one == owner]
    few = {one.pk: tried[one.pk] for one in departments if tried[one.pk] and one.pk not in ids}
    found = fits(handled, ids, owner.pk if owner else None)
    narrowed = scope.narrowed(asked)
    record = {slug: split(catalogue()[slug], narrowed, "department") for slug in RECORD}
    return Evidence(owner, found, advice(found, owner.pk if owner else None), record, len(handled), few)


def owner_of(objective: Objective, *, at: dt.datetime) -> Department | None:
    """Who is responsible for it where no narrower cell says otherwise."""
    return _by_topic_alone(objective, at=at).get("")


def _by_topic_alone(objective: Objective, *, at: dt.datetime) -> dict[str, Department]:
    """Whom the cells name that are narrowed by a topic or not at all, by topic."""
    cells = Ownership.objects.in_force(at).filter(objective=objective).select_related("responsible")
    rows = cells.filter(workspace=None, channel=None, language="", region="", product="")
    return {one.topic: one.responsible for one in rows}


@dataclass(frozen=True, slots=True)
class Had:
    """One conversation behind the evidence: who had it first, and what did not go well (`unanswered`, `late`,
    `handed_on`, `reopened`; empty where all did)."""

    conversation_id: uuid.UUID
    arrived_at: dt.datetime
    department_id: uuid.UUID
    amiss: tuple[str, ...]
    mix: tuple[str, ...]


def handled_rows(scope: Scope, asked: Question) -> list[Handled]:
    """Those of the scope as departments are compared by them."""
    return [Handled(one.department_id, not one.amiss, one.mix) for one in had_first(scope, asked)]


def had_first(scope: Scope, asked: Question) -> list[Had]:
    """Conversations of the scope that were answered, promised in vain or handed on, newest first: one went well if the
    department that had it first answered within its promise, handed nothing on, and it was not opened again."""
    period = asked.period
    settled = Q(answered_at__isnull=False) | Q(response_promise_is_met=False) | Q(is_handed_over=True)
    courses = Course.objects.filter(
        settled, workspace_id=asked.workspace_id, objective=scope.objective, arrived_at__gte=period.start,
        arrived_at__lt=period.end,
    )  # fmt: skip
    if scope.topics:
        courses = courses.filter(about("conversation__reading__topic", scope.topics.split(",")))
    rows = courses.order_by("-arrived_at", "-pk").values_list(
        "conversation_id", "arrived_at", "answering_department_id", "answered_at", "response_promise_is_met",
        "is_handed_over", "reopened_at", "language", "channel_id", "conversation__urgency",
        "conversation__reading__topic",
    )[:MOST_ROWS]  # fmt: skip
    first = first_departments(asked.workspace_id, scope.objective)
    found = []
    for pk, at, answering, answered_at, is_met, handed, reopened_at, language, channel, urgency, topic in rows:
        department_id = first.get(pk) or answering
        if department_id is not None:
            amiss = (
                ("unanswered", answered_at is None), ("late", is_met is False), ("handed_on", handed),
                ("reopened", reopened_at is not None),
            )  # fmt: skip
            mix = (language, str(channel), str(min(urgency, 2)), topic or "")
            found.append(Had(pk, at, department_id, tuple(name for name, holds in amiss if holds), mix))
    return found


def first_departments(workspace_id: uuid.UUID, objective: Objective) -> dict[uuid.UUID, uuid.UUID | None]:
    """By conversation of an objective the department that had it first."""
    stretches = Stretch.objects.filter(workspace_id=workspace_id, objective=objective)
    rows = stretches.order_by("conversation_id", "began_at").distinct("conversation_id")
    return dict(rows.values_list("conversation_id", "department_id"))
