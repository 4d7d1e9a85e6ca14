"""Hand-overs: how often one department gave a conversation to another.

By hand: marketing gives one to customer service, customer service gives it on to legal → 2, in 1 conversation.
"""

from choir.inbox.models import Handover
from choir.measurement.metric import CONVERSATION_SPLITS, Better, Counted, Unit

METRIC = Counted(
    slug="handovers",
    title="Hand-overs",
    definition="Times in the period that one department gave a conversation to another. Split by who gave it away.",
    formula="count of hand-overs by the time they happened",
    unit=Unit.COUNT,
    better=Better.LOWER,
    source="Called transfers, reassignments or group stations by help desks.",
    rows=lambda asked: Handover.objects.all(),
    at="at",
    splits={**CONVERSATION_SPLITS, "department": "from_department_id"},
    also_seen_by="to_department_id",
)
