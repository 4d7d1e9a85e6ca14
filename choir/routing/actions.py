"""Changing who owns what, and what is promised. A cell of the matrix is never edited: a new version takes over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from choir.channels.models import Channel
from choir.events.actions import record
from choir.people.access import NotAllowedError
from choir.people.models import Department, Organisation, Person, Workspace
from choir.people.policy import Permission, Reach
from choir.routing.models import SCOPE, Objective, Ownership
from choir.routing.queries import cell_of, cells_of, markets_of
from choir.routing.scopes import ties
from choir.wake import Step, wake


class OwnershipRefusedError(Exception):
    """The matrix cannot be changed like this; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a cell holds; empty means “any”."""

    workspace: Workspace | None = None
    channel: Channel | None = None
    language: str = ""
    topic: str = ""
    region: str = ""
    product: str = ""

    @classmethod
    def of(cls, cell: Ownership) -> Scope:
        """Where a cell holds."""
        return cls(**{name: getattr(cell, name) for name in SCOPE})

    @property
    def fields(self) -> dict[str, Any]:
        """As a cell's columns have it."""
        return {name: getattr(self, name) for name in SCOPE}


def require_ownership_change(organisation: Organisation, *, by: Person) -> None:
    """Refuse with NotAllowedError unless the person may change ownership in every workspace of the organisation."""
    everywhere = list(organisation.workspaces.values_list("pk", flat=True))
    if any(by.access.reach(Permission.OWNERSHIP_CHANGE, one) < Reach.WORKSPACE for one in everywhere):
        raise NotAllowedError("Only the champion changes who owns what. Put it on the committee's agenda.")


@transaction.atomic
def set_owner(
    organisation: Organisation,
    *,
    objective: Objective,
    scope: Scope = Scope(),
    responsible: Department,
    accountable: Department | None = None,
    consulted: Iterable[Department] = (),
    informed: Iterable[Department] = (),
    effective_from: dt.datetime | None = None,
    because: str,
    by: Person,
    at: dt.datetime,
) -> Ownership:
    """From `effective_from` (now when empty) this department owns the objective in this scope. The version before
    ends at that moment. Refuses a change in the past, one without a reason, a second planned change, and a scope that
    ties with another department's."""
    begins = effective_from or at
    # The objective's row is held, so that of two cells that tie the later one is refused however close they come.
    Objective.objects.select_for_update().get(pk=objective.pk)
    refuse_owner(
        organisation, objective=objective, scope=scope, responsible=responsible, begins=begins, because=because,
        by=by, at=at,
    )  # fmt: skip
    same = Ownership.objects.select_for_update().filter(organisation=organisation, objective=objective, **scope.fields)
    versions = list(same.order_by("-version"))
    if versions and versions[0].effective_until is None:
        Ownership.objects.filter(pk=versions[0].pk).update(effective_until=begins)
    cell = Ownership.objects.create(
        organisation=organisation, objective=objective, **scope.fields, responsible=responsible,
        accountable=accountable or responsible, version=versions[0].version + 1 if versions else 1,
        effective_from=begins, decided_by=by, because=because,
    )  # fmt: skip
    cell.consulted.set(consulted)
    cell.informed.set(informed)
    record(
        verb="ownership.changed", subject=cell, organisation_id=organisation.pk, workspace_id=None, at=at, by=by,
        because=because, facts=_facts(cell, before=versions[0] if versions else None),
    )  # fmt: skip
    wake(Step.ROUTE, at=begins)
    return cell


def refuse_owner(
    organisation: Organisation,
    *,
    objective: Objective,
    scope: Scope,
    responsible: Department,
    begins: dt.datetime,
    because: str,
    by: Person,
    at: dt.datetime,
) -> None:
    """Refuse what `set_owner` refuses."""
    require_ownership_change(organisation, by=by)
    if begins < at:
        raise OwnershipRefusedError("Ownership cannot change in the past: what was routed then stays as it was routed.")
    if not because.strip():
        raise OwnershipRefusedError("Say why, in a sentence: it is shown on everything routed by this cell.")
    if {objective.organisation_id, responsible.organisation_id} != {organisation.pk}:
        raise OwnershipRefusedError("The objective and the department must be of this organisation.")
    planned = Ownership.objects.filter(
        organisation=organisation, objective=objective, effective_from__gt=at, **scope.fields
    )
    if (first := planned.select_related("responsible").first()) is not None:
        raise OwnershipRefusedError(
            f"{first.responsible} is planned from {first.effective_from:%d %B %Y} already. Take that back first."
        )
    refuse_ties(organisation, objective=objective, scope=scope, responsible=responsible, at=begins)


def refuse_ties(
    organisation: Organisation, *, objective: Objective, scope: Scope, responsible: Department, at: dt.datetime
) -> None:
    """Refuse an owner in a scope that crosses another department's, where no cell says whose it is in both."""
    proposed = Ownership(objective=objective, **scope.fields, responsible=responsible, effective_from=at, version=0)
    rows = Ownership.objects.filter(objective=objective).exclude(**scope.fields).exclude(effective_until__lte=at)
    known = cells_of(rows, organisation.pk)
    for other, shared in ties(cell_of(proposed, markets_of(organisation.pk)), known)[:1]:
        name, owner = objective.name.lower(), Department.objects.get(pk=other.responsible_id)
        raise OwnershipRefusedError(
            f"{owner} owns {name} {other.scope_words}, so {name} {shared.scope_words} would be owned by {owner} "
            f"as much as by {responsible}. Say first who owns {name} {shared.scope_words}, then save this again."
        )


def _refuse_uncovering(cell: Ownership, *, at: dt.datetime) -> None:
    """Refuse to end a cell that decides between two others."""
    rows = Ownership.objects.filter(objective=cell.objective).exclude(effective_until__lte=at)
    known = cells_of(rows, cell.organisation_id)
    left = [one for one in known if one.id != cell.pk]
    name = cell.objective.name.lower()
    for one in left:
        decided = {other.id for other, _ in ties(one, left)} - {other.id for other, _ in ties(one, known)}
        for other in (two for two in left if two.id in decided):
            raise OwnershipRefusedError(
                f"It decides between {name} {one.scope_words} and {name} {other.scope_words}, where they meet. Give it "
                "another owner, or end one of those first."
            )


@transaction.atomic
def end_cell(cell: Ownership, *, because: str, by: Person, at: dt.datetime) -> None:
    """From now on this scope has no owner of its own: the next wider cell decides. One that ended already stays; one
    that decides between two others is refused."""
    require_ownership_change(cell.organisation, by=by)
    _refuse_uncovering(cell, at=at)
    if Ownership.objects.filter(pk=cell.pk, effective_until=None).update(effective_until=at):
        record(
            verb="ownership.ended", subject=cell, organisation_id=cell.organisation_id, workspace_id=None, at=at,
            by=by, because=because, facts=_facts(cell, before=None),
        )  # fmt: skip


@transaction.atomic
def take_back(cell: Ownership, *, by: Person, at: dt.datetime) -> None:
    """Undo a change that has not come into force: the version before it goes on."""
    require_ownership_change(cell.organisation, by=by)
    if cell.effective_from <= at:
        raise OwnershipRefusedError("It is in force already. Set an owner anew instead; the record keeps both.")
    same = Ownership.objects.filter(
        organisation=cell.organisation_id, objective=cell.objective_id, **Scope.of(cell).fields
    )
    facts = _facts(cell, before=None)
    record(
        verb="ownership.taken_back", subject=cell, organisation_id=cell.organisation_id, workspace_id=None,
        at=at, by=by, because=f"{by.name} took the planned change back.", facts=facts,
    )  # fmt: skip
    before = same.filter(effective_until=cell.effective_from).first()
    if before is None:
        _refuse_uncovering(cell, at=at)
    cell.delete()
    if before is not None:
        Ownership.objects.filter(pk=before.pk).update(effective_until=None)


def _facts(cell: Ownership, *, before: Ownership | None) -> dict[str, object]:
    return {
        "objective": cell.objective.slug,
        "topic": cell.topic,
        "language": cell.language,
        "region": cell.region,
        "product": cell.product,
        "workspace": str(cell.workspace_id or ""),
        "channel": str(cell.channel_id or ""),
        "responsible": cell.responsible.slug,
        "before": before.responsible.slug if before else "",
        "version": cell.version,
        "effective_from": cell.effective_from.isoformat(),
    }
