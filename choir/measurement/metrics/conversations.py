"""Conversations: how many threads with customers began.

By hand: three customers write on Monday, one of them twice in the same thread → 3.
"""

from choir.measurement.metric import Better, Counted, Unit
from choir.measurement.models import Course

METRIC = Counted(
    slug="conversations",
    title="Conversations",
    definition="Conversations whose first message from the customer arrived in the period, whatever became of them.",
    formula="count of conversations by the time of the customer's first message",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    source="Called new conversations, tickets created or incoming volume by help desks.",
    rows=lambda asked: Course.objects.all(),
    at="arrived_at",
)
