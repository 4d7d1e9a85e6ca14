"""Resolution time: how long it took until a conversation was done.

By hand: resolved 1, 3 and 11 hours after the first message → median 3 hours, 90th percentile 3 + 0.8 × 8 = 9.4 hours.
"""

from choir.measurement.metric import Better, Lasting, Unit
from choir.measurement.models import Course

METRIC = Lasting(
    slug="resolution",
    title="Resolution time",
    definition=(
        "From the customer's first message to the resolution that stands, for conversations resolved in the period. "
        "Time in which we waited for the customer is included; business hours are those of the team that resolved."
    ),
    formula="median and 90th percentile of (resolution − first message) over conversations resolved",
    unit=Unit.SECONDS,
    better=Better.LOWER,
    source="Full resolution time, requester wait time included, as in help-desk reporting.",
    rows=lambda asked: Course.objects.filter(resolved_at__isnull=False),
    at="resolved_at",
    calendar="resolution_seconds",
    business="resolution_business_seconds",
)
