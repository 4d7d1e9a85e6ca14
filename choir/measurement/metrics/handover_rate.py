"""Hand-over rate: which share of conversations did not stay with the department they came to.

By hand: of four conversations that arrived and were somebody's work, one was handed over, twice → 1 / 4 = 25 %.
"""

from django.db.models import Q

from choir.measurement.metric import Better, Share, Unit
from choir.measurement.models import Course

METRIC = Share(
    slug="handover_rate",
    title="Hand-over rate",
    definition="Of the conversations that arrived in the period and needed a reply, the share handed over since.",
    formula="conversations handed over at least once ÷ conversations that needed a reply",
    unit=Unit.SHARE,
    better=Better.LOWER,
    source="Transfer rate in contact centres; the complement of right department first time.",
    rows=lambda asked: Course.objects.filter(needed_reply=True),
    at="arrived_at",
    condition=Q(is_handed_over=True),
)
