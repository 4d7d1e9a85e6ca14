"""Engagement: what people did with what we said in public.

By hand: one message has 3 likes and 1 repost, another one 2 replies, a third nothing → 6, of 3 messages.
"""

from choir.measurement.engaging import MESSAGE_SPLITS, deeds, followed
from choir.measurement.metric import Better, Of, Summed, Unit

METRIC = Summed(
    slug="engagement",
    title="Engagement",
    definition=(
        "Likes, reposts, replies and quotes of the public messages that we sent in the period, as their networks told "
        "when they were last asked: soon after a message left, then ever more seldom, for a month."
    ),
    formula="sum of likes, reposts, replies and quotes over messages that were measured",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    source="Engagements or interactions of networks and publishing tools.",
    rows=followed,
    at="message__at",
    splits=MESSAGE_SPLITS,
    conversation="message__conversation_id",
    of=Of.MESSAGES,
    amount=deeds(),
)
