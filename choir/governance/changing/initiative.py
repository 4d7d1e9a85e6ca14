"""Something new that is done for a goal: a campaign, a project, with its budget."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from choir.governance.changing.kind import ChangeRefusedError, Kind, Values, department_of, objective_of, row_of
from choir.governance.models import Decision
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.strategy.actions import end, new_in, plan
from choir.strategy.models import Goal, Initiative


def _check(workspace: Workspace, values: Values, by: Person) -> None:
    by.access.require(Permission.STRATEGY_CHANGE, workspace_id=workspace.pk)
    objective_of(workspace, values.get("objective"))
    department_of(workspace, values.get("department"))
    if not str(values.get("name") or "").strip():
        raise ChangeRefusedError("Give it a name.")
    starts, ends = _days(values)
    if ends < starts:
        raise ChangeRefusedError("It ends before it begins. Exchange the two days.")
    _budget(values)


def _words(workspace: Workspace, values: Values) -> str:
    department = department_of(workspace, values.get("department"))
    starts, ends = _days(values)
    budget = f", with {_budget(values):,.0f} {workspace.organisation.currency}" if _budget(values) else ""
    who = f"{department} begins" if department else "there is"
    return f"{who} “{values.get('name')}”, {starts:%-d %B} to {ends:%-d %B %Y}{budget}"


def _apply(decision: Decision, by: Person, at: dt.datetime) -> dict[str, Any]:
    workspace, values = decision.workspace, decision.change
    starts, ends = _days(values)
    told = {
        "name": str(values["name"])[:120],
        "goal": row_of(Goal, values["goal"], "goal", workspace=workspace) if values.get("goal") else None,
        "objective": objective_of(workspace, values.get("objective")),
        "department": department_of(workspace, values.get("department")),
        "budget": _budget(values),
        "starts_on": starts,
        "ends_on": ends,
        "owner": decision.decided_by,
    }
    return {"made": str(plan(new_in(workspace, Initiative), told=told, by=by, at=at).pk)}


def _undo(decision: Decision, before: Values, by: Person, at: dt.datetime, _because: str) -> None:
    end(row_of(Initiative, before.get("made"), "initiative", workspace=decision.workspace), by=by, at=at)


def _days(values: Values) -> tuple[dt.date, dt.date]:
    try:
        return dt.date.fromisoformat(str(values["starts_on"])), dt.date.fromisoformat(str(values["ends_on"]))
    except (KeyError, ValueError) as error:
        raise ChangeRefusedError("Say on which day it begins and on which it ends.") from error


def _budget(values: Values) -> Decimal | None:
    try:
        return Decimal(str(values["budget"])) if values.get("budget") else None
    except InvalidOperation as error:
        raise ChangeRefusedError("The budget is no amount. Write it in figures.") from error


KIND = Kind("initiative", "A campaign or project", _check, _words, _apply, _undo)
