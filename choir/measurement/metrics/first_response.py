"""First response time: how long customers waited for our first answer.

By hand: answers after 10, 20 and 60 minutes → median 20 minutes, 90th percentile 20 + 0.8 × (60 − 20) = 52 minutes.
A message of Friday 17:30, answered on Monday at 8:30 by a team that works from 8 to 18 on weekdays, waited 63 hours
in all hours and 1 hour in business hours.
"""

from choir.measurement.metric import ANSWERING_SPLITS, Better, Lasting, Unit
from choir.measurement.models import Course

METRIC = Lasting(
    slug="first_response",
    title="First response time",
    definition=(
        "From the customer's first message to our first answer, for conversations first answered in the period. "
        "Business hours are those of the team that answered."
    ),
    formula="median and 90th percentile of (first answer − first message) over conversations first answered",
    unit=Unit.SECONDS,
    better=Better.LOWER,
    source="First response time (FRT), first reply time; median and business hours as in help-desk reporting.",
    rows=lambda asked: Course.objects.filter(answered_at__isnull=False),
    at="answered_at",
    splits=ANSWERING_SPLITS,
    calendar="first_response_seconds",
    business="first_response_business_seconds",
)
