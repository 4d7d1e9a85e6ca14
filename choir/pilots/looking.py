"""Looking at pilots, at the times set before and at no other. What is found is kept; the next agenda shows it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction

from choir.events.actions import record
from choir.measurement.models import Progress
from choir.pilots.boundaries import boundary
from choir.pilots.comparing import compared
from choir.pilots.models import Look, Pilot
from choir.pilots.outcomes import JUDGED, Row, ripening, rows_of


def look(*, at: dt.datetime) -> int:
    """Take every look that is due: its conversations have had their days, and are measured; how many."""
    counted = dict(Progress.objects.values_list("workspace_id", "at"))
    found = 0
    for pilot in Pilot.objects.undecided().prefetch_related("looks"):
        number = next_look(pilot)
        measured_at = min(at, counted.get(pilot.workspace_id, pilot.starts_at))
        if number is not None and look_at(pilot, number) <= measured_at:
            found += take_look(pilot.pk, at=measured_at)
    return found


def next_look(pilot: Pilot) -> int | None:
    """The number of the look that comes next; None after the last, or after one that was enough."""
    taken = list(pilot.looks.all())
    if any(one.is_enough for one in taken) or len(taken) >= pilot.looks_count:
        return None
    return len(taken) + 1


def look_at(pilot: Pilot, number: int) -> dt.datetime:
    """When a look is taken."""
    return pilot.drawn_until(number) + ripening([pilot.metric, *pilot.also])


@transaction.atomic
def take_look(pk: uuid.UUID, *, at: dt.datetime) -> int:
    """Compare the two sides of a pilot at its next look, and keep what is found."""
    pilot = (
        Pilot.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("workspace")
        .filter(pk=pk)
        .first()
    )
    number = next_look(pilot) if pilot else None
    if pilot is None or number is None:
        return 0
    rows = rows_of(pilot.draws.filter(at__lt=pilot.drawn_until(number)))
    taken = seen(pilot, number, rows, before=list(pilot.looks.values_list("information", flat=True)), at=at)
    taken.save()
    facts = {"number": number, "enough": taken.is_enough, "n": len(rows)}
    record(
        verb="pilot.looked_at", subject=pilot, organisation_id=pilot.workspace.organisation_id,
        workspace_id=pilot.workspace_id, at=at, by=None, because=pilot.because, facts=facts,
    )  # fmt: skip
    return 1


def seen(pilot: Pilot, number: int, rows: Sequence[Row], *, before: Sequence[float], at: dt.datetime) -> Look:
    """What a look finds in how conversations went, not saved. `before` is the information of the looks so far."""
    sides = [[row for row in rows if row["is_candidate"] is side] for side in (False, True)]
    n = [len(side) for side in sides]
    known = n[0] * n[1] / sum(n) if all(n) else 0.0
    times = [one / pilot.looks_count for one in range(1, number + 1)]
    edge = boundary(times, [*before, max(known, 1e-6)], pilot.error_rate)
    found: dict[str, Any] = {}
    for slug in [pilot.metric, *pilot.also]:
        judged = JUDGED[slug]
        owner, candidate = (judged.measured(side) for side in sides)
        difference = compared(owner, candidate, boundary=edge, is_relative=judged.is_relative)
        if difference is not None:
            found[slug] = asdict(difference)
    is_enough = pilot.metric in found and abs(found[pilot.metric]["z"]) >= edge
    return Look(pilot=pilot, number=number, at=at, information=known, boundary=edge, found=found, is_enough=is_enough)


def result_of(pilot: Pilot) -> Look | None:
    """The look that decides: the one that was enough, or the last; None while it still runs."""
    taken = list(pilot.looks.all())
    enough = next((one for one in taken if one.is_enough), None)
    return enough or (taken[-1] if len(taken) >= pilot.looks_count else None)
