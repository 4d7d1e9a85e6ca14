"""What the value pages look at: a period, and the account of it kept for as long as its figures hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext_lazy as _

from choir.measurement.question import Period
from choir.people.policy import Permission, Reach
from choir.value.assuming import Key
from choir.value.worth import Value, value_of
from choir.web.access import WorkspaceRequest
from choir.web.insights.lens import zone_of
from choir.web.value.wording import currency_of, key_words

PERIODS = {"28": _("Last 28 days"), "90": _("Last 90 days"), "365": _("Last 365 days"), "quarter": _("This quarter")}
USUAL = "90"


@dataclass(frozen=True)
class Look:
    """One person's look at one period."""

    request: WorkspaceRequest
    chosen: str
    period: Period

    @cached_property
    def value(self) -> Value:
        """All accounts of the period."""
        return value_of(self.request.workspace, self.period)

    @property
    def currency(self) -> str:
        """What amounts are in."""
        return currency_of(self.request.workspace)

    @property
    def words(self) -> str:
        """The period as it is read."""
        return f"{format_date(self.period.first, 'j M Y')} – {format_date(self.period.last, 'j M Y')}"

    def url(self, name: str, kwargs: Mapping[str, Any] | None = None, /, **asked: object) -> str:
        """The address of a page of value, of the same period."""
        query = {key: str(one) for key, one in asked.items() if one not in ("", None)}
        if not self.chosen:
            query |= {"since": self.period.first.isoformat(), "until": self.period.last.isoformat()}
        elif self.chosen != USUAL:
            query["period"] = self.chosen
        path = reverse(name, kwargs={"workspace": self.request.workspace.slug, **(kwargs or {})})
        return f"{path}?{urlencode(query)}" if query else path

    @cached_property
    def names(self) -> dict[Any, str]:
        """What the goals and kinds are called that assumptions are said of."""
        goals = {one.goal.pk: one.goal.name for one in self.value.accounts if one.goal is not None}
        return {**goals, **{pk: one.name for pk, one in self.value.kinds.items()}}

    def words_of(self, key: Key) -> str:
        """An assumption in words."""
        return key_words(key, self.names)

    def assumption_url(self, key: Key) -> str:
        """Where it is said."""
        return self.url("value_assumption", {"name": key.name}, of=key.of)

    @cached_property
    def may_change(self) -> bool:
        """Whether the person may say what is assumed and spent."""
        reach = self.request.person.access.reach(Permission.STRATEGY_CHANGE, self.request.workspace.pk)
        return reach is Reach.WORKSPACE


def look(request: WorkspaceRequest) -> Look:
    """The period that the address asks for; what is not understood is the usual one."""
    at, zone = timezone.now(), zone_of(request.person)
    days = _days(request)
    if days is not None:
        return Look(request, "", Period.between(*days, zone, at))
    chosen = request.GET.get("period", USUAL)
    if chosen not in PERIODS:
        chosen = USUAL
    if chosen == "quarter":
        today = at.astimezone(zone).date()
        first = dt.date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
        return Look(request, chosen, Period.between(first, today, zone, at))
    return Look(request, chosen, Period.days_to(at, zone, int(chosen)))


def _days(request: WorkspaceRequest) -> tuple[dt.date, dt.date] | None:
    """Two days that the address names (`since`, `until`), where both are there and in order."""
    try:
        since, until = (dt.date.fromisoformat(request.GET.get(name, "")) for name in ("since", "until"))
    except ValueError:
        return None
    return (since, until) if since <= until else None


def frame(shown: Look, tab: str, **context: Any) -> dict[str, Any]:
    """The context of a page of value."""
    request, reach = shown.request, shown.request.person.access.reach
    return {
        "section": "strategy",
        "tab": tab,
        "look": shown,
        "periods": [(key, word, key == shown.chosen) for key, word in PERIODS.items()],
        "may_change": shown.may_change,
        "may_link": reach(Permission.LINK_MAKE, request.workspace.pk) is Reach.WORKSPACE,
        "may_bring": reach(Permission.CONVERSION_BRING, request.workspace.pk) is Reach.WORKSPACE,
        "reads_value": reach(Permission.STRATEGY_READ, request.workspace.pk) is Reach.WORKSPACE,
        **context,
    }
