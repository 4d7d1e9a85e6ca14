"""What readings are made with: a workspace's own terms."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection

from choir.triage.entities import Terms
from choir.triage.models import Term


def terms_of(workspace_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Terms]:
    """The terms of each workspace, ready to look for: one query."""
    rows: dict[uuid.UUID, list[Term]] = defaultdict(list)
    for term in Term.objects.filter(workspace_id__in=workspace_ids):
        rows[term.workspace_id].append(term)
    return {workspace_id: Terms(rows[workspace_id]) for workspace_id in workspace_ids}
