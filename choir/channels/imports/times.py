"""Times as exports write them, made zone-aware. Pure."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

TWITTER = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) (\d{2}) (\d\d):(\d\d):(\d\d) ([+-]\d{4}) (\d{4})"
)
MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}
EPOCH = re.compile(r"\d{9,10}(\.\d+)?|\d{12,13}")
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
MILLISECONDS_FROM = 10**11


class UnreadableTimeError(ValueError):
    """A time cannot be read; the text says why."""


@dataclass(slots=True)
class Clockwork:
    """How times without a zone, and dates that can be read two ways, are understood. `zoneless_count` counts the
    former, so that it can be said."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    day_first: bool | None = None
    zoneless_count: int = 0

    def read(self, stated: str) -> dt.datetime:
        """One time, zone-aware. Raises UnreadableTimeError."""
        text = stated.strip()
        if not text:
            raise UnreadableTimeError("it has no time")
        try:
            at = self._read(text)
        except UnreadableTimeError:
            raise
        except (ValueError, OverflowError, OSError):
            at = None
        if at is None:
            raise UnreadableTimeError(f"the time {text[:40]!r} is in no form that can be read")
        if at.tzinfo is None:
            self.zoneless_count += 1
            at = at.replace(tzinfo=self.zone)
        return at.astimezone(dt.UTC)

    def _read(self, text: str) -> dt.datetime | None:
        if match := TWITTER.fullmatch(text):
            month, day, hour, minute, second, zone, year = match.groups()
            offset = dt.timedelta(hours=int(zone[1:3]), minutes=int(zone[3:])) * (-1 if zone[0] == "-" else 1)
            date = (int(year), MONTHS[month], int(day), int(hour), int(minute), int(second))
            return dt.datetime(*date, tzinfo=dt.timezone(offset))
        if EPOCH.fullmatch(text):
            seconds = float(text)
            return dt.datetime.fromtimestamp(seconds / 1000 if seconds >= MILLISECONDS_FROM else seconds, tz=dt.UTC)
        if match := SLASHED.fullmatch(text):
            return self._slashed(match)
        if match := DOTTED.fullmatch(text):
            day, month, year, *clock = match.groups()
            return _local(year, month, day, clock)
        return _iso(text) or _mail(text)

    def _slashed(self, match: re.Match[str]) -> dt.datetime:
        one, other, year, *clock = match.groups()
        day_first = self.day_first
        if int(one) > 12 or int(other) > 12 or one == other:
            day_first = int(one) > 12
        if day_first is None:
            raise UnreadableTimeError(
                f"the date {match.group(0)[:10]} can be read as day/month or month/day; say which with --dates"
            )
        day, month = (one, other) if day_first else (other, one)
        return _local(year, month, day, clock)


def _local(year: str, month: str, day: str, clock: Sequence[str | None]) -> dt.datetime:
    """A wall-clock time; its zone is added by whoever knows it."""
    hour, minute, second = (int(part or 0) for part in clock)
    return dt.datetime(int(year), int(month), int(day), hour, minute, second)  # noqa: DTZ001 -- zone added by the caller


def _iso(text: str) -> dt.datetime | None:
    shortened = re.sub(r" (UTC|GMT|Z)$", "+00:00", text)
    shortened = re.sub(r" ([+-]\d\d:?\d\d)$", r"\1", shortened)
    try:
        return dt.datetime.fromisoformat(shortened)
    except ValueError:
        return None


def _mail(text: str) -> dt.datetime | None:
    try:
        return email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
