"""Reopen rate: which share of what was resolved was not done after all.

By hand: four conversations are resolved today for the first time, one of them is opened again → 1 / 4 = 25 %.
"""

from django.db.models import Q

from choir.measurement.metric import Better, Share, Unit
from choir.measurement.models import Course

METRIC = Share(
    slug="reopen_rate",
    title="Reopen rate",
    definition="Of the conversations first resolved in the period, the share that was opened again since.",
    formula="conversations opened again ÷ conversations first resolved",
    unit=Unit.SHARE,
    better=Better.LOWER,
    source="Reopen rate, ticket reopens.",
    rows=lambda asked: Course.objects.filter(first_resolved_at__isnull=False),
    at="first_resolved_at",
    condition=Q(reopened_at__isnull=False),
)
