"""A KPI's target."""

from __future__ import annotations

import datetime as dt
from typing import Any

from choir.governance.changing.kind import ChangeRefusedError, Kind, Values, row_of
from choir.governance.models import Decision
from choir.measurement.metric import Unit
from choir.measurement.metrics import catalogue
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.strategy.actions import plan
from choir.strategy.models import KPI


def _check(workspace: Workspace, values: Values, by: Person) -> None:
    by.access.require(Permission.STRATEGY_CHANGE, workspace_id=workspace.pk)
    _kpi(workspace, values)
    if not isinstance(values.get("target"), int | float):
        raise ChangeRefusedError("Say the new target, in the metric's unit.")


def _words(workspace: Workspace, values: Values) -> str:
    kpi = _kpi(workspace, values)
    metric = catalogue().get(kpi.metric)
    target = float(values["target"])
    said = f"{100 * target:.0f} %" if metric and metric.unit == Unit.SHARE else f"{target:g}"
    if metric and metric.unit == Unit.SECONDS:
        said = f"{target / 3600:.1f} h"
    return f"the target of “{kpi}” is {said}"


def _apply(decision: Decision, by: Person, at: dt.datetime) -> dict[str, Any]:
    kpi = _kpi(decision.workspace, decision.change)
    before = kpi.target
    plan(kpi, told={"target": float(decision.change["target"])}, by=by, at=at)
    return {"target": before}


def _undo(decision: Decision, before: Values, by: Person, at: dt.datetime, _because: str) -> None:
    kpi = _kpi(decision.workspace, decision.change)
    if kpi.target != float(decision.change["target"]):
        raise ChangeRefusedError("The target was changed since. Decide anew, with what holds now in view.")
    plan(kpi, told={"target": before["target"]}, by=by, at=at)


def _kpi(workspace: Workspace, values: Values) -> KPI:
    found: KPI = row_of(KPI, values.get("kpi"), "KPI", workspace=workspace, ended_at=None)
    return found


KIND = Kind("target", "A KPI's target", _check, _words, _apply, _undo)
