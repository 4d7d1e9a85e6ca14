"""What people hold: the weight of their open conversations."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection

from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from choir.inbox.models import Conversation, State
from choir.routing.load import takes


def held_by(person_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, float]:
    """The weight each of these people holds, those with empty hands left out: one query, a row for each kind of
    conversation that a person has."""
    is_our_turn = ExpressionWrapper(Q(waiting_since__isnull=False), output_field=BooleanField())
    rows = (
        Conversation.objects.filter(assignee_id__in=person_ids, state=State.OPEN)
        .values("assignee_id", "objective__weight", "urgency", is_our_turn=is_our_turn)
        .annotate(count=Count("pk"))
    )
    held: dict[uuid.UUID, float] = defaultdict(float)
    for row in rows:
        weight = takes(row["objective__weight"] or 1.0, urgency=row["urgency"], is_our_turn=row["is_our_turn"])
        held[row["assignee_id"]] += row["count"] * weight
    return dict(held)
