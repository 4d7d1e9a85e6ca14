"""Setting goals, KPIs and initiatives, changing them, and taking them out of the tree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from choir.events.actions import record
from choir.measurement.metric import Lasting
from choir.measurement.metrics import catalogue
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.strategy.models import KPI, Goal, Initiative, Lasts, Outlook

Planned = Goal | KPI | Initiative


class PlanRefusedError(Exception):
    """It cannot be planned like this; the text says why and what to do."""


@transaction.atomic
def plan(row: Planned, *, told: Mapping[str, Any], by: Person, at: dt.datetime) -> Planned:
    """Save a new or a changed goal, KPI or initiative with these values; the record keeps what each was before.
    Raises NotAllowedError, and PlanRefusedError for what no figure could ever answer."""
    by.access.require(Permission.STRATEGY_CHANGE, workspace_id=row.workspace_id)
    values = dict(told)
    objectives = values.pop("objectives", None)
    is_new = row._state.adding
    before = {} if is_new else _plain({name: getattr(row, name) for name in values})
    for name, value in values.items():
        setattr(row, name, value)
    _check(row)
    row.save()
    if objectives is not None and isinstance(row, Goal):
        row.objectives.set(objectives)
    if isinstance(row, KPI):
        Outlook.objects.filter(kpi=row).delete()  # of other terms; worked out anew within a minute
    after = _plain(values)
    _record(row, "set" if is_new else "changed", by, at, {
        name: [before.get(name), value] for name, value in after.items() if is_new or before[name] != value
    })  # fmt: skip
    return row


@transaction.atomic
def end(row: Lasts, *, by: Person, at: dt.datetime) -> None:
    """Take it out of the tree; what hung on a goal becomes a gap. Nothing happens the second time."""
    by.access.require(Permission.STRATEGY_CHANGE, workspace_id=row.workspace_id)
    if row.ended_at is not None:
        return
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    if isinstance(row, Goal):
        row.kpis.update(goal=None)
        row.initiatives.update(goal=None)
    _record(row, "ended", by, at, {})


def new_in(workspace: Workspace, kind: type[Planned]) -> Planned:
    """An empty one of a workspace, to be planned."""
    return kind(workspace=workspace)


def _check(row: Planned) -> None:
    if row.ends_on < row.starts_on:
        raise PlanRefusedError("It ends before it begins. Exchange the two days.")
    if not isinstance(row, KPI):
        return
    metric = catalogue().get(row.metric)
    if metric is None:
        raise PlanRefusedError(f"There is no metric “{row.metric}”. Choose one from the list.")
    if row.is_slow_end and not isinstance(metric, Lasting):
        raise PlanRefusedError(f"“{metric.title}” is no duration, so nine of ten cannot lie within it.")


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As the record keeps them: rows by their id, days and sums as text."""
    plain: dict[str, Any] = {}
    for name, value in values.items():
        if hasattr(value, "pk"):
            plain[name] = str(value.pk)
        else:
            plain[name] = value if isinstance(value, int | float | bool | None) else str(value)
    return plain


def _record(row: Lasts, verb: str, by: Person, at: dt.datetime, facts: Mapping[str, Any]) -> None:
    record(
        verb=f"{row._meta.model_name}.{verb}",
        subject=row,
        organisation_id=row.workspace.organisation_id,
        workspace_id=row.workspace_id,
        at=at,
        by=by,
        facts=facts,
    )
