"""Pictures and files of a whole page, in one query; in none where nothing came with its messages."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Q, QuerySet

from choir.inbox.models import Direction, Message
from choir.media.models import Attachment
from choir.prepared import Slot, one_of, prepared


@prepared
def _with(mentions: Slot, messages: Slot) -> QuerySet[Attachment]:
    rows = Attachment.objects.filter(Q(one_of("mention_id", mentions)) | Q(one_of("message_id", messages)))
    return rows.select_related("file").order_by("place", "id")


def by_message(messages: Sequence[Message]) -> Mapping[uuid.UUID, list[Attachment]]:
    """What came or goes with some messages, by the message's id. Mentions must be loaded with their media."""
    said = {one.mention_id: one.pk for one in messages if one.mention is not None and one.mention.media}
    ours = [one.pk for one in messages if one.direction == Direction.OUTBOUND]
    found: dict[uuid.UUID, list[Attachment]] = defaultdict(list)
    if said or ours:
        for one in _with(mentions=list(said), messages=ours):
            message_id = one.message_id or said.get(one.mention_id)
            if message_id is not None:
                found[message_id].append(one)
    return found
