"""On its review date a decision's effect is worked out from the figures and kept; the next agenda shows it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import transaction

from choir.governance.effect import effect_of
from choir.governance.models import Decision, Review
from choir.governance.reversing import tell
from choir.measurement.models import Progress


def review(*, at: dt.datetime) -> int:
    """Review every decision whose day has come and whose figures are measured up to it; how many."""
    rows = (
        Decision.objects.standing()
        .filter(review__isnull=True, review_on__isnull=False, enactment__isnull=False, enactment__refused="")
        .select_related("workspace__organisation", "enactment")
    )
    counted = dict(Progress.objects.values_list("workspace_id", "at"))
    due = [one for one in rows if _is_due(one, counted.get(one.workspace_id), at)]
    return sum(_review(one, counted[one.workspace_id]) for one in due)


def _is_due(decision: Decision, counted_at: dt.datetime | None, at: dt.datetime) -> bool:
    """Its day has begun where the organisation is, and the figures reach it."""
    assert decision.review_on is not None
    zone = ZoneInfo(decision.workspace.organisation.time_zone)
    day = dt.datetime.combine(decision.review_on, dt.time(), tzinfo=zone)
    return counted_at is not None and day <= min(counted_at, at)


@transaction.atomic
def _review(decision: Decision, counted_at: dt.datetime) -> int:
    row = Decision.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=decision.pk, review=None).first()
    if row is None:
        return 0
    effect = effect_of(decision, since=decision.enactment.at, at=counted_at)
    Review.objects.create(decision=row, at=counted_at, effect=effect)
    told = {name: effect[name] for name in ("metric", "effect", "low", "high", "verdict") if name in effect}
    tell(decision, "decision.reviewed", by=None, at=counted_at, because=decision.because, **told)
    return 1
