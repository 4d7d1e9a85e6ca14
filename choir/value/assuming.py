"""Assumptions: what they are about, which values they may have, and who says so when. Nothing is assumed unless a
person does: what nobody has said a value for is not claimed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from choir.conversions.models import ConversionKind
from choir.events.actions import record
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.strategy.models import Goal
from choir.value.models import Assumption


class AssumptionUnit(StrEnum):
    """What an assumption is in."""

    MONEY = "money"
    SHARE = "share"  # 0 to 1, typed as per cent
    MINUTES = "minutes"
    TIMES = "times"


class Scope(StrEnum):
    """What an assumption is said of."""

    WORKSPACE = "workspace"
    GOAL = "goal"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Assumed:
    """One thing that may be assumed. `least` and `most` are the values that make sense."""

    name: str
    title: str | Promise
    question: str | Promise
    unit: AssumptionUnit
    scope: Scope
    least: float = 0.0
    most: float = 1e9


ASSUMED: Mapping[str, Assumed] = {
    one.name: one
    for one in (
        Assumed(
            "caused", _("Caused by us"),
            _("Of the conversions credited to us, which share would not have happened without us?"),
            AssumptionUnit.SHARE, Scope.GOAL, most=1.0,
        ),
        Assumed(
            "margin", _("What remains of an amount"),
            _("Of the amount of a conversion, which share remains before our own cost?"),
            AssumptionUnit.SHARE, Scope.GOAL, most=1.0,
        ),
        Assumed(
            "each", _("Worth of one"),
            _("What is one of these conversions worth, where no amount is told?"),
            AssumptionUnit.MONEY, Scope.KIND,
        ),
        Assumed(
            "deflected", _("Would have called or written"),
            _("Of the conversations settled here at once, in which share would the customer otherwise have called or "
              "written elsewhere?"),
            AssumptionUnit.SHARE, Scope.GOAL, most=1.0,
        ),
        Assumed(
            "contact_cost", _("Cost of a contact elsewhere"),
            _("What does one call or letter cost us?"),
            AssumptionUnit.MONEY, Scope.GOAL,
        ),
        Assumed(
            "kept", _("Stayed because of it"),
            _("Of the unhappy customers we brought round, which share would have left, and stayed because of it?"),
            AssumptionUnit.SHARE, Scope.GOAL, most=1.0,
        ),
        Assumed(
            "customer_year", _("A customer's year"),
            _("What remains of what a customer buys in a year, before our own cost?"),
            AssumptionUnit.MONEY, Scope.GOAL,
        ),
        Assumed(
            "hour_cost", _("An hour of work"),
            _("What does an hour cost of somebody whose hourly cost is not entered?"),
            AssumptionUnit.MONEY, Scope.WORKSPACE,
        ),
        Assumed(
            "answer_minutes", _("Work on an unrecorded answer"),
            _("How many minutes of work are in an answer whose work left no trace?"),
            AssumptionUnit.MINUTES, Scope.WORKSPACE,
        ),
        Assumed(
            "around_work", _("Work around the work"),
            _("How many hours are paid for each hour of recorded work: reading, meetings, training, pauses?"),
            AssumptionUnit.TIMES, Scope.WORKSPACE, least=1.0, most=20.0,
        ),
    )
}  # fmt: skip


class AssumptionRefusedError(Exception):
    """It cannot be assumed like this; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Key:
    """One assumption: its name, and the goal or kind it is said of."""

    name: str
    of: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """Values in the assumption's unit."""

    low: float
    likely: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether it is a single value."""
        return self.low == self.high


def assumptions(workspace: Workspace) -> dict[Key, Assumption]:
    """The version in force of everything that is assumed; what was taken back is not in it."""
    rows = Assumption.objects.filter(workspace=workspace).select_related("by", "goal", "kind").order_by("at", "id")
    newest = {Key(one.name, one.goal_id or one.kind_id): one for one in rows}
    return {key: one for key, one in newest.items() if one.likely is not None and key.name in ASSUMED}


def range_of(row: Assumption) -> Range:
    """Its values. Call it only of what is in force."""
    assert row.low is not None and row.likely is not None and row.high is not None  # noqa: PT018 -- one constraint
    return Range(row.low, row.likely, row.high)


@transaction.atomic
def assume(
    workspace: Workspace,
    name: str,
    *,
    values: Range | None,
    because: str,
    by: Person,
    at: dt.datetime,
    goal: Goal | None = None,
    kind: ConversionKind | None = None,
) -> Assumption:
    """A new version of an assumption, or (without values) its end. Refuses with NotAllowedError, and with
    AssumptionRefusedError what makes no sense."""
    by.access.require(Permission.STRATEGY_CHANGE, workspace_id=workspace.pk)
    about = ASSUMED[name]
    if (goal is not None, kind is not None) != (about.scope is Scope.GOAL, about.scope is Scope.KIND):
        raise AssumptionRefusedError(f"“{about.title}” is said of a {about.scope}, of nothing else.")
    if values is not None:
        _check(about, values)
    if not because.strip():
        raise AssumptionRefusedError("Say where it is known from: others will want to know whether to believe it.")
    row = Assumption.objects.create(
        workspace=workspace, name=name, goal=goal, kind=kind, because=because.strip(), by=by, at=at,
        low=values.low if values else None, likely=values.likely if values else None,
        high=values.high if values else None,
    )  # fmt: skip
    record(
        verb="assumption.made" if values else "assumption.taken_back", subject=row,
        organisation_id=workspace.organisation_id, workspace_id=workspace.pk, at=at, by=by, because=because.strip(),
        facts={"name": name, "goal": str(goal.pk) if goal else None, "kind": kind.slug if kind else None,
               "values": [row.low, row.likely, row.high]},
    )  # fmt: skip
    return row


def _check(about: Assumed, values: Range) -> None:
    if not values.low <= values.likely <= values.high:
        raise AssumptionRefusedError("Low, likely and high are in this order, or equal.")
    if not (about.least <= values.low and values.high <= about.most):
        most = "100 %" if about.unit is AssumptionUnit.SHARE else f"{about.most:g}"
        raise AssumptionRefusedError(f"It lies between {about.least:g} and {most}.")
