"""Working time against an independent reference: walk through real time in steps of five minutes and look at the
wall clock. The reference knows nothing of how `hours` computes."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from choir.routing.hours import Calendar, NeverOpenError, Opening, due_at, is_open, spent_seconds
from tests.thoroughness import EXAMPLES

STEP = dt.timedelta(minutes=5)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo"]
EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def looks_open(calendar: Calendar, moment: dt.datetime) -> bool:
    local = moment.astimezone(calendar.zone)
    if not calendar.openings:
        return True
    return local.date() not in calendar.holidays and any(
        one.weekday == local.weekday()
        and one.opens_at <= local.time()
        and (local.time() < one.closes_at or one.closes_at == dt.time(0))
        for one in calendar.openings
    )


def walked_seconds(calendar: Calendar, start: dt.datetime, end: dt.datetime) -> int:
    walked = 0
    while start < end:
        walked += looks_open(calendar, start) * int(STEP.total_seconds())
        start += STEP
    return walked


# Nobody opens or closes in the night hour that clocks repeat or skip, but shifts may span it.
hours = st.sampled_from([0, 4, 6, 8, 9, 12, 13, 17, 18, 20, 22])
minutes = st.sampled_from([0, 5, 30, 45])


@st.composite
def openings(draw: st.DrawFn) -> Opening:
    opens = dt.time(draw(hours), 0)
    closes = draw(st.one_of(st.just(dt.time(0)), st.builds(dt.time, hours, minutes)))
    if closes != dt.time(0) and closes <= opens:
        closes = dt.time(0)
    return Opening(draw(st.integers(0, 6)), opens, closes)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    holidays = st.frozensets(st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)), max_size=5)
    return Calendar(
        ZoneInfo(draw(st.sampled_from(ZONES))), tuple(draw(st.lists(openings(), max_size=8))), draw(holidays)
    )


steps = st.integers(0, 300 * 288)  # any five minutes of the year's first 300 days


@settings(max_examples=EXAMPLES, deadline=None)
@given(calendars(), steps, st.integers(0, 10 * 288))
def test_time_spent_equals_a_walk_through_time(calendar: Calendar, first: int, length: int) -> None:
    start = EPOCH + first * STEP
    end = start + length * STEP
    assert spent_seconds(calendar, start, end) == walked_seconds(calendar, start, end)


@settings(max_examples=EXAMPLES, deadline=None)
@given(calendars(), steps, st.integers(1, 40 * 12))
def test_what_is_due_has_spent_exactly_what_was_promised(calendar: Calendar, first: int, length: int) -> None:
    start, promised = EPOCH + first * STEP, length * int(STEP.total_seconds())
    a_week = spent_seconds(calendar, start, start + dt.timedelta(days=7))
    assume(a_week * 100 >= promised)  # otherwise it is years away, and refused
    due = due_at(calendar, start, promised)
    assert spent_seconds(calendar, start, due) == promised
    assert spent_seconds(calendar, start, due - dt.timedelta(seconds=1)) == promised - 1


@settings(max_examples=EXAMPLES, deadline=None)
@given(calendars(), steps, st.integers(0, 2000), st.integers(0, 2000))
def test_time_adds_up(calendar: Calendar, first: int, one: int, two: int) -> None:
    start = EPOCH + first * STEP
    middle, end = start + one * STEP, start + (one + two) * STEP
    whole = spent_seconds(calendar, start, end)
    assert whole == spent_seconds(calendar, start, middle) + spent_seconds(calendar, middle, end)


@settings(max_examples=EXAMPLES, deadline=None)
@given(calendars(), steps)
def test_open_agrees_with_the_wall_clock(calendar: Calendar, first: int) -> None:
    moment = EPOCH + first * STEP
    assert is_open(calendar, moment) == looks_open(calendar, moment)


def test_a_night_shift_over_the_change_of_clocks_is_an_hour_longer() -> None:
    berlin = Calendar(ZoneInfo("Europe/Berlin"), (Opening(6, dt.time(0), dt.time(8)),))
    sunday = dt.datetime(2026, 10, 25, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert spent_seconds(berlin, sunday, sunday + dt.timedelta(days=1)) == 9 * 3600


def test_a_team_that_never_opens_says_so() -> None:
    closed = Calendar(ZoneInfo("UTC"), (Opening(0, dt.time(9), dt.time(9)),))
    with pytest.raises(NeverOpenError, match="no working hours left"):
        due_at(closed, EPOCH, 60)
