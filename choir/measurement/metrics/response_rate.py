"""Response rate: which share of those who needed a reply got one.

By hand: five conversations arrive, one is spam and noted, three of the others are answered → 3 / 4 = 75 %.
"""

from django.db.models import Q

from choir.measurement.metric import Better, Share, Unit
from choir.measurement.models import Course

METRIC = Share(
    slug="response_rate",
    title="Response rate",
    definition="Of the conversations that arrived in the period and needed a reply, the share answered by now.",
    formula="conversations with at least one answer ÷ conversations that needed a reply",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    source="Response rate of social customer care; what needs no reply is left out of the denominator.",
    rows=lambda asked: Course.objects.filter(needed_reply=True),
    at="arrived_at",
    condition=Q(answers_count__gte=1),
)
