"""Negative mood: which share of customers sounded negative in what they said last.

By hand: of ten conversations five are positive, two negative and three neutral → 2 / 10 = 20 %.
"""

from django.db.models import Q

from choir.measurement.metric import Better, Share, Unit
from choir.measurement.models import Course

METRIC = Share(
    slug="negative",
    title="Negative mood",
    definition="Conversations that arrived in the period: the share whose last message reads as negative.",
    formula="conversations read as negative ÷ conversations read",
    unit=Unit.SHARE,
    better=Better.LOWER,
    source="Sentiment of listening tools, with neutral in the denominator. A reading can be wrong.",
    rows=lambda asked: Course.objects.exclude(sentiment=""),
    at="arrived_at",
    condition=Q(sentiment="negative"),
)
