"""What may be done with a labelled example once it is there: taking it back."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.events.actions import record
from choir.people.models import Person
from choir.people.policy import Permission
from choir.triage.learning.models import Example


@transaction.atomic
def take_back(example: Example, *, by: Person, at: dt.datetime) -> None:
    """From now on nothing is learnt from it; the correction itself stays where it was made. Twice is once."""
    row = Example.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=example.pk)
    by.access.require(Permission.ROUTING_CHANGE, workspace_id=row.workspace_id)
    if row.taken_back_at is not None:
        return
    row.taken_back_at = at
    row.save(update_fields=["taken_back_at"])
    record(
        verb="example.taken_back",
        subject=row,
        organisation_id=row.workspace.organisation_id,
        workspace_id=row.workspace_id,
        at=at,
        by=by,
        because=f"{by.name} says that nothing should be learnt from it.",
        facts={"field": row.field, "value": row.value, "was": row.was},
    )
