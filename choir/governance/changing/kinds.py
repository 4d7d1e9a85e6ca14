"""Every kind of change by its name, and a change in words."""

from __future__ import annotations

from choir.administration.promises import PromiseRefusedError
from choir.governance.changing import agreement, initiative, ownership, pilot, policy, promise, reversal, rule, target
from choir.governance.changing.kind import KINDS, ChangeRefusedError, Values, kind_of
from choir.people.models import Workspace
from choir.pilots.actions import PilotRefusedError
from choir.routing.actions import OwnershipRefusedError
from choir.routing.rules.actions import RuleRefusedError
from choir.strategy.actions import PlanRefusedError

__all__ = ["KINDS", "REFUSALS", "in_words", "kind_of"]

KINDS.update({
    one.KIND.slug: one.KIND
    for one in (ownership, pilot, rule, promise, target, policy, initiative, agreement, reversal)
})  # fmt: skip
REFUSALS = (
    ChangeRefusedError, OwnershipRefusedError, PilotRefusedError, PromiseRefusedError, RuleRefusedError,
    PlanRefusedError,
)  # fmt: skip


def in_words(workspace: Workspace, change: Values) -> str:
    """A change as a sentence; what it names may be gone by now."""
    try:
        return kind_of(change).words(workspace, change)
    except ChangeRefusedError as refused:
        return str(refused)
