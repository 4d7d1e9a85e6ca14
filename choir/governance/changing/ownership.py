"""A cell of the ownership matrix: who owns an objective in a scope."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from choir.channels.models import Channel
from choir.governance.changing.kind import (
    ChangeRefusedError,
    Kind,
    Values,
    department_of,
    objective_of,
    reason,
    row_of,
    the,
)
from choir.governance.models import Decision
from choir.people.models import Department, Person, Workspace
from choir.people.policy import Permission
from choir.routing.actions import Scope, end_cell, refuse_ties, require_ownership_change, set_owner
from choir.routing.models import Objective, Ownership
from choir.routing.queries import cell_of, markets_of


def _check(workspace: Workspace, values: Values, by: Person) -> None:
    objective = the(objective_of(workspace, values.get("objective")), "objective")
    responsible = the(department_of(workspace, values.get("responsible")), "department becomes responsible")
    department_of(workspace, values.get("accountable"))
    scope = scope_of(workspace, values)
    refuse_ties(workspace.organisation, objective=objective, scope=scope, responsible=responsible, at=timezone.now())
    if scope.workspace is None:
        require_ownership_change(workspace.organisation, by=by)
    else:
        by.access.require(Permission.OWNERSHIP_CHANGE, workspace_id=workspace.pk)


def _words(workspace: Workspace, values: Values) -> str:
    responsible = department_of(workspace, values.get("responsible"))
    accountable = department_of(workspace, values.get("accountable"))
    told = f"{responsible} owns {_named(workspace, values)}"
    return f"{told}; {accountable} is accountable" if accountable and accountable != responsible else told


def _named(workspace: Workspace, values: Values) -> str:
    objective = objective_of(workspace, values.get("objective"))
    parts = [str(objective).lower() if objective else ""]
    if objective is not None:
        fields = scope_of(workspace, values).fields
        cell = Ownership(objective=objective, effective_from=timezone.now(), version=0, **fields)
        parts += [cell_of(cell, markets_of(workspace.organisation_id)).scope_words]
    return " ".join(filter(None, parts))


def _apply(decision: Decision, by: Person, at: dt.datetime) -> dict[str, Any]:
    workspace, values = decision.workspace, decision.change
    return take_over(
        decision,
        the(objective_of(workspace, values.get("objective")), "objective"),
        scope_of(workspace, values),
        the(department_of(workspace, values.get("responsible")), "department"),
        department_of(workspace, values.get("accountable")),
        by=by,
        at=at,
    )


def take_over(
    decision: Decision,
    objective: Objective,
    scope: Scope,
    responsible: Department,
    accountable: Department | None,
    *,
    by: Person,
    at: dt.datetime,
) -> dict[str, Any]:
    """By a decision a department owns the objective in a scope; returns what `give_back` needs."""
    before = _present(decision.workspace, objective, scope, at)
    cell = set_owner(
        decision.workspace.organisation,
        objective=objective,
        scope=scope,
        responsible=responsible,
        accountable=accountable,
        consulted=before.consulted.all() if before else (),
        informed=before.informed.all() if before else (),
        because=reason(decision),
        by=by,
        at=at,
    )
    Ownership.objects.filter(pk=cell.pk).update(decision_id=decision.pk, decision_number=decision.number)
    return {"made": str(cell.pk), "cell": str(before.pk) if before else ""}


def give_back(decision: Decision, before: Values, by: Person, at: dt.datetime, because: str) -> None:
    """Whoever owned it before owns it again. Refuses where somebody else does since."""
    workspace = decision.workspace
    made = row_of(Ownership, before.get("made"), "cell of the matrix", organisation=workspace.organisation_id)
    if made.effective_until is not None:
        raise ChangeRefusedError("Somebody else owns it since. Decide anew, with what holds now in view.")
    if not before.get("cell"):
        end_cell(made, because=because, by=by, at=at)
        return
    was = row_of(Ownership, before["cell"], "cell of the matrix", organisation=workspace.organisation_id)
    set_owner(
        workspace.organisation,
        objective=was.objective,
        scope=Scope.of(was),
        responsible=was.responsible,
        accountable=was.accountable,
        consulted=was.consulted.all(),
        informed=was.informed.all(),
        because=because,
        by=by,
        at=at,
    )


def scope_of(workspace: Workspace, values: Values) -> Scope:
    """Where the cell that a change names holds."""
    channel = row_of(Channel, values["channel"], "channel", workspace=workspace) if values.get("channel") else None
    here = workspace if values.get("only_here") else None
    texts = {name: str(values.get(name) or "") for name in ("language", "topic", "region", "product")}
    return Scope(here, channel, **texts)


def _present(workspace: Workspace, objective: Objective, scope: Scope, at: dt.datetime) -> Ownership | None:
    same = Ownership.objects.in_force(at).filter(
        organisation=workspace.organisation_id, objective=objective, **scope.fields
    )
    return same.first()


KIND = Kind("ownership", "Who owns an objective", _check, _words, _apply, give_back)
