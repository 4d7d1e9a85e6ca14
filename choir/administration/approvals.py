"""Which replies others must see before they leave, and how many of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

from django.db import transaction

from choir.administration.changes import apply
from choir.administration.permitted import require_everywhere
from choir.administration.promises import PromiseRefusedError
from choir.events.actions import record
from choir.outbound.models import ApprovalPolicy
from choir.people.models import Department, Organisation, Person
from choir.people.policy import Permission, Role
from choir.routing.models import Objective

MOST_APPROVERS = 5


@dataclass(frozen=True, slots=True)
class Condition:
    """Which replies a policy is about (empty means any), and how many people say yes before one leaves."""

    name: str
    objective: Objective | None = None
    department: Department | None = None
    author_role: str = ""
    approvers_count: int = 1

    def as_fields(self) -> dict[str, object]:
        """Field name → value; objective and department stay the rows they are."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@transaction.atomic
def add_policy(organisation: Organisation, condition: Condition, *, by: Person, at: dt.datetime) -> ApprovalPolicy:
    """Replies like these need approval from now on; what was sent already is sent."""
    require_everywhere(Permission.PROMISE_MANAGE, organisation, by=by)
    _check(organisation, condition, but=None)
    policy = ApprovalPolicy.objects.create(organisation=organisation, **condition.as_fields())
    _record(policy, "approval_policy.added", because=f"“{policy.name}” holds from now on", by=by, at=at)
    return policy


@transaction.atomic
def change_policy(policy: ApprovalPolicy, condition: Condition, *, by: Person, at: dt.datetime) -> ApprovalPolicy:
    """The policy asks for something else from now on. What waits for approval keeps the number it was asked for."""
    require_everywhere(Permission.PROMISE_MANAGE, policy.organisation, by=by)
    _check(policy.organisation, condition, but=policy)
    row = (
        ApprovalPolicy.objects.select_for_update(of=("self",))
        .select_related("objective", "department")
        .get(pk=policy.pk)
    )
    because = apply(row, condition.as_fields())
    if because:
        row.save()
        _record(row, "approval_policy.changed", because=because, by=by, at=at)
    return row


@transaction.atomic
def remove_policy(policy: ApprovalPolicy, *, by: Person, at: dt.datetime) -> None:
    """Replies like these need no approval from now on. What waits for one goes on waiting."""
    require_everywhere(Permission.PROMISE_MANAGE, policy.organisation, by=by)
    _record(policy, "approval_policy.removed", because=f"“{policy.name}” holds no longer", by=by, at=at)
    policy.delete()


def _check(organisation: Organisation, condition: Condition, *, but: ApprovalPolicy | None) -> None:
    for row, word in ((condition.objective, "objective"), (condition.department, "department")):
        if row is not None and row.organisation_id != organisation.pk:
            raise PromiseRefusedError(f"There is no such {word} in your organisation.")
    if condition.author_role and condition.author_role not in set(Role):
        raise PromiseRefusedError("There is no such role.")
    if not 1 <= condition.approvers_count <= MOST_APPROVERS:
        raise PromiseRefusedError(f"Between one and {MOST_APPROVERS} people approve a reply.")
    same = ApprovalPolicy.objects.filter(organisation=organisation, name__iexact=condition.name)
    if (same if but is None else same.exclude(pk=but.pk)).exists():
        raise PromiseRefusedError(f"There is a policy called “{condition.name}” already. Choose another name.")


def _record(policy: ApprovalPolicy, verb: str, *, because: str, by: Person, at: dt.datetime) -> None:
    record(
        verb=verb, subject=policy, organisation_id=policy.organisation_id, workspace_id=None, at=at, by=by,
        because=because,
        facts={
            "name": policy.name, "objective": policy.objective.slug if policy.objective else "",
            "department": policy.department.slug if policy.department else "", "author_role": policy.author_role,
            "approvers_count": policy.approvers_count,
        },
    )  # fmt: skip
