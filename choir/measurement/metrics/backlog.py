"""Backlog: what is not done yet.

By hand: one conversation is open from Monday 9:00 to Tuesday 10:00, one from Tuesday 11:00 on → Monday 1, Tuesday 1.
"""

from choir.measurement.metric import Better, Standing, Unit
from choir.measurement.models import Stretch

METRIC = Standing(
    slug="backlog",
    title="Backlog",
    definition="Conversations that were open or snoozed at the end of the period, or of the day.",
    formula="count of conversations begun and not resolved or noted by that moment",
    unit=Unit.COUNT,
    better=Better.LOWER,
    source="Called backlog or unsolved tickets by help desks.",
    rows=lambda asked: Stretch.objects.all(),
    at="began_at",
    ended="ended_at",
)
