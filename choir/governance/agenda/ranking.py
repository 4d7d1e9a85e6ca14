"""The order of an agenda, so that it can be argued with: points for what is at stake, for how many customers it touches
and for how long it has been waiting. Each item shows its sum.

At stake is the kind of item (`STAKES`). Customers: none for nobody to 30 for a thousand conversations a week and more,
by their order of magnitude. Waiting: a point a day to 20. Postponed before: five points each time, to ten.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

from choir.governance.agenda.raised import Raised

STAKES: Mapping[str, tuple[str, int]] = {
    "crisis": ("a crisis", 45),
    "refused": ("a decision that could not come into force", 40),
    "without_owner": ("an objective nobody answers for", 35),
    "pilot": ("a pilot that waits for a decision", 33),
    "review": ("a decision to look at again", 32),
    "kpi": ("a KPI off track", 30),
    "sla": ("promises broken", 26),
    "best_fit": ("evidence for another owner", 24),
    "ping_pong": ("customers passed on", 22),
    "approvals": ("answers held up", 20),
    "overlap": ("two departments answering for one thing", 20),
    "spike": ("a spike", 18),
    "action": ("an action overdue", 16),
    "initiative": ("something about to begin", 10),
}
MOST_FOR_CUSTOMERS, MOST_FOR_WAITING, MOST_FOR_POSTPONED = 30, 20, 10
MANY = 1_000
EACH_POSTPONED = 5


def ranked(raised: Raised, *, at: dt.datetime, postponed: int = 0) -> list[tuple[str, int]]:
    """What the points of an item are made of, in words; their sum is its rank."""
    words, stake = STAKES[raised.kind]
    parts = [(words, stake)]
    customers = round(MOST_FOR_CUSTOMERS * min(1.0, math.log10(1 + raised.per_week) / math.log10(1 + MANY)))
    if customers:
        parts.append((f"{raised.per_week:.0f} conversations a week", customers))
    days = max(0, (at - raised.since).days) if raised.since else 0
    if days:
        parts.append((f"{days} days so far" if days > 1 else "since yesterday", min(MOST_FOR_WAITING, days)))
    if postponed:
        parts.append((f"postponed {postponed} times" if postponed > 1 else "postponed once",
                      min(MOST_FOR_POSTPONED, EACH_POSTPONED * postponed)))  # fmt: skip
    return parts
