"""What came in, how soon it was answered, and whether promises were kept."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from choir.executive.saying.sentence import NOTABLE, Sentence, moved, opening, plain
from choir.executive.weeks import Looked, trend
from choir.governance.wording import said, signed
from choir.measurement.figures import Figure, split
from choir.measurement.metrics import catalogue
from choir.people.models import Department
from choir.routing.models import Objective

LARGE_PART = 0.3  # of a difference: what one objective must explain to be named for it
ALWAYS = 0.5  # what every brief can say when a week is like the others
OF_DEPARTMENT = 10  # rows of a department before it is named


def volume(looked: Looked) -> Sentence | None:
    """How much came in, and what the difference is about."""
    metric = catalogue()["conversations"]
    found = trend(metric, looked)
    if not found.now.n:
        return None
    parts = [opening(looked, f"{_many(found.now.n)} came in", "conversations"), plain(f", {moved(found)}")]
    now, before = (split(metric, looked.asked(back), "objective") for back in (0, 1))
    total = found.now.n - found.before.n
    grown = _most_moved(now, before, total)
    objectives = _objectives(looked)
    if grown is not None and grown[0] in objectives:
        one, difference = objectives[grown[0]], grown[1]
        count = now[grown[0]].n if grown[0] in now else 0
        words = f"{str(one).lower()} ({count:,}, {signed(difference)})"
        parts += [
            plain("; most of the difference is about "),
            opening(looked, words, "conversations", objective=one.slug),
        ]
    else:
        largest = next(((objectives[key], figure) for key, figure in now.items() if key in objectives), None)
        if largest is not None:
            one, figure = largest
            words = f"{figure.n:,} are about {str(one).lower()}"
            parts += [plain("; "), opening(looked, words, "conversations", objective=one.slug)]
    return Sentence("volume", (*parts, plain(".")), ALWAYS + abs(found.unusual))


def answering(looked: Looked) -> Sentence | None:
    """How soon first answers came, and where customers waited longest."""
    metric = catalogue()["first_response"]
    found = trend(metric, looked)
    if found.now.value is None:
        return None
    words = f"Half of the first answers came within {said(metric, found.now.value)} of open hours"
    parts = [
        opening(looked, words, "first_response"),
        plain(f", {moved(found, 'later', 'sooner', 'the latest', 'the soonest')}"),
    ]
    departments = _departments(looked)
    slow = {key: one for key, one in split(metric, looked.asked(), "department").items() if one.n >= OF_DEPARTMENT}
    slowest = max(slow, key=lambda key: slow[key].value or 0.0, default=None)
    if slowest in departments and (slow[slowest].value or 0) > found.now.value:
        one = departments[slowest]
        words = f"{one} took longest, {said(metric, slow[slowest].value)}"
        parts += [plain("; "), opening(looked, words, "first_response", department=one.slug)]
    return Sentence("answering", (*parts, plain(".")), ALWAYS + abs(found.unusual), found.goes_well)


def promises(looked: Looked) -> Sentence | None:
    """Which share of promised first answers came in time, and whose were late."""
    metric = catalogue()["sla_attainment"]
    found = trend(metric, looked)
    if found.now.value is None:
        return None
    words = f"{said(metric, found.now.value)} of the promised first answers came in time"
    parts = [opening(looked, words, "sla_attainment"), plain(f", {moved(found)}")]
    departments = _departments(looked)
    late = {
        key: one.n - round(one.n * one.value)
        for key, one in split(metric, looked.asked(), "department").items()
        if key in departments and one.value is not None
    }
    missed = found.now.n - round(found.now.n * found.now.value)
    worst = max(late, key=lambda key: late[key], default=None)
    if worst is not None and missed and late[worst] > 1:
        one = departments[worst]
        words = f"{late[worst]} of the {missed} late ones were with {one}"
        parts += [plain("; "), opening(looked, words, "sla_attainment", department=one.slug, side="missed")]
    return Sentence("promises", (*parts, plain(".")), ALWAYS + abs(found.unusual), found.goes_well)


def passed_on(looked: Looked) -> Sentence | None:
    """How many conversations did not come to the right department first; told when that is unusual."""
    metric = catalogue()["handover_rate"]
    found = trend(metric, looked)
    if found.now.value is None or found.now.is_small or abs(found.unusual) < NOTABLE:
        return None
    words = f"{said(metric, found.now.value)} of what came in was passed on between departments"
    parts = (opening(looked, words, "handover_rate"), plain(f", {moved(found)}."))
    return Sentence("passed_on", parts, abs(found.unusual), found.goes_well)


def _many(count: int) -> str:
    return f"{count:,} conversation{'' if count == 1 else 's'}"


def _most_moved(now: Mapping[Any, Figure], before: Mapping[Any, Figure], total: int) -> tuple[uuid.UUID, int] | None:
    """What explains the largest part of a difference, if it is large."""
    moves = {
        key: (now[key].n if key in now else 0) - (before[key].n if key in before else 0) for key in {*now, *before}
    }
    largest = max(moves, key=lambda key: moves[key] * (1 if total > 0 else -1), default=None)
    if largest is None or not total or moves[largest] / total < LARGE_PART or abs(moves[largest]) < 2:
        return None
    return largest, moves[largest]


def _objectives(looked: Looked) -> dict[Any, Objective]:
    rows = Objective.objects.filter(organisation_id=looked.workspace.organisation_id)
    return {one.pk: one for one in rows}


def _departments(looked: Looked) -> dict[Any, Department]:
    rows = Department.objects.filter(organisation_id=looked.workspace.organisation_id)
    return {one.pk: one for one in rows}
