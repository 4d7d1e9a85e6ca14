"""CSAT: which share of the customers who said how it went were satisfied.

By hand: ten customers are asked, four answer: very good, good, good and bad → 3 / 4 = 75 %, of 4.
"""

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat

from choir.measurement.metric import CONVERSATION_SPLITS, Better, Of, Share, Unit
from choir.surveys.models import HIGHEST, SATISFIED, Survey

METRIC = Share(
    slug="csat",
    title="Satisfied customers",
    definition=(
        "Of the customers who answered in the period how it went, the share that said good or very good. Who answers "
        "is not everybody: see how many of those asked do."
    ),
    formula="answers of 4 or 5 ÷ answers",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    source="CSAT, customer satisfaction score, top two of five boxes.",
    rows=lambda asked: Survey.objects.filter(answered_at__isnull=False),
    at="answered_at",
    splits=CONVERSATION_SPLITS,
    condition=Q(score__gte=SATISFIED),
    of=Of.CUSTOMERS,
    words=Concat(Cast("score", CharField()), Value(f"/{HIGHEST} "), "comment", output_field=CharField()),
)
