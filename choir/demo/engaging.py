"""How the demo company's public answers did on their networks: views where the network that is played tells them,
likes, reposts and replies, as when they were last asked."""

from __future__ import annotations

import datetime as dt
import random
import uuid

from choir.customers.models import Identity
from choir.demo.rows import Rows
from choir.inbox.models import Direction, Message
from choir.outbound.models import Engagement

TELL_NO_VIEWS = frozenset({"bluesky", "mastodon"})
LAST_ASKED = dt.timedelta(days=30)
SEEN_BY = 24  # of a customer's public message, the median; log-normal around it
OF_FOLLOWERS = 0.02
LIKE, REPOST, REPLY = 0.02, 0.003, 0.008  # of those who see it


def be_seen(rows: Rows, *, at: dt.datetime, chance: random.Random) -> None:
    """Give each public answer what its network told; private ones have none."""
    followers = {one.customer_id: one.followers_count or 0 for one in rows.of(Identity)}
    found = [_of(one, followers, at=at, chance=chance) for one in rows.of(Message) if _is_followed(one)]
    Engagement.objects.bulk_create(found, batch_size=500)


def _is_followed(message: Message) -> bool:
    is_ours = message.direction == Direction.OUTBOUND and message.sent_at is not None and bool(message.external_id)
    return is_ours and not message.conversation.is_private


def _of(message: Message, followers_of: dict[uuid.UUID, int], *, at: dt.datetime, chance: random.Random) -> Engagement:
    followers = followers_of.get(message.conversation.customer_id, 0)
    seen = int(SEEN_BY * chance.lognormvariate(0, 0.9) + followers * OF_FOLLOWERS * chance.random())
    channel, sent_at = message.conversation.channel, message.sent_at or message.at
    return Engagement(
        workspace_id=message.workspace_id, channel=channel, message=message,
        views_count=None if channel.network in TELL_NO_VIEWS else seen,
        likes_count=_times(seen, LIKE, chance), reposts_count=_times(seen, REPOST, chance),
        replies_count=_times(seen, REPLY, chance), measured_at=min(at, sent_at + LAST_ASKED), measurings_count=7,
    )  # fmt: skip


def _times(seen: int, share: float, chance: random.Random) -> int:
    """How many of those who saw it did something."""
    return sum(chance.random() < share for _ in range(seen))
