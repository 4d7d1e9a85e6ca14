"""When each thread began: people write by day and in the evening, colleagues answer in their working hours, stories
happen in their weeks, and whoever waits for an answer has not waited for long."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from choir.demo.company import Company
from choir.demo.content import Thread
from choir.routing.hours import is_open

HISTORY = dt.timedelta(days=90)
TRIES = 60
HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 12, 13, 13, 12, 12, 11, 10, 10, 11, 13, 15, 16, 15, 12, 8, 4)
"""How many people write in each hour of their day, relative to each other."""
WEEKDAYS = (13, 12, 11, 11, 10, 8, 8)
ZONES = {
    "en": "Europe/London", "de": "Europe/Berlin", "fr": "Europe/Paris", "es": "Europe/Madrid", "it": "Europe/Rome",
    "pt": "Europe/Lisbon", "nl": "Europe/Amsterdam", "ar": "Asia/Dubai", "ja": "Asia/Tokyo",
}  # fmt: skip
# What customers meet first: they buy, it is delivered, they use it, it breaks, they have ideas and opinions.
STAGES = ("sales", "delivery", "billing", "app", "site", "bikes", "lamps", "kitchen")
WAITING, WAITED_FOR, SNOOZED = dt.timedelta(hours=52), dt.timedelta(days=8), dt.timedelta(days=12)
"""How old the last turn is at most: where the customer waits for us, where we wait for them, where it is snoozed."""
GROWTH = 2.5
"""How much likelier a day of last week is than one of three months ago: Christmas is coming, the company grows."""
THIS_WEEK = 0.3
"""How likely a settled thread of this week is: what is unfinished is of this week too."""
STILL_FRESH = dt.timedelta(hours=3)
"""What came in so lately is still as routing left it: for whoever looks at the demo to put right."""
SETTLES = dt.timedelta(hours=4)
"""Between the last turn of a settled thread and now there is at least this much, so that it could be settled."""


def beginnings(
    threads: Sequence[Thread], company: Company, *, at: dt.datetime, chance: random.Random
) -> dict[str, dt.datetime]:
    """When each thread began, by its key."""
    began: dict[str, dt.datetime] = {}
    by_customer: dict[str, list[Thread]] = defaultdict(list)
    for thread in threads:
        by_customer[thread.handle].append(thread)
    for story in by_customer.values():
        after = at - HISTORY
        for place, thread in enumerate(sorted(story, key=_order)):
            earliest = after if place else at - HISTORY
            began[thread.key] = _beginning(thread, company, earliest=earliest, at=at, chance=chance)
            after = began[thread.key] + dt.timedelta(minutes=thread.last_minutes, hours=6)
    return began


def _order(thread: Thread) -> tuple[bool, int, str]:
    stage = STAGES.index(thread.topic) if thread.topic in STAGES else len(STAGES)
    return thread.end in ("open", "snoozed"), stage, thread.key


def _beginning(
    thread: Thread, company: Company, *, earliest: dt.datetime, at: dt.datetime, chance: random.Random
) -> dt.datetime:
    """The best of some guesses: most answers within working hours, then likeliest."""
    first, last = _window(thread, company, at=at)
    if earliest < last:
        first = max(first, earliest)
    guesses = [_guess(thread, first, last, at=at, chance=chance) for _ in range(TRIES)]
    fitting = next((guess for guess in guesses if not _penalty(thread, guess, company)), None)
    return fitting or min(guesses, key=lambda guess: _penalty(thread, guess, company))


def _window(thread: Thread, company: Company, *, at: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    length = dt.timedelta(minutes=thread.last_minutes)
    age = _age_at_most(thread, company)
    if age is not None:
        return at - age - length, at - dt.timedelta(minutes=12) - length
    story = company.plan["stories"].get(thread.topic)
    latest = at - SETTLES - length
    if story is None:
        return at - HISTORY, latest
    return at - dt.timedelta(days=story["from"]), min(at - dt.timedelta(days=story["until"]), latest)


def _age_at_most(thread: Thread, company: Company) -> dt.timedelta | None:
    """How long ago the last turn of unfinished work may be."""
    if thread.key in company.plan["fresh"]:
        return STILL_FRESH - dt.timedelta(minutes=10)
    if thread.end == "snoozed":
        return SNOOZED
    if thread.end == "open":
        is_out = thread.turns[-1].who == "agent"
        is_stuck = thread.key in company.plan["waiting"] or thread.key in company.plan["problems"]
        return WAITED_FOR if is_out and not is_stuck else WAITING
    return None


def _guess(
    thread: Thread, first: dt.datetime, last: dt.datetime, *, at: dt.datetime, chance: random.Random
) -> dt.datetime:
    """A moment between the two, likelier on days and at hours when people write."""
    first = min(first, last - dt.timedelta(minutes=1))
    zone = ZoneInfo(ZONES.get(thread.language, "UTC"))
    most = max(HOURS) * max(WEEKDAYS) * GROWTH
    guess = first
    for _ in range(20):
        guess = first + (last - first) * chance.random()
        local = guess.astimezone(zone)
        if chance.random() * most <= HOURS[local.hour] * WEEKDAYS[local.weekday()] * _season(at - guess):
            break
    return guess


def _season(age: dt.timedelta) -> float:
    """How busy the days so long ago were, relative to three months ago."""
    if age < dt.timedelta(days=7):
        return THIS_WEEK
    return GROWTH - (GROWTH - 1) * min(1.0, age / HISTORY)


def _penalty(thread: Thread, began: dt.datetime, company: Company) -> int:
    """How many turns of colleagues would fall outside their working hours."""
    return sum(
        not is_open(
            company.calendars[company.team_for(turn.department, thread.language).pk],
            began + dt.timedelta(minutes=turn.minutes),
        )
        for turn in thread.turns
        if turn.who in ("agent", "note") and turn.department
    )
