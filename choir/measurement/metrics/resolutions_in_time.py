"""Resolutions in time: which share of resolutions came by when they were promised.

By hand: two promises for today, one resolved in time, one resolved an hour late → 1 / 2 = 50 %.
"""

from django.db.models import Q

from choir.measurement.metric import Better, Of, Share, Unit
from choir.measurement.models import Course

METRIC = Share(
    slug="resolutions_in_time",
    title="Resolutions in time",
    definition=(
        "Of the resolutions promised, the share that came in time. A promise counts on the day it was kept or ran "
        "out; one that still runs, or is paused while we wait for the customer, does not count yet."
    ),
    formula="resolutions in time ÷ promises of a resolution kept or run out",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    source="SLA attainment for resolution, % SLA met.",
    rows=lambda asked: Course.objects.filter(resolution_promise_at__isnull=False),
    at="resolution_promise_at",
    condition=Q(resolution_promise_is_met=True),
    of=Of.PROMISES,
)
