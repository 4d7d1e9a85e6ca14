"""What is promised to customers: how soon a first response and a resolution are due."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

from django.db import transaction
from django.db.models import Q

from choir.administration.changes import apply
from choir.administration.permitted import require_everywhere
from choir.events.actions import record
from choir.inbox.models import ClockKind
from choir.inbox.recounting import recounted
from choir.people.models import Organisation, Person
from choir.people.policy import Permission
from choir.routing.models import Hours, Objective, SLAPolicy


class PromiseRefusedError(Exception):
    """This cannot be promised, or decided, like this; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A promise's terms; seconds count in the team's working hours or in all hours. An empty objective means any."""

    name: str
    first_response_seconds: int
    objective: Objective | None = None
    urgency_at_least: int = 0
    resolution_seconds: int | None = None
    hours: str = Hours.BUSINESS
    pauses_while_waiting: bool = True

    def as_fields(self) -> dict[str, object]:
        """Field name → value; the objective stays the row it is."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@transaction.atomic
def make_promise(organisation: Organisation, terms: Terms, *, by: Person, at: dt.datetime) -> SLAPolicy:
    """From now on this is promised for what is routed; what is open already keeps the promise it was given."""
    require_everywhere(Permission.PROMISE_MANAGE, organisation, by=by)
    _check(organisation, terms, but=None)
    policy = SLAPolicy.objects.create(organisation=organisation, **terms.as_fields())
    _record(
        policy, "promise.made", because=f"first response {policy.first_response_seconds // 60} minutes", by=by, at=at
    )
    return policy


@transaction.atomic
def change_promise(policy: SLAPolicy, terms: Terms, *, by: Person, at: dt.datetime) -> SLAPolicy:
    """The promise has other terms. Its running clocks keep the time already spent and run out by the new terms; a
    resolution that is promised no longer stays promised to whom it was promised."""
    organisation = policy.organisation
    require_everywhere(Permission.PROMISE_MANAGE, organisation, by=by)
    _check(organisation, terms, but=policy)
    row = SLAPolicy.objects.select_for_update(of=("self",)).select_related("objective").get(pk=policy.pk)
    with recounted(Q(policy=row), at=at) as running:
        because = apply(row, terms.as_fields())
        if not because:
            return row
        row.save()
        running.update(hours=row.hours)
        running.filter(kind=ClockKind.FIRST_RESPONSE).update(allowed_seconds=row.first_response_seconds)
        if row.resolution_seconds is not None:
            running.filter(kind=ClockKind.RESOLUTION).update(allowed_seconds=row.resolution_seconds)
    _record(row, "promise.changed", because=because, by=by, at=at)
    return row


@transaction.atomic
def withdraw_promise(policy: SLAPolicy, *, by: Person, at: dt.datetime) -> None:
    """It is promised no longer to what arrives from now on. What is open keeps the clocks it was given."""
    require_everywhere(Permission.PROMISE_MANAGE, policy.organisation, by=by)
    _record(policy, "promise.withdrawn", because=f"“{policy.name}” is promised no longer", by=by, at=at)
    policy.delete()


def _check(organisation: Organisation, terms: Terms, *, but: SLAPolicy | None) -> None:
    if terms.objective is not None and terms.objective.organisation_id != organisation.pk:
        raise PromiseRefusedError("There is no such objective in your organisation.")
    if terms.first_response_seconds <= 0 or (terms.resolution_seconds is not None and terms.resolution_seconds <= 0):
        raise PromiseRefusedError("Nobody can answer in no time at all. Promise a minute or more.")
    if terms.resolution_seconds is not None and terms.resolution_seconds < terms.first_response_seconds:
        raise PromiseRefusedError("A resolution cannot be due before the first response. Give it more time.")
    same = SLAPolicy.objects.filter(
        organisation=organisation, objective=terms.objective, urgency_at_least=terms.urgency_at_least
    )
    taken = (same if but is None else same.exclude(pk=but.pk)).first()
    if taken is not None:
        raise PromiseRefusedError(
            f"“{taken.name}” promises something for that objective and urgency already. Change that one instead."
        )


def _record(policy: SLAPolicy, verb: str, *, because: str, by: Person, at: dt.datetime) -> None:
    record(
        verb=verb, subject=policy, organisation_id=policy.organisation_id, workspace_id=None, at=at, by=by,
        because=because,
        facts={
            "name": policy.name, "objective": policy.objective.slug if policy.objective else "",
            "urgency_at_least": policy.urgency_at_least, "first_response_seconds": policy.first_response_seconds,
            "resolution_seconds": policy.resolution_seconds, "hours": policy.hours,
        },
    )  # fmt: skip
