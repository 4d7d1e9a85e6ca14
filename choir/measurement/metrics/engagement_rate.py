"""Engagement rate by views: which share of those who saw it did something with it.

By hand: one message has 900 views and 27 likes, another one 100 views and 13 → 40 / 1,000 = 4 %. A third without views
told is left out.
"""

from django.db.models import F

from choir.measurement.engaging import MESSAGE_SPLITS, deeds, followed
from choir.measurement.metric import Better, Of, Ratio, Unit

METRIC = Ratio(
    slug="engagement_rate",
    title="Engagement rate by views",
    definition=(
        "Likes, reposts, replies and quotes of the public messages that we sent in the period ÷ their views. Only of "
        "networks that tell views; Bluesky and Mastodon tell none: see engagement per message."
    ),
    formula="likes, reposts, replies and quotes ÷ views, over messages whose network tells views",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    source="Engagement rate by impressions (ER views).",
    rows=lambda asked: followed(asked).filter(views_count__gt=0),
    at="message__at",
    splits=MESSAGE_SPLITS,
    conversation="message__conversation_id",
    of=Of.MESSAGES,
    numerator=deeds(),
    denominator=F("views_count"),
)
