"""What is promised to customers: how soon a first response and a resolution are due."""

from __future__ import annotations

import datetime as dt
from typing import Any

from choir.administration.changes import length
from choir.administration.permitted import require_everywhere
from choir.administration.promises import Terms, change_promise, make_promise, withdraw_promise
from choir.governance.changing.kind import ChangeRefusedError, Kind, Values, objective_of, row_of
from choir.governance.models import Decision
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.routing.models import Hours, Objective, SLAPolicy
from choir.routing.rules.decide import URGENCIES

KEPT = ("name", "urgency_at_least", "first_response_seconds", "resolution_seconds", "hours", "pauses_while_waiting")


def _check(workspace: Workspace, values: Values, by: Person) -> None:
    require_everywhere(Permission.PROMISE_MANAGE, workspace.organisation, by=by)
    objective_of(workspace, values.get("objective"))
    first, resolution = values.get("first_response_seconds"), values.get("resolution_seconds")
    if not isinstance(first, int) or first < 60:
        raise ChangeRefusedError("Promise a first response in a minute or more.")
    if resolution is not None and (not isinstance(resolution, int) or resolution < first):
        raise ChangeRefusedError("A resolution cannot be due before the first response. Give it more time.")


def _words(workspace: Workspace, values: Values) -> str:
    objective = objective_of(workspace, values.get("objective"))
    what = str(objective).lower() if objective else "everything without a promise of its own"
    urgency = int(values.get("urgency_at_least") or 0)
    what += f", when “{URGENCIES[min(urgency, 3)]}” or more urgent" if urgency else ""
    told = f"a first response to {what} is promised within {length(int(values['first_response_seconds']))}"
    told += (
        f", a resolution within {length(int(values['resolution_seconds']))}" if values.get("resolution_seconds") else ""
    )
    return told + (", in all hours" if values.get("hours") == Hours.CALENDAR else " of working time")


def _apply(decision: Decision, by: Person, at: dt.datetime) -> dict[str, Any]:
    workspace, values = decision.workspace, decision.change
    objective = objective_of(workspace, values.get("objective"))
    urgency = int(values.get("urgency_at_least") or 0)
    policy = SLAPolicy.objects.filter(
        organisation=workspace.organisation_id, objective=objective, urgency_at_least=urgency
    ).first()
    terms = Terms(
        name=policy.name if policy else _name(objective, urgency),
        objective=objective,
        urgency_at_least=urgency,
        first_response_seconds=int(values["first_response_seconds"]),
        resolution_seconds=values.get("resolution_seconds") or (policy.resolution_seconds if policy else None),
        hours=str(values.get("hours") or (policy.hours if policy else Hours.BUSINESS)),
        pauses_while_waiting=policy.pauses_while_waiting if policy else True,
    )
    if policy is None:
        return {"made": str(make_promise(workspace.organisation, terms, by=by, at=at).pk)}
    before = {name: getattr(policy, name) for name in KEPT}
    change_promise(policy, terms, by=by, at=at)
    return {"policy": str(policy.pk), "terms": before}


def _undo(decision: Decision, before: Values, by: Person, at: dt.datetime, because: str) -> None:
    organisation = decision.workspace.organisation
    policy = row_of(SLAPolicy, before.get("made") or before.get("policy"), "promise", organisation=organisation)
    if policy.first_response_seconds != int(decision.change["first_response_seconds"]):
        raise ChangeRefusedError("The promise was changed since. Decide anew, with what holds now in view.")
    if before.get("made"):
        withdraw_promise(policy, by=by, at=at)
    else:
        change_promise(policy, Terms(objective=policy.objective, **before["terms"]), by=by, at=at)


def _name(objective: Objective | None, urgency: int) -> str:
    return f"{objective or 'Everything'}, {URGENCIES[min(urgency, 3)]}"


KIND = Kind("promise", "A promise to customers", _check, _words, _apply, _undo)
