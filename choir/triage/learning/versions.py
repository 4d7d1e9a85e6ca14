"""Versions of what a workspace taught: taking over, rolling back, and what is in force for the reader."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from django.db import transaction
from django.db.models import Max, Q

from choir.events.actions import record
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.triage.learning.adapted import Learnt, Method, packed, unpacked
from choir.triage.learning.judging import Judgement
from choir.triage.learning.models import Adaptation, Standing


class RollbackRefusedError(Exception):
    """The version cannot be rolled back; the text says why."""


@transaction.atomic
def keep(
    workspace: Workspace,
    *,
    field: str,
    base: str,
    judgement: Judgement,
    method: Method | None,
    examples_count: int,
    at: dt.datetime,
) -> Adaptation:
    """Keep what was judged. With a method it takes over from the field's version in force; without one it stands as
    tried and refused. One event either way."""
    known = Adaptation.objects.filter(workspace=workspace)
    number = (known.aggregate(last=Max("number"))["last"] or 0) + 1
    standing = Standing.IN_FORCE if method is not None else Standing.REFUSED
    if method is not None:
        known.filter(field=field, standing=Standing.IN_FORCE).update(standing=Standing.REPLACED, ended_at=at)
    made = Adaptation.objects.create(
        workspace=workspace,
        field=field,
        number=number,
        base=base,
        standing=standing,
        examples_count=examples_count,
        judgement=judgement.as_json(),
        kept=packed(method) if method is not None else b"",
        at=at,
    )
    because = (
        f"Kept back from it, {judgement.before:.1%} were right before and {judgement.after:.1%} with it, "
        f"over {judgement.examples} examples and {judgement.stood} answers that stood."
    )
    record(
        verb="adaptation.took_over" if method is not None else "adaptation.refused",
        subject=made,
        organisation_id=workspace.organisation_id,
        workspace_id=workspace.pk,
        at=at,
        because=because,
        facts={"field": field, "number": number, "before": judgement.before, "after": judgement.after},
    )
    return made


@transaction.atomic
def roll_back(adaptation: Adaptation, *, by: Person, at: dt.datetime) -> Adaptation | None:
    """The version before it is in force again, or none: then the field is read as shipped. What is rolled back does not
    come back by itself; new examples make a new version."""
    row = Adaptation.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=adaptation.pk)
    by.access.require(Permission.ROUTING_CHANGE, workspace_id=row.workspace_id)
    if row.standing != Standing.IN_FORCE:
        raise RollbackRefusedError(f"Version {row.number} is not in force, so there is nothing to roll back.")
    row.standing, row.ended_at, row.ended_by = Standing.ROLLED_BACK, at, by
    row.save(update_fields=["standing", "ended_at", "ended_by"])
    same = Adaptation.objects.filter(workspace_id=row.workspace_id, field=row.field, base=row.base)
    before = same.filter(standing=Standing.REPLACED, number__lt=row.number).order_by("-number").first()
    if before is not None:
        before.standing, before.ended_at = Standing.IN_FORCE, None
        before.save(update_fields=["standing", "ended_at"])
    record(
        verb="adaptation.rolled_back",
        subject=row,
        organisation_id=row.workspace.organisation_id,
        workspace_id=row.workspace_id,
        at=at,
        by=by,
        because=f"{by.name} rolled it back to {f'version {before.number}' if before else 'what Choir ships'}.",
        facts={"field": row.field, "number": row.number, "now": before.number if before else 0},
    )
    return before


def learnt_of(workspace_ids: Iterable[uuid.UUID], *, base: str) -> Mapping[uuid.UUID, Learnt]:
    """What is in force in each workspace, for weights of version `base`: one small query; arrays are read once a
    process. A workspace that taught nothing is read as shipped."""
    rows = (
        Adaptation.objects.filter(workspace_id__in=set(workspace_ids), standing=Standing.IN_FORCE)
        .filter(Q(base=base) | Q(base__startswith=f"{base}~"))
        .order_by("number")
        .values_list("workspace_id", "pk", "field", "number", "base")
    )
    in_force: dict[uuid.UUID, list[tuple[uuid.UUID, str, int]]] = defaultdict(list)
    for workspace_id, pk, name, number, fitted_to in rows:
        in_force[workspace_id].append((pk, name + fitted_to.removeprefix(base), number))
    found = {workspace_id: _learnt(tuple(versions)) for workspace_id, versions in in_force.items()}
    return defaultdict(Learnt.nothing, found)


@lru_cache(maxsize=64)
def _learnt(versions: tuple[tuple[uuid.UUID, str, int], ...]) -> Learnt:
    methods = {name: _method(pk) for pk, name, _ in versions}
    return Learnt(".".join(str(number) for _, _, number in versions), methods)


@lru_cache(maxsize=256)
def _method(pk: uuid.UUID) -> Method:
    """A version's arrays never change, so once read they stay good."""
    return unpacked(bytes(Adaptation.objects.values_list("kept", flat=True).get(pk=pk)))
