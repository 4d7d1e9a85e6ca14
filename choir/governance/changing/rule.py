"""A routing rule: what says one of these words goes to this department."""

from __future__ import annotations

import datetime as dt
from typing import Any

from choir.governance.changing.kind import ChangeRefusedError, Kind, Values, department_of, reason, row_of, the
from choir.governance.models import Decision
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.routing.models import Rule
from choir.routing.rules.actions import Outcome, keep_rule, switch
from choir.routing.rules.decide import Condition


def _check(workspace: Workspace, values: Values, by: Person) -> None:
    by.access.require(Permission.ROUTING_CHANGE, workspace_id=workspace.pk)
    the(department_of(workspace, values.get("department")), "department gets what the rule catches")
    if not _phrases(values):
        raise ChangeRefusedError("Name at least one word that the rule looks for.")


def _words(workspace: Workspace, values: Values) -> str:
    said = " or ".join(f"“{one}”" for one in _phrases(values))
    return f"what says {said} goes to {department_of(workspace, values.get('department'))}"


def _apply(decision: Decision, by: Person, at: dt.datetime) -> dict[str, Any]:
    workspace, values = decision.workspace, decision.change
    rule = keep_rule(
        workspace,
        rule=None,
        name=f"Decision {decision.number}: {', '.join(_phrases(values))}"[:80],
        conditions=[Condition("words", tuple(_phrases(values)))],
        outcome=Outcome(the(department_of(workspace, values.get("department")), "department")),
        because=reason(decision),
        by=by,
        at=at,
    )
    Rule.objects.filter(pk=rule.pk).update(decision_id=decision.pk, decision_number=decision.number)
    return {"made": str(rule.pk)}


def _undo(decision: Decision, before: Values, by: Person, at: dt.datetime, _because: str) -> None:
    switch(row_of(Rule, before.get("made"), "rule", workspace=decision.workspace), is_on=False, by=by, at=at)


def _phrases(values: Values) -> list[str]:
    found = values.get("words")
    return [str(one).strip() for one in found if str(one).strip()] if isinstance(found, list) else []


KIND = Kind("rule", "A routing rule", _check, _words, _apply, _undo)
