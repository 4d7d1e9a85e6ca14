"""The end of a pilot: the candidate owns the work from now on, or it stays with the owner."""

from __future__ import annotations

import datetime as dt
from typing import Any

from choir.governance.changing.kind import ChangeRefusedError, Kind, Values, reason, row_of
from choir.governance.changing.ownership import give_back, take_over
from choir.governance.models import Decision
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.pilots.actions import end
from choir.pilots.models import Ending, Outcome, Pilot
from choir.pilots.queries import scope_words
from choir.routing.actions import Scope, require_ownership_change

ADOPT, DROP = "adopt", "drop"


def _check(workspace: Workspace, values: Values, by: Person) -> None:
    pilot = _pilot(workspace, values)
    by.access.require(Permission.OWNERSHIP_CHANGE, workspace_id=workspace.pk)
    if values.get("verdict") not in (ADOPT, DROP):
        raise ChangeRefusedError("Say whether the candidate gets the work, or the owner keeps it.")
    if Ending.objects.filter(pilot=pilot).exists():
        raise ChangeRefusedError(f"The pilot “{pilot}” is over already. Change the matrix itself.")
    if values.get("verdict") == ADOPT:
        require_ownership_change(workspace.organisation, by=by)


def _words(workspace: Workspace, values: Values) -> str:
    pilot = _pilot(workspace, values)
    if values.get("verdict") == ADOPT:
        return f"the pilot “{pilot}” ends and {pilot.candidate} owns {scope_words(pilot)}"
    return f"the pilot “{pilot}” ends and {scope_words(pilot)} stays with {pilot.owner}"


def _apply(decision: Decision, by: Person, at: dt.datetime) -> dict[str, Any]:
    pilot = _pilot(decision.workspace, decision.change)
    adopts = decision.change["verdict"] == ADOPT
    end(
        pilot, outcome=Outcome.ADOPTED if adopts else Outcome.DROPPED, because=reason(decision), by=by, at=at,
        decision_id=decision.pk, decision_number=decision.number,
    )  # fmt: skip
    if not adopts:
        return {}
    scope = Scope(None, pilot.channel, pilot.language, pilot.topic, pilot.region, pilot.product)
    return take_over(decision, pilot.objective, scope, pilot.candidate, None, by=by, at=at)


def _undo(decision: Decision, before: Values, by: Person, at: dt.datetime, because: str) -> None:
    if not before.get("made"):
        raise ChangeRefusedError("A pilot that is over does not begin again. Begin a new one.")
    give_back(decision, before, by, at, because)


def _pilot(workspace: Workspace, values: Values) -> Pilot:
    found: Pilot = row_of(Pilot, values.get("pilot"), "pilot", workspace=workspace)
    return found


KIND = Kind("pilot", "The end of a pilot", _check, _words, _apply, _undo)
