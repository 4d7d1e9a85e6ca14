"""Replay: what a proposed matrix would have done with past traffic, decided by the code that routes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from choir.inbox.models import Conversation
from choir.people.models import Workspace
from choir.routing.decide import Cell, Contact, owning_cell

LOOKED_AT_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many conversations were looked at, and from which department to which they would have moved."""

    looked_at: int
    moves: Counter[tuple[uuid.UUID | None, uuid.UUID | None]]

    @property
    def moved(self) -> int:
        """Conversations that would have gone elsewhere."""
        return sum(count for (before, after), count in self.moves.items() if before != after)


def replay(workspace: Workspace, *, before: Sequence[Cell], after: Sequence[Cell], since: dt.datetime) -> Replayed:
    """Route the workspace's newest conversations since a time under both matrices: one query, nothing changes."""
    rows = (
        Conversation.objects.filter(workspace=workspace, created_at__gte=since, reading__isnull=False)
        .order_by("-last_message_at")
        .values_list(
            "reading__objective", "reading__objective_confidence", "reading__topic", "reading__language", "channel_id"
        )[:LOOKED_AT_MOST]
    )
    moves: Counter[tuple[uuid.UUID | None, uuid.UUID | None]] = Counter()
    for objective, confidence, topic, language, channel_id in rows:
        contact = Contact(objective, confidence, topic, language, workspace.pk, channel_id)
        old, new = owning_cell(before, contact), owning_cell(after, contact)
        moves[(old.responsible_id if old else None, new.responsible_id if new else None)] += 1
    return Replayed(looked_at=sum(moves.values()), moves=moves)
