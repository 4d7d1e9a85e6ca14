"""What rules look at, read for a batch of conversations: a fixed number of queries."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Max

from choir.customers.models import Customer, Identity
from choir.inbox.models import Conversation, ConversationLabel, Direction, Message
from choir.routing.rules.decide import Situation
from choir.triage.models import Reading


def situations_of(
    conversations: Sequence[Conversation], readings: Mapping[uuid.UUID, Reading]
) -> dict[uuid.UUID, Situation]:
    """Each conversation as rules see it, with the reading that stands for it: four queries."""
    ids, customers = [one.pk for one in conversations], {one.customer_id for one in conversations}
    texts: dict[uuid.UUID, list[str]] = defaultdict(list)
    said = Message.objects.filter(conversation_id__in=ids, direction=Direction.INBOUND).order_by("at", "id")
    for conversation_id, text in said.values_list("conversation_id", "text"):
        texts[conversation_id].append(text)
    labels: dict[uuid.UUID, set[str]] = defaultdict(set)
    for conversation_id, label_id in ConversationLabel.objects.filter(conversation_id__in=ids).values_list(
        "conversation_id", "label_id"
    ):
        labels[conversation_id].add(str(label_id))
    important = set(Customer.objects.filter(pk__in=customers, is_vip=True).values_list("pk", flat=True))
    known = Identity.objects.filter(customer_id__in=customers).values("customer_id")
    followers = dict(known.annotate(most=Max("followers_count")).values_list("customer_id", "most"))
    return {
        one.pk: situation_of(
            one,
            readings.get(one.pk),
            text="\n".join(texts[one.pk]),
            labels=frozenset(labels[one.pk]),
            is_vip=one.customer_id in important,
            followers=followers.get(one.customer_id) or 0,
        )
        for one in conversations
    }


def situation_of(
    conversation: Conversation,
    reading: Reading | None,
    *,
    text: str,
    labels: frozenset[str],
    is_vip: bool,
    followers: int,
) -> Situation:
    """One conversation as rules see it; `text` is all that the customer said in it, `labels` are ids."""
    return Situation(
        text=text,
        objective=reading.objective if reading else "",
        sentiment=reading.sentiment if reading else "",
        language=reading.language if reading else conversation.language,
        urgency=max(conversation.urgency, reading.urgency if reading else 0),
        channel=str(conversation.channel_id),
        labels=labels,
        is_vip=is_vip,
        is_private=conversation.is_private,
        has_personal_data=bool(reading and reading.personal),
        followers=followers,
    )
