"""SLA attainment: which share of first responses came by when they were promised.

By hand: four promises for today, three answered in time, one ran out at 15:00 and is still unanswered → 3 / 4 = 75 %.
"""

from django.db.models import Q

from choir.measurement.metric import Better, Of, Share, Unit
from choir.measurement.models import Course

METRIC = Share(
    slug="sla_attainment",
    title="First responses in time",
    definition=(
        "Of the first responses promised, the share that was given in time. A promise counts on the day it was kept "
        "or ran out; one that still runs does not count yet."
    ),
    formula="first responses given in time ÷ promises of a first response kept or run out",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    source="SLA attainment, % SLA met.",
    rows=lambda asked: Course.objects.filter(response_promise_at__isnull=False),
    at="response_promise_at",
    condition=Q(response_promise_is_met=True),
    of=Of.PROMISES,
)
