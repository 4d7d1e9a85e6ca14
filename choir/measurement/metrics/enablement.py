"""Enablement: how much is answered where the knowledge is, and not by the team at the centre.

By hand: customer service is the hub and gives the first answer to two conversations, operations to one and legal to
one → 2 / 4 = 50 %.
"""

from django.db.models import Q

from choir.measurement.hub import answered_outside
from choir.measurement.metric import ANSWERING_SPLITS, Better, Share, Unit
from choir.measurement.models import Course

METRIC = Share(
    slug="enablement",
    title="Enablement",
    definition=(
        "Of the conversations first answered in the period, the share answered outside the hub: by none of the teams "
        "at the centre, which each workspace names."
    ),
    formula="conversations first answered by teams outside the hub ÷ conversations first answered",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    source="From doers to enablers: hub and spoke, centre of excellence, in how companies organise for social media.",
    rows=lambda asked: Course.objects.filter(answered_at__isnull=False).annotate(
        is_outside=answered_outside(asked.workspace_id)
    ),
    at="answered_at",
    splits=ANSWERING_SPLITS,
    condition=Q(is_outside=True),
)
