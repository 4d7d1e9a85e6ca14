"""Another decision, taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from choir.governance.changing.kind import ChangeRefusedError, Kind, Values, row_of
from choir.governance.models import Decision
from choir.governance.reversing import take_back
from choir.people.models import Person, Workspace


def _check(workspace: Workspace, values: Values, _by: Person) -> None:
    if not Decision.objects.standing().filter(pk=_decision(workspace, values).pk).exists():
        raise ChangeRefusedError("That decision was superseded or taken back already.")


def _words(workspace: Workspace, values: Values) -> str:
    decision = _decision(workspace, values)
    return f"decision {decision.number}, “{decision.title}”, is taken back"


def _apply(decision: Decision, by: Person, at: dt.datetime) -> dict[str, Any]:
    other = _decision(decision.workspace, decision.change)
    take_back(other, because=f"decision {decision.number} says so: {decision.because}", by=by, at=at)
    return {"decision": str(other.pk)}


def _undo(_decision: Decision, _before: Values, _by: Person, _at: dt.datetime, _because: str) -> None:
    raise ChangeRefusedError("What was taken back is not brought back by itself. Decide it anew.")


def _decision(workspace: Workspace, values: Values) -> Decision:
    found: Decision = row_of(Decision, values.get("decision"), "decision", workspace=workspace)
    return found


KIND = Kind("reversal", "Taking a decision back", _check, _words, _apply, _undo)
