"""Cost: what our people's work on answers cost.

By hand: two answers took 3 and 10 minutes of somebody whose hour costs 30, one took 6 minutes of somebody whose cost is
not entered → 1.50 + 5.00 = 6.50, of 2 answers.
"""

from django.db.models import DecimalField, ExpressionWrapper, F, IntegerField, Value
from django.db.models.functions import Cast, Round

from choir.inbox.models import Direction, Message
from choir.measurement.metric import CONVERSATION_SPLITS, Better, Of, Summed, Unit

CENTS_OF_SECONDS = 36  # 3600 seconds an hour ÷ 100 cents

METRIC = Summed(
    slug="cost",
    title="Cost of answers",
    definition=(
        "The recorded work on answers that people sent in the period × what an hour of theirs costs, each rounded to "
        "the cent. Work that left no trace, people whose hourly cost is not entered, tools and paid media are not in "
        "it: Strategy › Value has the whole account."
    ),
    formula="sum of handle time × hourly cost over answers with both",
    unit=Unit.MONEY,
    better=Better.NEITHER,
    source="Cost to serve, cost per contact of contact centres.",
    rows=lambda asked: Message.objects.filter(
        direction=Direction.OUTBOUND,
        sent_at__isnull=False,
        handling_seconds__isnull=False,
        person__hourly_cost__isnull=False,
    ),
    at="at",
    splits=CONVERSATION_SPLITS,
    of=Of.ANSWERS,
    amount=Cast(
        Round(
            ExpressionWrapper(
                F("handling_seconds") * F("person__hourly_cost") / Value(CENTS_OF_SECONDS),
                output_field=DecimalField(max_digits=16, decimal_places=2),
            )
        ),
        IntegerField(),
    ),
    scale=100,
)
