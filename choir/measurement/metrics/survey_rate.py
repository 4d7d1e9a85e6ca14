"""Survey response: which share of the customers who were asked said how it went.

By hand: ten customers are asked, four of them answer → 4 / 10 = 40 %.
"""

from django.db.models import Q

from choir.measurement.metric import CONVERSATION_SPLITS, Better, Of, Share, Unit
from choir.surveys.models import Survey

METRIC = Share(
    slug="survey_rate",
    title="Surveys answered",
    definition="Of the customers who were asked in the period how it went, the share that has answered since.",
    formula="customers who answered ÷ customers who were asked",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    source="Survey response rate; it says how far the satisfied customers speak for all.",
    rows=lambda asked: Survey.objects.filter(because=""),
    at="asked_at",
    splits=CONVERSATION_SPLITS,
    condition=Q(answered_at__isnull=False),
    of=Of.CUSTOMERS,
)
