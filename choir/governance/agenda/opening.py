"""Where a fact leads: the page's address in a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from choir.measurement.question import OUR_DAYS

# The page that a fact opens → its URL name; its values are the address's, or with the metric the query's.
PAGES: Mapping[str, str] = {
    "kpi": "strategy_kpi", "metric": "insights-metric", "evidence": "ownership_evidence", "ownership": "ownership",
    "objective": "ownership_objective", "misrouting": "misrouting", "spike": "listening_spike",
    "approvals": "approvals", "strategy": "strategy", "decision": "committee_decision",
    "meeting": "committee_meeting", "form": "committee_form", "pilot": "ownership_pilot",
}  # fmt: skip


def path_of(fact: Mapping[str, Any], workspace: str) -> str:
    """The address of what a kept fact opens in a workspace (its slug); "" where it opens nothing, or no more."""
    name = PAGES.get(str(fact.get("page")))
    if name is None:
        return ""
    values = {str(key): value for key, value in (fact.get("values") or {}).items()}
    where = {"workspace": workspace}
    asked: dict[str, str] = {}
    if fact.get("page") == "metric":
        where["metric"] = values.pop("metric", "")
        asked, values = {**values, **OUR_DAYS}, {}
    elif "topic" in values:
        asked["topic"] = values.pop("topic")
    query = f"?{urlencode(asked)}" if asked else ""
    try:
        return reverse(name, kwargs={**where, **values}) + query
    except NoReverseMatch:
        return ""
