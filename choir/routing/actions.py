"""Changing who owns what, and what is promised. A cell of the matrix is never edited: a new version takes over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from choir.channels.models import Channel
from choir.events.actions import record
from choir.people.access import NotAllowedError
from choir.people.models import Department, Organisation, Person, Workspace
from choir.people.policy import Permission, Reach
from choir.routing.models import Objective, Ownership
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
    ends at that moment. Refuses a change in the past, one without a reason, and a second planned change."""
    require_ownership_change(organisation, by=by)
    begins = effective_from or at
    if begins < at:
        raise OwnershipRefusedError("Ownership cannot change in the past: what was routed then stays as it was routed.")
    if not because.strip():
        raise OwnershipRefusedError("Say why, in a sentence: it is shown on everything routed by this cell.")
    if {objective.organisation_id, responsible.organisation_id} != {organisation.pk}:
        raise OwnershipRefusedError("The objective and the department must be of this organisation.")
    same = Ownership.objects.select_for_update().filter(
        organisation=organisation, objective=objective, workspace=scope.workspace, channel=scope.channel,
        language=scope.language, topic=scope.topic,
    )  # fmt: skip
    versions = list(same.order_by("-version"))
    if versions and versions[0].effective_from > at:
        planned = versions[0]
        raise OwnershipRefusedError(
            f"{planned.responsible} is planned from {planned.effective_from:%d %B %Y} already. Take that back first."
        )
    if versions and versions[0].effective_until is None:
        Ownership.objects.filter(pk=versions[0].pk).update(effective_until=begins)
    cell = Ownership.objects.create(
        organisation=organisation, objective=objective, workspace=scope.workspace, channel=scope.channel,
        language=scope.language, topic=scope.topic, responsible=responsible, accountable=accountable or responsible,
        version=versions[0].version + 1 if versions else 1, effective_from=begins, decided_by=by, because=because,
    )  # fmt: skip
    cell.consulted.set(consulted)
    cell.informed.set(informed)
    record(
        verb="ownership.changed", subject=cell, organisation_id=organisation.pk, workspace_id=None, at=at, by=by,
        because=because, facts=_facts(cell, before=versions[0] if versions else None),
    )  # fmt: skip
    wake(Step.ROUTE, at=begins)
    return cell


@transaction.atomic
def end_cell(cell: Ownership, *, because: str, by: Person, at: dt.datetime) -> None:
    """From now on this scope has no owner of its own: the next wider cell decides. One that ended already stays."""
    require_ownership_change(cell.organisation, by=by)
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
        organisation=cell.organisation_id, objective=cell.objective_id, workspace=cell.workspace_id,
        channel=cell.channel_id, language=cell.language, topic=cell.topic,
    )  # fmt: skip
    facts = _facts(cell, before=None)
    record(
        verb="ownership.taken_back", subject=cell, organisation_id=cell.organisation_id, workspace_id=None,
        at=at, by=by, because=f"{by.name} took the planned change back.", facts=facts,
    )  # fmt: skip
    before = same.filter(effective_until=cell.effective_from).first()
    cell.delete()
    if before is not None:
        Ownership.objects.filter(pk=before.pk).update(effective_until=None)


def _facts(cell: Ownership, *, before: Ownership | None) -> dict[str, object]:
    return {
        "objective": cell.objective.slug,
        "topic": cell.topic,
        "language": cell.language,
        "workspace": str(cell.workspace_id or ""),
        "channel": str(cell.channel_id or ""),
        "responsible": cell.responsible.slug,
        "before": before.responsible.slug if before else "",
        "version": cell.version,
        "effective_from": cell.effective_from.isoformat(),
    }
