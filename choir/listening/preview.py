"""What a query would have found, before it is saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from choir.listening.language.tree import Node
from choir.listening.models import Wording
from choir.listening.stream import Asked, by_day, in_order
from choir.people.models import Workspace

DAYS = 28
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """The mentions of the last DAYS days that a tree finds: how many, how many each day, the newest, copies folded."""

    count: int
    days: Mapping[dt.date, int]
    examples: list[Wording]

    @property
    def per_day(self) -> float:
        """How many a day has."""
        return self.count / DAYS

    @property
    def busiest(self) -> tuple[dt.date, int] | None:
        """The day with most, and how many; None of nothing."""
        return max(self.days.items(), key=lambda one: one[1], default=None)


def preview(workspace: Workspace, tree: Node, *, zone: ZoneInfo, at: dt.datetime) -> Preview:
    """Search the past for a tree: two queries."""
    asked = Asked(workspace.pk, at - dt.timedelta(days=DAYS), at, tree=tree)
    days = by_day(asked, zone)
    return Preview(sum(days.values()), days, list(in_order(asked)[:EXAMPLES]))
