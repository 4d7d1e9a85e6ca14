"""Share answered: how much of what was answered each department answered.

By hand: customer service gives the first answer to six conversations, operations to three, legal to one → 60 %, 30 %
and 10 %.
"""

from choir.measurement.metric import ANSWERING_SPLITS, Better, Portion, Unit
from choir.measurement.models import Course

METRIC = Portion(
    slug="answered_by",
    title="Share answered",
    definition="Of the conversations first answered in the period, the part that a department or team answered.",
    formula="conversations first answered by the department ÷ conversations first answered by all departments",
    unit=Unit.SHARE,
    better=Better.NEITHER,
    source="Share of voice within the company; who takes part in social customer care.",
    rows=lambda asked: Course.objects.filter(answered_at__isnull=False),
    at="answered_at",
    splits=ANSWERING_SPLITS,
)
