"""Answers: how much we said to customers.

By hand: two conversations get an answer each, a third gets two and a question how it went, which nobody wrote → 4.
"""

from choir.inbox.models import Direction, Message
from choir.measurement.metric import CONVERSATION_SPLITS, Better, Counted, Of, Unit

METRIC = Counted(
    slug="answers",
    title="Answers",
    definition="Answers that people wrote and that left in the period; what is sent by itself is left out.",
    formula="count of messages to customers that a person wrote, by the time at which they left",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    source="Outbound volume, replies sent.",
    rows=lambda asked: Message.objects.filter(direction=Direction.OUTBOUND, sent_at__isnull=False, is_automatic=False),
    at="at",
    splits=CONVERSATION_SPLITS,
    of=Of.ANSWERS,
)
