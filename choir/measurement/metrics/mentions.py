"""Mentions: how many things customers said.

By hand: three customers write on Monday, one of them twice in the same thread → 4.
"""

from choir.inbox.models import Direction, Message
from choir.measurement.metric import CONVERSATION_SPLITS, Better, Counted, Of, Unit

METRIC = Counted(
    slug="mentions",
    title="Messages received",
    definition="Posts, comments, reviews and direct messages from customers in the period, each one counted.",
    formula="count of inbound messages by the time they were said",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    source="Called mentions or inbound messages by listening tools.",
    rows=lambda asked: Message.objects.filter(direction=Direction.INBOUND),
    at="at",
    splits=CONVERSATION_SPLITS,
    of=Of.MESSAGES,
)
