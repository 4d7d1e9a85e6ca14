"""How much of a person's capacity one conversation of an objective takes."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.events.actions import record
from choir.people.models import Person
from choir.routing.actions import OwnershipRefusedError, require_ownership_change
from choir.routing.models import Objective
from choir.wake import Step, wake

LIGHTEST, HEAVIEST = 0.1, 10.0


@transaction.atomic
def weigh(objective: Objective, *, weight: float, by: Person, at: dt.datetime) -> None:
    """From now on one conversation of this objective takes that much of whoever has it; what is ordinary takes 1.
    Refuses what is no weight. The same weight again changes nothing."""
    require_ownership_change(objective.organisation, by=by)
    if not LIGHTEST <= weight <= HEAVIEST:
        raise OwnershipRefusedError(f"Between {LIGHTEST:g} and {HEAVIEST:g}: an ordinary conversation weighs 1.")
    row = Objective.objects.select_for_update().get(pk=objective.pk)
    if row.weight == weight:
        return
    was, row.weight = row.weight, weight
    row.save(update_fields=["weight"])
    record(
        verb="objective.weighed", subject=row, organisation_id=row.organisation_id, workspace_id=None, at=at, by=by,
        because=f"One such conversation takes {weight:g} of a person's capacity, {was:g} before.",
        facts={"objective": row.slug, "weight": weight, "before": was},
    )  # fmt: skip
    wake(Step.ASSIGN)
