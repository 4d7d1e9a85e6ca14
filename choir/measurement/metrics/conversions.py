"""Conversions: what customers did after we had answered them.

By hand: of four orders one came without a touch of ours and one was cancelled; the others were credited to a
conversation each → 2.
"""

from django.db.models import CharField, Value
from django.db.models.functions import NullIf

from choir.conversions.models import Conversion
from choir.measurement.metric import CONVERSATION_SPLITS, Better, Counted, Unit

METRIC = Counted(
    slug="conversions",
    title="Conversions",
    definition=(
        "Orders, bookings, applications and so on in the period that are credited to a conversation of ours by the "
        "workspace's rule of attribution, by the conversation that has most of the credit. What was taken back is out."
    ),
    formula="count of conversions with a conversation in their credit",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    source="Attributed conversions of web analytics; the rule stands on Strategy › Value.",
    rows=lambda asked: (
        Conversion.objects.standing()
        .filter(conversation__isnull=False)
        .annotate(links_campaign=NullIf("campaign", Value(""), output_field=CharField()))
    ),
    at="at",
    splits={**CONVERSATION_SPLITS, "campaign": "links_campaign"},
    is_tallied=False,
)
