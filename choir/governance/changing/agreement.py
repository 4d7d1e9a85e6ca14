"""An agreement in words: nothing in Choir changes by itself; people keep it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from choir.governance.changing.kind import Kind, Values
from choir.governance.models import Decision
from choir.people.models import Person, Workspace


def _check(_workspace: Workspace, _values: Values, _by: Person) -> None:
    """Anything may be agreed."""


def _words(_workspace: Workspace, values: Values) -> str:
    return str(values.get("words") or "people keep to it; nothing changes by itself")


def _apply(_decision: Decision, _by: Person, _at: dt.datetime) -> dict[str, Any]:
    return {}


def _undo(_decision: Decision, _before: Values, _by: Person, _at: dt.datetime, _because: str) -> None:
    """What people agreed on ends with the reversal itself."""


KIND = Kind("agreement", "An agreement in words", _check, _words, _apply, _undo)
