"""What readings are made with: a workspace's own terms and its accepted themes, and the
charters of its departments."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import lru_cache, partial

import numpy as np

from choir.people.models import Department
from choir.triage.charters import Charter, Charters
from choir.triage.entities import Terms
from choir.triage.learning.adapted import Learnt
from choir.triage.models import Term, Theme
from choir.triage.reader import Reading as Read
from choir.triage.reader import reader
from choir.triage.themes import Themes
from choir.unchanged import unchanged


def terms_of(workspace_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Terms]:
    """The terms of each workspace, ready to look for: one query."""
    rows: dict[uuid.UUID, list[Term]] = defaultdict(list)
    for term in Term.objects.filter(workspace_id__in=workspace_ids):
        rows[term.workspace_id].append(term)
    return {workspace_id: Terms(rows[workspace_id]) for workspace_id in workspace_ids}


def themes_of(workspace_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Themes]:
    """The accepted themes of each workspace, ready to label: one query."""
    kept: dict[uuid.UUID, list[tuple[uuid.UUID, bytes, bytes, float]]] = {pk: [] for pk in workspace_ids}
    rows = Theme.objects.accepted().filter(workspace_id__in=workspace_ids)
    for workspace_id, pk, centre, origin, reach in rows.values_list("workspace_id", "pk", "centre", "origin", "reach"):
        kept[workspace_id].append((pk, bytes(centre), bytes(origin), reach))
    return {workspace_id: Themes(themes) for workspace_id, themes in kept.items()}


def charters_of(organisation_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Charters | None]:
    """Each organisation's departments by what they are there for; None where fewer than two say so."""
    organisations = frozenset(organisation_ids)
    return unchanged(("charters", organisations), (Department,), partial(_charters_of, organisations))


def _charters_of(organisation_ids: frozenset[uuid.UUID]) -> dict[uuid.UUID, Charters | None]:
    rows: dict[uuid.UUID, list[Charter]] = defaultdict(list)
    for one in Department.objects.filter(organisation_id__in=organisation_ids).exclude(charter=""):
        rows[one.organisation_id].append(Charter(one.slug, f"{one.name}. {one.charter}"))
    return {pk: _charters(tuple(rows[pk])) if len(rows[pk]) > 1 else None for pk in organisation_ids}


def own_departments(organisation_id: uuid.UUID) -> tuple[str, ...]:
    """The slugs of an organisation's departments, where their charters decide; empty where the usual ones do."""
    slugs = (
        Department.objects.filter(organisation_id=organisation_id).exclude(charter="").values_list("slug", flat=True)
    )
    return tuple(slugs) if len(slugs) > 1 else ()


def fitting_departments(
    reads: Sequence[Read], organisation_ids: Sequence[uuid.UUID], learnt: Sequence[Learnt]
) -> list[tuple[str, float] | None]:
    """For each text, read and of an organisation, the department that by its charter fits best and how well, as its
    workspace taught; None where charters say nothing. One query."""
    found: list[tuple[str, float] | None] = [None] * len(reads)
    for organisation_id, charters in charters_of(set(organisation_ids)).items():
        places = [at for at, one in enumerate(organisation_ids) if one == organisation_id]
        if charters is None or not places:
            continue
        vectors, usual = (np.stack([getattr(reads[at], name) for at in places]) for name in ("vector", "usual"))
        for at, fitting in zip(places, charters.best(vectors, usual, [learnt[at] for at in places]), strict=True):
            found[at] = fitting
    return found


@lru_cache(maxsize=64)
def _charters(charters: tuple[Charter, ...]) -> Charters:
    return Charters(charters, reader().department_shares, reader().heads.labels["department"])
