"""Taking a decision back: what it changed is again as it was before it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.events.actions import record
from choir.governance.changing.kind import ChangeRefusedError, as_committee, kind_of
from choir.governance.models import Decision, Reversal
from choir.people.models import Person
from choir.people.policy import Permission


@transaction.atomic
def reverse(decision: Decision, *, because: str, by: Person, at: dt.datetime) -> Reversal:
    """Take a decision back outside a meeting, when it cannot wait for one. Refuses where what it changed has changed
    since, and without a reason."""
    by.access.require(Permission.COMMITTEE_RUN, workspace_id=decision.workspace_id)
    if not because.strip():
        raise ChangeRefusedError("Say why it is taken back, in a sentence.")
    return take_back(decision, because=because.strip(), by=by, at=at)


@transaction.atomic
def take_back(decision: Decision, *, because: str, by: Person, at: dt.datetime) -> Reversal:
    """The reversal itself; whoever calls it has checked that it is allowed."""
    row = Decision.objects.select_for_update(of=("self",)).select_related("workspace__organisation").get(pk=decision.pk)
    if Reversal.objects.filter(decision=row).exists():
        raise ChangeRefusedError(f"{row} was taken back already.")
    if Decision.objects.filter(supersedes=row).exists():
        raise ChangeRefusedError(f"{row} was superseded. Take back the decision that took its place.")
    enactment = getattr(row, "enactment", None)
    if enactment is not None and not enactment.refused:
        told = f"Decision {row.number} is taken back: {because}"
        kind_of(row.change).undo(row, enactment.before, as_committee(by, row.workspace), at, told)
    reversal = Reversal.objects.create(decision=row, at=at, by=by, because=because)
    tell(row, "decision.reversed", by=by, at=at, because=because, kind=str(row.change.get("kind")))
    return reversal


def tell(decision: Decision, verb: str, *, by: Person | None, at: dt.datetime, because: str, **facts: object) -> None:
    """Record one fact about a decision."""
    record(
        verb=verb, subject=decision, organisation_id=decision.workspace.organisation_id,
        workspace_id=decision.workspace_id, at=at, by=by, because=because,
        facts={"number": decision.number, "title": decision.title, **facts},
    )  # fmt: skip
