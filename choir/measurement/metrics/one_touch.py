"""One-touch rate: which share of what was resolved took one answer.

By hand: of four conversations resolved with answers, three took one answer and one took two → 3 / 4 = 75 %.
"""

from django.db.models import Q

from choir.measurement.metric import Better, Share, Unit
from choir.measurement.models import Course

METRIC = Share(
    slug="one_touch",
    title="One-touch rate",
    definition="Of the conversations resolved in the period that we answered, the share that took exactly one answer.",
    formula="resolved conversations with one answer ÷ resolved conversations with at least one answer",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    source="One-touch resolution, first contact resolution as far as messages can tell.",
    rows=lambda asked: Course.objects.filter(resolved_at__isnull=False, answers_count__gte=1),
    at="resolved_at",
    condition=Q(answers_count=1),
)
