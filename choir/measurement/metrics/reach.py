"""Reach: how often what we said in public was seen.

By hand: a network tells 900 and 100 views of two messages, another one tells none of a third → 1,000, of 2 messages.
"""

from django.db.models import F

from choir.measurement.engaging import MESSAGE_SPLITS, followed
from choir.measurement.metric import Better, Of, Summed, Unit

METRIC = Summed(
    slug="reach",
    title="Reach",
    definition=(
        "Views of the public messages that we sent in the period, as their networks told when they were last asked. "
        "Whoever looks twice counts twice. Networks that tell no views are left out: Bluesky and Mastodon tell none."
    ),
    formula="sum of views over messages whose network tells views",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    source="Impressions or views of networks and publishing tools; reach in the sense of people is told by few.",
    rows=lambda asked: followed(asked).filter(views_count__isnull=False),
    at="message__at",
    splits=MESSAGE_SPLITS,
    conversation="message__conversation_id",
    of=Of.MESSAGES,
    amount=F("views_count"),
)
