"""Gathering labelled examples: each correction and each hand-over says what triage should have understood.

Nothing has to tell of them: what has no example yet is found by looking, so nothing is forgotten.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, QuerySet

from choir.inbox.models import Conversation, Handover, Message
from choir.people.models import Workspace
from choir.routing.decide import Cell
from choir.routing.queries import cells_in_force
from choir.rows import insert
from choir.triage.actions import CORRECTED, department_for
from choir.triage.learning.models import Example, Lesson
from choir.triage.models import Reading

BATCH = 500
COUNTED_AT_MOST = 50_000  # beyond it an example's weight no longer changes what is judged
FIELDS = ("objective", "department", "sentiment", "intent", "needs_reply")


def values_of(reading: Reading) -> dict[str, str]:
    """What a reading says of each field that can be learnt, in the heads' words."""
    return {
        "objective": reading.objective,
        "department": reading.department or department_for(reading.objective, reading.topic),
        "sentiment": reading.sentiment,
        "intent": reading.intent,
        "needs_reply": "yes" if reading.needs_reply else "no",
    }


def gather(workspace: Workspace, *, at: dt.datetime) -> int:
    """Make examples of one batch of corrections and hand-overs that have none; how many sources there were."""
    corrected = list(_corrected(workspace).select_related("mention").order_by("id")[:BATCH])
    given = list(_handed_over(workspace).select_related("to_department").order_by("id")[:BATCH])
    about = _first_mentions([one.conversation_id for one in given])
    before = _before([*(one.mention_id for one in corrected), *about.values()])
    departments = _departments([one.mention_id for one in corrected])
    examples: list[Example] = []
    for reading in corrected:
        examples += _of_correction(reading, before.get(reading.mention_id, []), departments.get(reading.mention_id))
    cells = cells_in_force(workspace.organisation_id, at=at) if given else []
    for handover in given:
        readings = before.get(about.get(handover.conversation_id, handover.pk), [])
        examples += _of_handover(handover, readings, cells)
    insert(examples, skips_known=True)
    return len(corrected) + len(given)


def is_gathered(workspace: Workspace) -> bool:
    """Whether every correction and hand-over is an example by now."""
    return not (_corrected(workspace).exists() or _handed_over(workspace).exists())


def _corrected(workspace: Workspace) -> QuerySet[Reading]:
    taught = Example.objects.filter(workspace=workspace, source_id=OuterRef("pk"))
    return Reading.objects.filter(~Exists(taught), workspace=workspace, version=CORRECTED, by__isnull=False)


def _handed_over(workspace: Workspace) -> QuerySet[Handover]:
    taught = Example.objects.filter(workspace=workspace, source_id=OuterRef("pk"))
    heard = Message.objects.filter(conversation=OuterRef("conversation"), mention__readings__by=None)
    return Handover.objects.filter(~Exists(taught), Exists(heard), workspace=workspace)


def _first_mentions(conversation_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """What each conversation began with: routing placed it by that, so a hand-over is about that."""
    rows = Message.objects.filter(conversation_id__in=conversation_ids, mention__isnull=False)
    firsts = rows.order_by("conversation_id", "at", "id").distinct("conversation_id")
    return {one: mention for one, mention in firsts.values_list("conversation_id", "mention_id") if mention is not None}


def _before(mention_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Reading]]:
    """Every reading of these mentions, oldest first."""
    found: dict[uuid.UUID, list[Reading]] = {}
    for one in Reading.objects.filter(mention_id__in=set(mention_ids)).order_by("at", "id"):
        found.setdefault(one.mention_id, []).append(one)
    return found


def _departments(mention_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID | None]:
    rows = Message.objects.filter(mention_id__in=set(mention_ids))
    return dict(rows.values_list("mention_id", "conversation__department_id"))


def _of_correction(reading: Reading, all_readings: Sequence[Reading], department_id: uuid.UUID | None) -> list[Example]:
    """One example per field that the person changed; where they changed nothing, they confirmed the objective."""
    earlier = [one for one in all_readings if (one.at, one.pk) < (reading.at, reading.pk)]
    previous = earlier[-1] if earlier else reading
    machine = next((one for one in reversed(earlier) if one.by_id is None), previous)
    says, said, read = values_of(reading), values_of(previous), values_of(machine)
    changed = [name for name in FIELDS if says[name] != said[name]] or ["objective"]
    return [
        Example(
            workspace_id=reading.workspace_id,
            mention_id=reading.mention_id,
            source_id=reading.pk,
            lesson=Lesson.CORRECTION if says[name] != read[name] else Lesson.CONFIRMATION,
            field=name,
            value=says[name],
            was=read[name],
            confidence=_confidence(machine, name),
            language=reading.language,
            department_id=department_id,
            by_id=reading.by_id,
            at=reading.at,
        )
        for name in changed
    ]


def _of_handover(handover: Handover, readings: Sequence[Reading], cells: Sequence[Cell]) -> list[Example]:
    """The department it went to; and its objective, where the matrix leaves no doubt which one that department owns."""
    machine = next((one for one in readings if one.by_id is None), None)
    if machine is None:
        return []
    read = values_of(machine)
    says = {"department": handover.to_department.slug}
    if objective := _objective_of(handover.to_department_id, machine.objective, cells):
        says["objective"] = objective
    return [
        Example(
            workspace_id=handover.workspace_id,
            mention_id=machine.mention_id,
            source_id=handover.pk,
            lesson=Lesson.HANDOVER if value != read[name] else Lesson.CONFIRMATION,
            field=name,
            value=value,
            was=read[name],
            confidence=_confidence(machine, name),
            language=machine.language,
            department_id=handover.from_department_id,
            because=handover.because,
            by_id=handover.by_id,
            at=handover.at,
        )
        for name, value in says.items()
    ]


def _objective_of(department_id: uuid.UUID, present: str, cells: Sequence[Cell]) -> str:
    """The objective that a department owns: the present one if it owns that in any scope, else its only one, else
    nothing is said."""
    owned = {cell.objective for cell in cells if cell.responsible_id == department_id}
    if present in owned:
        return present
    return owned.pop() if len(owned) == 1 else ""


def _confidence(reading: Reading, name: str) -> float:
    known = reading.confidences.get(name, reading.objective_confidence if name == "objective" else 0.0)
    return float(known) if isinstance(known, int | float) else 0.0


def stood(workspace: Workspace, *, since: dt.datetime, at_most: int) -> tuple[list[tuple[Reading, str]], int]:
    """The newest conversations that people worked with and left as they were: answered where routing had put them,
    neither corrected nor handed over. Of each what it began with, because routing placed it by that, and the department
    that answered, by slug. With how many there are in all."""
    handed = Handover.objects.filter(conversation=OuterRef("pk"))
    taught = Example.objects.filter(workspace=workspace, mention=OuterRef("reading__mention"))
    worked = (
        Conversation.objects.filter(workspace=workspace, last_message_at__gte=since, last_outbound_at__isnull=False)
        .filter(reading__isnull=False, reading__by__isnull=True)
        .filter(~Exists(handed), ~Exists(taught))
    )
    newest = worked.order_by("-last_message_at", "-id")[:at_most]
    answered = dict(newest.values_list("pk", "department__slug"))
    begun = _first_mentions(list(answered))
    own = Example.objects.filter(workspace=workspace, mention=OuterRef("mention"))
    readings = {
        one.mention_id: one
        for one in Reading.objects.filter(mention_id__in=set(begun.values()), is_current=True, by__isnull=True)
        .filter(~Exists(own))
        .exclude(mention__text="")
        .select_related("mention")
    }
    found = [(readings[begun[pk]], slug or "") for pk, slug in answered.items() if begun.get(pk) in readings]
    return found, worked[:COUNTED_AT_MOST].count()
