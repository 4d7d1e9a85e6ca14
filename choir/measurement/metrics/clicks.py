"""Clicks: how often customers followed a tracked link that we gave them in a conversation.

By hand: two customers follow the link in our answer, one of them twice on the same day, a preview machine once; a third
follows the same link on a page → 2.
"""

from django.db.models import CharField, Value
from django.db.models.functions import NullIf

from choir.conversions.models import Click
from choir.measurement.metric import CONVERSATION_SPLITS, Better, Counted, Unit

METRIC = Counted(
    slug="clicks",
    title="Clicks on links we gave",
    definition=(
        "Times in the period that somebody followed a tracked link that was given in a conversation, once a visitor "
        "and day. Machines that look ahead are left out as far as they say what they are."
    ),
    formula="count of visitors and days with a click on a link given in a conversation",
    unit=Unit.COUNT,
    better=Better.HIGHER,
    source="Unique clicks of link shorteners and web analytics.",
    rows=lambda asked: Click.objects.filter(conversation__isnull=False).annotate(
        links_campaign=NullIf("link__campaign", Value(""), output_field=CharField())
    ),
    at="at",
    splits={**CONVERSATION_SPLITS, "campaign": "links_campaign"},
    is_tallied=False,
)
