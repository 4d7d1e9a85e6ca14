"""Working time: how much of it passed between two moments, and when a promised amount of it is used up.

Openings are wall-clock times in the team's zone; what passes between them is real (UTC) time, so a shift over a
change of the clocks is an hour shorter or longer, as it is for the people in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

Stretch = tuple[dt.datetime, dt.datetime]

MIDNIGHT = dt.time(0)
DAY = dt.timedelta(days=1)
HORIZON_DAYS = 3 * 366  # a team that does not open within three years is taken to never open


class NeverOpenError(Exception):
    """The calendar has no opening left in which the promise could run out."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening on a weekday (0 is Monday), local wall-clock time; closing at 00:00 is the end of the day."""

    weekday: int
    opens_at: dt.time
    closes_at: dt.time


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a team works. No openings at all means always open."""

    zone: ZoneInfo
    openings: tuple[Opening, ...] = ()
    holidays: frozenset[dt.date] = frozenset()
    _known: dict[dt.date, Sequence[Stretch]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def stretches(self, day: dt.date) -> Sequence[Stretch]:
        """The open stretches of one local day, in UTC, earliest first, merged where they touch or overlap."""
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._stretches(day)
        return known

    def _stretches(self, day: dt.date) -> Sequence[Stretch]:
        if day in self.holidays:
            return ()
        merged: list[Stretch] = []
        for start, end in sorted(self._stretch(day, one) for one in self.openings if one.weekday == day.weekday()):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            elif end > start:
                merged.append((start, end))
        return merged

    def _stretch(self, day: dt.date, opening: Opening) -> Stretch:
        closing_day = day + DAY if opening.closes_at == MIDNIGHT else day
        opens = dt.datetime.combine(day, opening.opens_at, self.zone)
        # Where the clocks go back, a closing time exists twice; the shift lasts until the second.
        closes = dt.datetime.combine(closing_day, opening.closes_at, self.zone).replace(fold=1)
        if opening.closes_at == MIDNIGHT:
            closes = closes.replace(fold=0)
        return opens.astimezone(dt.UTC), closes.astimezone(dt.UTC)


def spent_seconds(calendar: Calendar, start: dt.datetime, end: dt.datetime) -> int:
    """Whole seconds of working time from `start` to `end` (zone-aware); 0 when `end` is not after `start`."""
    if end <= start:
        return 0
    if not calendar.openings:
        return int((end - start).total_seconds())
    day, last = _local_day(calendar, start), _local_day(calendar, end)
    spent = dt.timedelta()
    while day <= last:
        for opens, closes in calendar.stretches(day):
            overlap = min(closes, end) - max(opens, start)
            spent += max(overlap, dt.timedelta())
        day += DAY
    return int(spent.total_seconds())


def due_at(calendar: Calendar, start: dt.datetime, seconds: float) -> dt.datetime:
    """The moment (UTC) at which `seconds` of working time from `start` are used up. Raises NeverOpenError."""
    left = dt.timedelta(seconds=seconds)
    if not calendar.openings:
        return start.astimezone(dt.UTC) + left
    day = _local_day(calendar, start)
    for _ in range(HORIZON_DAYS):
        for opens, closes in calendar.stretches(day):
            begin = max(opens, start.astimezone(dt.UTC))
            if closes <= begin:
                continue
            if closes - begin >= left:
                return begin + left
            left -= closes - begin
        day += DAY
    raise NeverOpenError("The team's calendar has no working hours left to keep this promise in.")


def is_open(calendar: Calendar, at: dt.datetime) -> bool:
    """Whether the team works at this moment."""
    if not calendar.openings:
        return True
    return any(opens <= at < closes for opens, closes in calendar.stretches(_local_day(calendar, at)))


def _local_day(calendar: Calendar, moment: dt.datetime) -> dt.date:
    return moment.astimezone(calendar.zone).date()
