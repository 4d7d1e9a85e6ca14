"""What the figures of content are made of: public messages of ours, with what people did with them on the network."""

from __future__ import annotations

from django.db.models import F, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from choir.measurement.metric import CONVERSATION_SPLITS
from choir.measurement.question import Question
from choir.outbound.models import Engagement

DEEDS = ("likes_count", "reposts_count", "replies_count", "quotes_count")
MESSAGE_SPLITS = {name: f"message__{path}" for name, path in CONVERSATION_SPLITS.items()}


def followed(asked: Question) -> QuerySet[Engagement]:
    """Messages whose network told at least once how they do. The index that is read is the messages'."""
    return Engagement.objects.filter(measured_at__isnull=False, message__workspace_id=asked.workspace_id)


def deeds() -> Combinable:
    """Likes, reposts, replies and quotes of a message; what a network does not tell is none."""
    first, *others = (Coalesce(F(name), Value(0)) for name in DEEDS)
    total: Combinable = first
    for one in others:
        total = total + one
    return total
