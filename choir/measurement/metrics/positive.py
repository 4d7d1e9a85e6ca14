"""Positive mood: which share of customers sounded positive in what they said last.

By hand: of ten conversations five are positive, two negative and three neutral → 5 / 10 = 50 %.
"""

from django.db.models import Q

from choir.measurement.metric import Better, Share, Unit
from choir.measurement.models import Course

METRIC = Share(
    slug="positive",
    title="Positive mood",
    definition="Conversations that arrived in the period: the share whose last message reads as positive.",
    formula="conversations read as positive ÷ conversations read",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    source="Sentiment of listening tools, with neutral in the denominator. A reading can be wrong.",
    rows=lambda asked: Course.objects.exclude(sentiment=""),
    at="arrived_at",
    condition=Q(sentiment="positive"),
)
