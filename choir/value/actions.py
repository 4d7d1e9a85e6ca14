"""Saying which conversions count for which goal, and what was spent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction

from choir.conversions.models import ConversionKind
from choir.events.actions import record
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.strategy.models import Goal, Initiative
from choir.value.models import CountsFor, Spend


class SpendRefusedError(Exception):
    """It cannot have been spent like this; the text says why and what to do."""


@transaction.atomic
def count_for(kind: ConversionKind, *, goal: Goal | None, by: Person, at: dt.datetime) -> None:
    """From now on a kind of conversion counts for this goal, for every period; or (without one) for none."""
    by.access.require(Permission.STRATEGY_CHANGE, workspace_id=kind.workspace_id)
    before = CountsFor.objects.filter(kind=kind).values_list("goal_id", flat=True).first()
    if before == (goal.pk if goal else None):
        return
    if goal is None:
        CountsFor.objects.filter(kind=kind).delete()
    else:
        CountsFor.objects.update_or_create(kind=kind, defaults={"goal": goal})
    facts = {"before": str(before) if before else None, "goal": str(goal.pk) if goal else None}
    record(
        verb="conversion_kind.counted", subject=kind, organisation_id=kind.workspace.organisation_id,
        workspace_id=kind.workspace_id, at=at, by=by, facts=facts,
    )  # fmt: skip


@transaction.atomic
def spend(
    workspace: Workspace,
    *,
    kind: str,
    name: str,
    amount: Decimal,
    starts_on: dt.date,
    ends_on: dt.date,
    initiative: Initiative | None,
    by: Person,
    at: dt.datetime,
) -> Spend:
    """Money was spent, evenly from one day to the other. Refuses with NotAllowedError or SpendRefusedError."""
    by.access.require(Permission.STRATEGY_CHANGE, workspace_id=workspace.pk)
    if ends_on < starts_on:
        raise SpendRefusedError("It ends before it begins. Exchange the two days.")
    if amount < 0:
        raise SpendRefusedError("Money that came back is no spend. Strike the entry out, or enter less.")
    row = Spend.objects.create(
        workspace=workspace, kind=kind, name=name, amount=amount, starts_on=starts_on, ends_on=ends_on,
        initiative=initiative, by=by, at=at,
    )  # fmt: skip
    _record(row, "spend.entered", by, at)
    return row


@transaction.atomic
def strike_out(row: Spend, *, by: Person, at: dt.datetime) -> None:
    """It was a mistake: it counts no more. Nothing happens the second time."""
    by.access.require(Permission.STRATEGY_CHANGE, workspace_id=row.workspace_id)
    if row.struck_out_at is None:
        row.struck_out_at = at
        row.save(update_fields=["struck_out_at"])
        _record(row, "spend.struck_out", by, at)


def _record(row: Spend, verb: str, by: Person, at: dt.datetime) -> None:
    record(
        verb=verb, subject=row, organisation_id=row.workspace.organisation_id, workspace_id=row.workspace_id, at=at,
        by=by, facts={
            "name": row.name, "amount": str(row.amount), "from": row.starts_on.isoformat(),
            "to": row.ends_on.isoformat(), "initiative": str(row.initiative_id) if row.initiative_id else None,
        },
    )  # fmt: skip
