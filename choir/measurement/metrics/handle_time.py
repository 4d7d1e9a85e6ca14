"""Handle time: how long people work on an answer.

By hand: three answers took 2, 3 and 10 minutes of recorded work → median 3 minutes, 90th percentile
3 + 0.8 × (10 − 3) = 8.6 minutes.
"""

from choir.inbox.models import Direction, Message
from choir.measurement.metric import CONVERSATION_SPLITS, Better, Lasting, Of, Unit

METRIC = Lasting(
    slug="handle_time",
    title="Handle time",
    definition=(
        "The recorded work on an answer that a person sent in the period: from their last look before they began to "
        "type, through every save of what they typed, to sending. Gaps over two minutes are left out, and so is what "
        "leaves no trace. Answers without any are not in it."
    ),
    formula="median and 90th percentile of the recorded work over answers with any",
    unit=Unit.SECONDS,
    better=Better.LOWER,
    source="Average handle time (AHT) of contact centres, without the wrap-up that nobody records; a median, no mean.",
    rows=lambda asked: Message.objects.filter(
        direction=Direction.OUTBOUND, sent_at__isnull=False, handling_seconds__isnull=False
    ),
    at="at",
    splits=CONVERSATION_SPLITS,
    calendar="handling_seconds",
    business="handling_seconds",
    has_hours=False,
    of=Of.ANSWERS,
)
