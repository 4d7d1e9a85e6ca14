"""Hand-overs between departments: which pairs, how often, how long it took until the other one answered."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Count

from choir.measurement.figures import rows
from choir.measurement.metrics import catalogue
from choir.web.insights.lens import Lens


@dataclass(frozen=True, slots=True)
class Pair:
    """One department gave conversations to another, so many times; the other gave so many back."""

    giver_id: uuid.UUID
    taker_id: uuid.UUID
    giver: str
    taker: str
    count: int
    back: int
    url: str


def pairs(lens: Lens, *, at_most: int | None = 12) -> list[Pair]:
    """The pairs of the period, most frequent first."""
    metric = catalogue()["handovers"]
    grouped = rows(metric, lens.asked).order_by().values_list("from_department_id", "to_department_id")
    counts = {(giver, taker): n for giver, taker, n in grouped.annotate(n=Count("pk"))}
    ranked = sorted(counts.items(), key=lambda one: -one[1])[:at_most]
    return [
        Pair(
            giver,
            taker,
            lens.names.word("department", giver),
            lens.names.word("department", taker),
            n,
            counts.get((taker, giver), 0),
            lens.metric_url(
                "handovers",
                giver=lens.names.slug("department", giver),
                taker=lens.names.slug("department", taker),
            ),
        )
        for (giver, taker), n in ranked
    ]
