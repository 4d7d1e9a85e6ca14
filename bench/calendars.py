"""SLA clocks on 100,000 random calendars, against a reference of a few lines that walks through time and looks at the
wall clock: random zones, openings, holidays and stretches of up to four days, the changes of the clocks among them."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any
from zoneinfo import ZoneInfo

from bench.figures import say
from choir.routing.hours import Calendar, NeverOpenError, Opening, due_at, spent_seconds
from tests.routing.test_hours import EPOCH, STEP, ZONES, walked_seconds

CALENDARS = 100_000
HOURS = (0, 4, 6, 8, 9, 12, 13, 17, 18, 20, 22)  # none that clocks repeat or skip, but shifts may span those
LONGEST, YEAR = 4 * 288, 300 * 288  # steps of five minutes


def measure(_sizes: list[int]) -> dict[str, Any]:
    """How many of the calendars differ from the walk, in time spent or in when what was promised is due."""
    chance = random.Random(20261122)
    differ = never = 0
    for _ in range(CALENDARS):
        calendar = a_calendar(chance)
        start = EPOCH + chance.randrange(YEAR) * STEP
        end = start + chance.randrange(LONGEST) * STEP
        spent = spent_seconds(calendar, start, end)
        is_wrong = spent != walked_seconds(calendar, start, end)
        promised = chance.randint(1, 8 * 3600)
        try:
            due = due_at(calendar, start, promised)
        except NeverOpenError:
            never += 1
        else:
            is_wrong |= spent_seconds(calendar, start, due) != promised
            is_wrong |= spent_seconds(calendar, start, due - dt.timedelta(seconds=1)) != promised - 1
        differ += is_wrong
    say("random calendars whose clocks differ from the reference", f"{differ} of {CALENDARS:,}", f"{never} never open")
    return {"calendars": CALENDARS, "differ": differ, "never open": never}


def a_calendar(chance: random.Random) -> Calendar:
    """Up to seven openings a week, some past midnight's edge, and up to five holidays."""
    openings = []
    for _ in range(chance.randrange(8)):
        opens, closes = dt.time(chance.choice(HOURS)), dt.time(chance.choice(HOURS), chance.choice((0, 5, 30, 45)))
        openings.append(Opening(chance.randrange(7), opens, closes if closes > opens else dt.time(0)))
    days = range(chance.randrange(6))
    holidays = frozenset(dt.date(2026, 1, 1) + dt.timedelta(days=chance.randrange(365)) for _ in days)
    return Calendar(ZoneInfo(chance.choice(ZONES)), tuple(openings), holidays)
