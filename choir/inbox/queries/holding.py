"""What people hold: the weight of their open conversations."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet

from choir.inbox.models import Conversation, State
from choir.prepared import Slot, one_of, prepared
from choir.routing.load import takes


def held_by(person_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, float]:
    """The weight each of these people holds, those with empty hands left out: one query, a row for each kind of
    conversation that a person has."""
    held: dict[uuid.UUID, float] = defaultdict(float)
    for pk, weight, urgency, is_our_turn, count in _kinds(people=list(person_ids)):
        held[pk] += count * takes(weight or 1.0, urgency=urgency, is_our_turn=is_our_turn)
    return dict(held)


@prepared
def _kinds(people: Slot) -> QuerySet[Conversation, tuple[Any, ...]]:
    is_our_turn = ExpressionWrapper(Q(waiting_since__isnull=False), output_field=BooleanField())
    rows = Conversation.objects.filter(one_of("assignee_id", people), state=State.OPEN)
    kinds = rows.values("assignee_id", "objective__weight", "urgency", is_our_turn=is_our_turn)
    return kinds.annotate(count=Count("pk")).values_list(
        "assignee_id", "objective__weight", "urgency", "is_our_turn", "count"
    )
