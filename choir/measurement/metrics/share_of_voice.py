"""Share of voice: how much of what all groups together were named is ours.

By hand: our own query finds 30 mentions, one of a competitor 50, another competitor's 20; a query without a group finds
400 → 30 / 100 = 30 %.
"""

from django.db.models import Q

from choir.measurement.metric import Better, Of, Share, Unit
from choir.measurement.voicing import CONVERSATION, HEARD_SPLITS, voiced, voiced_by_hour

METRIC = Share(
    slug="share_of_voice",
    title="Share of voice",
    definition=(
        "Of the public mentions in the period that queries with a group found, the share that our own found. A mention "
        "found by two of these queries counts twice. Only what was listened for is in it: another choice of "
        "competitors is another share. By channel, language and topic: what is only overheard is in no department."
    ),
    formula="mentions found by queries that are ours ÷ mentions found by queries of all groups",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    source="Share of voice of listening tools, by mentions; not by spend, as in advertising.",
    rows=voiced,
    at="posted_at",
    splits=HEARD_SPLITS,
    conversation=CONVERSATION,
    of=Of.MENTIONS,
    condition=Q(query__is_ours=True),
    is_tallied=False,
    by_hour=voiced_by_hour,
)
