"""Engagement per message: what one public message of ours brings.

By hand: one message has 3 likes and 1 repost, another one 2 replies, a third nothing → 6 / 3 = 2 each.
"""

from django.db.models import IntegerField, Value

from choir.measurement.engaging import MESSAGE_SPLITS, deeds, followed
from choir.measurement.metric import Better, Of, Ratio, Unit

METRIC = Ratio(
    slug="engagement_per_message",
    title="Engagement per message",
    definition=(
        "Likes, reposts, replies and quotes of the public messages that we sent in the period ÷ these messages. A few "
        "that many share lift it: the rows show which."
    ),
    formula="likes, reposts, replies and quotes ÷ messages that were measured",
    unit=Unit.EACH,
    better=Better.HIGHER,
    source="Engagement rate by post (ER post), average engagements per post.",
    rows=followed,
    at="message__at",
    splits=MESSAGE_SPLITS,
    conversation="message__conversation_id",
    of=Of.MESSAGES,
    numerator=deeds(),
    denominator=Value(1, output_field=IntegerField()),
)
