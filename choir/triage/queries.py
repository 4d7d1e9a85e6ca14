"""What readings are made with: a workspace's own terms and its accepted themes."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection

from choir.triage.entities import Terms
from choir.triage.models import Term, Theme
from choir.triage.themes import Themes


def terms_of(workspace_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Terms]:
    """The terms of each workspace, ready to look for: one query."""
    rows: dict[uuid.UUID, list[Term]] = defaultdict(list)
    for term in Term.objects.filter(workspace_id__in=workspace_ids):
        rows[term.workspace_id].append(term)
    return {workspace_id: Terms(rows[workspace_id]) for workspace_id in workspace_ids}


def themes_of(workspace_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Themes]:
    """The accepted themes of each workspace, ready to label: one query."""
    kept: dict[uuid.UUID, list[tuple[uuid.UUID, bytes, float]]] = {pk: [] for pk in workspace_ids}
    rows = Theme.objects.accepted().filter(workspace_id__in=workspace_ids)
    for workspace_id, pk, centre, reach in rows.values_list("workspace_id", "pk", "centre", "reach"):
        kept[workspace_id].append((pk, bytes(centre), reach))
    return {workspace_id: Themes(themes) for workspace_id, themes in kept.items()}
