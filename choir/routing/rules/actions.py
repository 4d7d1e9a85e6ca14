"""Making, changing, ordering and switching rules. Each change is an event that keeps what the rule was before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from choir.events.actions import record
from choir.people.models import Department, Person, Team, Workspace
from choir.people.policy import Permission
from choir.routing.rules.decide import KINDS, Condition
from choir.routing.rules.models import Rule


class RuleRefusedError(Exception):
    """The rule cannot be kept like this; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule brings about; at least one of department and urgency."""

    department: Department | None = None
    team: Team | None = None
    urgency_at_least: int | None = None


@transaction.atomic
def keep_rule(
    workspace: Workspace,
    *,
    rule: Rule | None,
    name: str,
    conditions: Sequence[Condition],
    outcome: Outcome,
    because: str,
    by: Person,
    at: dt.datetime,
) -> Rule:
    """Make a rule (at the end of the order) or change one. Refuses one without a condition, an outcome or a reason, a
    name that another rule has, and a team of another department."""
    by.access.require(Permission.ROUTING_CHANGE, workspace_id=workspace.pk)
    _refuse_unusable(conditions, outcome, because, workspace=workspace)
    _refuse_taken(workspace, rule, name)
    same = Rule.objects.select_for_update().filter(workspace=workspace)
    kept = same.get(pk=rule.pk) if rule is not None else Rule(workspace=workspace, position=same.count())
    before = _facts(kept) if rule is not None else {}
    kept.name, kept.because = name.strip(), because.strip()
    kept.conditions = [{"kind": one.kind, "values": list(one.values)} for one in conditions]
    kept.department, kept.team, kept.urgency_at_least = outcome.department, outcome.team, outcome.urgency_at_least
    kept.changed_by, kept.changed_at = by, at
    kept.save()
    _tell(kept, "rule.changed" if rule is not None else "rule.made", by=by, at=at, because=because, before=before)
    return kept


@transaction.atomic
def switch(rule: Rule, *, is_on: bool, by: Person, at: dt.datetime) -> None:
    """A rule that is off is asked no more; it stays where it is in the order."""
    by.access.require(Permission.ROUTING_CHANGE, workspace_id=rule.workspace_id)
    row = Rule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    if row.is_on != is_on:
        row.is_on, row.changed_by, row.changed_at = is_on, by, at
        row.save(update_fields=["is_on", "changed_by", "changed_at"])
        _tell(row, "rule.switched_on" if is_on else "rule.switched_off", by=by, at=at, because="", before={})


@transaction.atomic
def move(rule: Rule, *, by_steps: int, by: Person, at: dt.datetime) -> None:
    """Ask it earlier (negative) or later; at either end of the order nothing happens."""
    by.access.require(Permission.ROUTING_CHANGE, workspace_id=rule.workspace_id)
    order = list(Rule.objects.select_for_update().filter(workspace_id=rule.workspace_id).order_by("position", "id"))
    was = next(place for place, one in enumerate(order) if one.pk == rule.pk)
    becomes = min(max(was + by_steps, 0), len(order) - 1)
    if was == becomes:
        return
    order.insert(becomes, order.pop(was))
    for place, one in enumerate(order):
        one.position = place
    Rule.objects.bulk_update(order, ["position"])
    _tell(order[becomes], "rule.moved", by=by, at=at, because="", before={"position": was})


def _refuse_unusable(conditions: Sequence[Condition], outcome: Outcome, because: str, *, workspace: Workspace) -> None:
    if not conditions or any(one.kind not in KINDS or not one.values for one in conditions):
        raise RuleRefusedError("A rule needs at least one condition: without one it would catch everything.")
    if outcome.department is None and outcome.urgency_at_least is None:
        raise RuleRefusedError("Say where it goes or how urgent it is: without an outcome the rule does nothing.")
    if outcome.team is not None and (outcome.department is None or outcome.team.department_id != outcome.department.pk):
        raise RuleRefusedError("The team must be one of the department.")
    if outcome.department is not None and outcome.department.organisation_id != workspace.organisation_id:
        raise RuleRefusedError("There is no such department in your organisation.")
    if not because.strip():
        raise RuleRefusedError("Say why, in a sentence: whoever meets the rule later wants to know.")


def _refuse_taken(workspace: Workspace, rule: Rule | None, name: str) -> None:
    same = Rule.objects.filter(workspace=workspace, name=name.strip())
    if rule is not None:
        same = same.exclude(pk=rule.pk)
    if not name.strip() or same.exists():
        raise RuleRefusedError("Give it a name that no other rule has: routed conversations are told it.")


def _facts(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "conditions": rule.conditions,
        "department": str(rule.department_id or ""),
        "team": str(rule.team_id or ""),
        "urgency_at_least": rule.urgency_at_least,
    }


def _tell(rule: Rule, verb: str, *, by: Person, at: dt.datetime, because: str, before: dict[str, Any]) -> None:
    record(
        verb=verb,
        subject=rule,
        organisation_id=rule.workspace.organisation_id,
        workspace_id=rule.workspace_id,
        at=at,
        by=by,
        because=because,
        facts=_facts(rule) | {"position": rule.position, "before": before},
    )
