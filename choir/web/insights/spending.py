"""The whole cost of a period: recorded work, and what was spent besides on paid media and tools."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext

from choir.measurement.question import Period
from choir.people.policy import Permission, Reach
from choir.value.counting import part_of, spend_rows
from choir.value.models import SpendKind
from choir.web.insights.lens import Lens
from choir.web.insights.tables import Tile
from choir.web.insights.wording import Said, said

METRIC = "cost"


@dataclass(frozen=True, slots=True)
class Spent:
    """One kind of cost in the period."""

    name: str
    amount: float
    said: Said
    url: str


def spend_url(place: str, period: Period, **narrowed: str) -> str:
    """The entries behind an amount that was spent in some days."""
    days = {"since": period.first.isoformat(), "until": period.last.isoformat()}
    return f"{place}?{urlencode({**narrowed, **days})}"


def spending(lens: Lens, work: Tile) -> list[Spent]:
    """Work and each kind of spend, then all of it. Nothing where only some conversations are looked at, because spend
    is not theirs alone, and nothing for whoever may not see what is spent."""
    reach = lens.person.access.reach(Permission.STRATEGY_READ, lens.workspace.pk)
    if work.metric.slug != METRIC or lens.asked.narrowed or reach < Reach.WORKSPACE:
        return []
    amounts: dict[str, float] = defaultdict(float)
    for one in spend_rows(lens.workspace, lens.asked.period):
        amounts[one.kind] += part_of(one, lens.asked.period)
    parts = {gettext("Recorded work on answers"): (work.now.value or 0.0, work.url + "#rows")}
    parts |= {
        str(SpendKind(kind).label): (amount, spend_url(lens.place("value_spend"), lens.asked.period, kind=kind))
        for kind, amount in sorted(amounts.items())
    }
    parts[gettext("In all")] = sum(amount for amount, _ in parts.values()), lens.place("value")
    return [
        Spent(name, round(amount, 2), said(work.metric, amount, lens.currency), at)
        for name, (amount, at) in parts.items()
    ]
