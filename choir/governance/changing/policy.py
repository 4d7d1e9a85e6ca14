"""Which replies others must see before they leave."""

from __future__ import annotations

import datetime as dt
from typing import Any

from choir.administration.approvals import Condition, add_policy, remove_policy
from choir.administration.permitted import require_everywhere
from choir.governance.changing.kind import ChangeRefusedError, Kind, Values, department_of, objective_of, row_of
from choir.governance.models import Decision
from choir.outbound.models import ApprovalPolicy
from choir.people.models import Person, Workspace
from choir.people.policy import Permission


def _check(workspace: Workspace, values: Values, by: Person) -> None:
    require_everywhere(Permission.PROMISE_MANAGE, workspace.organisation, by=by)
    objective = objective_of(workspace, values.get("objective"))
    department = department_of(workspace, values.get("department"))
    if objective is None and department is None:
        raise ChangeRefusedError("Say of which objective or which department replies need approval.")
    if not 1 <= int(values.get("approvers_count") or 1) <= 5:
        raise ChangeRefusedError("Between one and five people approve a reply.")


def _words(workspace: Workspace, values: Values) -> str:
    objective = objective_of(workspace, values.get("objective"))
    department = department_of(workspace, values.get("department"))
    whose = f"of {department}" if department else ""
    what = f"about {str(objective).lower()}" if objective else ""
    count = int(values.get("approvers_count") or 1)
    people = "one person says" if count == 1 else f"{count} people say"
    return " ".join(["replies", *(one for one in (whose, what) if one), f"leave only after {people} yes"])


def _apply(decision: Decision, by: Person, at: dt.datetime) -> dict[str, Any]:
    workspace, values = decision.workspace, decision.change
    condition = Condition(
        name=f"Decision {decision.number}: {decision.title}"[:80],
        objective=objective_of(workspace, values.get("objective")),
        department=department_of(workspace, values.get("department")),
        approvers_count=int(values.get("approvers_count") or 1),
    )
    return {"made": str(add_policy(workspace.organisation, condition, by=by, at=at).pk)}


def _undo(decision: Decision, before: Values, by: Person, at: dt.datetime, _because: str) -> None:
    organisation = decision.workspace.organisation
    remove_policy(row_of(ApprovalPolicy, before.get("made"), "policy", organisation=organisation), by=by, at=at)


KIND = Kind("policy", "Which replies need approval", _check, _words, _apply, _undo)
