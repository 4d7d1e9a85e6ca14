"""Knowledge reuse: how many answers were written with what the organisation knew already.

By hand: of four answers that left, one had a kept answer in it and one began as a macro → 2 / 4 = 50 %.
"""

from django.db.models import Exists, OuterRef, Q

from choir.inbox.models import Direction, Message
from choir.knowledge.models import Reuse
from choir.measurement.metric import CONVERSATION_SPLITS, Better, Of, Share, Unit

METRIC = Share(
    slug="knowledge_reuse",
    title="Knowledge reused",
    definition=(
        "Of the answers that people wrote and that left in the period, the share for which a kept answer or a macro "
        "was put into the text."
    ),
    formula="answers with something taken from knowledge ÷ answers that people wrote",
    unit=Unit.SHARE,
    better=Better.HIGHER,
    source="Article attach rate, knowledge reuse rate, as in knowledge-centred service (KCS).",
    rows=lambda asked: Message.objects.filter(
        direction=Direction.OUTBOUND, sent_at__isnull=False, is_automatic=False
    ).annotate(is_reused=Exists(Reuse.objects.filter(message=OuterRef("pk")))),
    at="at",
    splits=CONVERSATION_SPLITS,
    condition=Q(is_reused=True),
    of=Of.ANSWERS,
)
