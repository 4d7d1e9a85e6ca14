"""What a source raises, and what it looks at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from choir.measurement.question import DAY, Period, Question
from choir.people.models import Workspace

LOOKS_BACK_DAYS = 28


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of evidence: words, and what it opens: a page by name with the values that its address needs."""

    words: str
    page: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """As it stands in an agenda item."""
        return {"words": self.words, "page": self.page, "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class Raised:
    """Something the committee should talk about. `key` names it for good; `per_week` is how many conversations a week
    it touches, `since` how long it has been so; `proposal` is a change, and `because` why it would be right."""

    key: str
    kind: str
    title: str
    question: str
    facts: tuple[Fact, ...]
    proposal: Mapping[str, Any] = field(default_factory=dict)
    because: str = ""
    per_week: float = 0.0
    since: dt.datetime | None = None


@dataclass(frozen=True)
class Looking:
    """For which workspace and when something is looked for. Figures reach to `counted_at`."""

    workspace: Workspace
    at: dt.datetime
    counted_at: dt.datetime

    @cached_property
    def zone(self) -> ZoneInfo:
        """Whose days count."""
        return ZoneInfo(self.workspace.organisation.time_zone)

    @cached_property
    def asked(self) -> Question:
        """Figures of the last four weeks, of all departments: days that have ended, so that the page of a figure still
        says the same when the meeting begins."""
        yesterday = self.counted_at.astimezone(self.zone).date() - DAY
        period = Period.between(yesterday - (LOOKS_BACK_DAYS - 1) * DAY, yesterday, self.zone, self.counted_at)
        return Question(self.workspace.pk, period, None)

    @property
    def since(self) -> dt.datetime:
        """Where the four weeks begin."""
        return self.asked.period.start

    def figure_fact(self, words: str, metric: str, **narrowed: object) -> Fact:
        """A fact that opens the figure behind it."""
        period = self.asked.period
        values = {
            "metric": metric, "since": period.first.isoformat(), "until": period.last.isoformat(),
            **{name: str(value) for name, value in narrowed.items()},
        }  # fmt: skip
        return Fact(words, "metric", values)
