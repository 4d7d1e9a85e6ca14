"""Net sentiment: how customers felt, by the last thing each said.

By hand: of ten conversations five are positive, two negative and three neutral → (5 − 2) / 10 = +30 points.
"""

from django.db.models import Q

from choir.measurement.metric import Better, Net, Unit
from choir.measurement.models import Course

METRIC = Net(
    slug="sentiment",
    title="Net sentiment",
    definition=(
        "Conversations that arrived in the period: the share whose last message reads as positive less the share "
        "that reads as negative, in points from −100 to +100."
    ),
    formula="(positive − negative) ÷ conversations read",
    unit=Unit.NET,
    better=Better.HIGHER,
    source="Net sentiment of listening tools, with neutral in the denominator. A reading can be wrong.",
    rows=lambda asked: Course.objects.exclude(sentiment=""),
    at="arrived_at",
    plus=Q(sentiment="positive"),
    minus=Q(sentiment="negative"),
)
