"""Approval turnaround: how long an answer waited for its approvers.

By hand: decided after 10, 20 and 60 minutes → median 20 minutes, 90th percentile 20 + 0.8 × (60 − 20) = 52 minutes.
"""

from django.db.models import F

from choir.measurement.metric import CONVERSATION_SPLITS, Better, Elapsed, Lasting, Of, Unit
from choir.outbound.models import Approval

METRIC = Lasting(
    slug="approval_time",
    title="Approval turnaround",
    definition=(
        "From asking for approval to the decision, for answers approved or declined in the period, in all hours. What "
        "was withdrawn, overtaken or ran out was decided by nobody and is left out."
    ),
    formula="median and 90th percentile of (decision − question) over approvals decided",
    unit=Unit.SECONDS,
    better=Better.LOWER,
    source="Approval cycle time, as in content and contract workflows.",
    rows=lambda asked: Approval.objects.filter(outcome__in=["approved", "declined"]).annotate(
        waited_seconds=Elapsed(F("closed_at") - F("asked_at"))
    ),
    at="closed_at",
    splits=CONVERSATION_SPLITS,
    calendar="waited_seconds",
    business="waited_seconds",
    has_hours=False,
    of=Of.ANSWERS,
)
