"""Where a figure will end: held to invented histories whose end is known."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from choir.measurement.days import POINTS, Day, Joined
from choir.strategy.forecast import Forecast, forecast

TODAY = dt.date(2026, 3, 4)
START, END = TODAY - dt.timedelta(days=30), TODAY + dt.timedelta(days=30)


def history(day_of: "dict[int, Day] | Day", days: int = 56) -> dict[dt.date, Day]:
    """Days up to and with today; a dict gives one for each weekday."""
    dates = [TODAY - dt.timedelta(days=number) for number in range(days, -1, -1)]
    return {date: day_of if isinstance(day_of, Day) else day_of[date.weekday()] for date in dates}


def ahead(how: Joined, known: dict[dt.date, Day], **changed: object) -> Forecast | None:
    asked = {"starts_on": START, "today": TODAY, "ends_on": END} | changed
    return forecast(how, known, **asked)  # type: ignore[arg-type]


def test_a_level_week_goes_on_as_it_was_with_its_weekdays() -> None:
    weekend = Day((1.0,), (2.0,))
    known = history({number: Day((1.0,), (10.0,)) if number < 5 else weekend for number in range(7)})
    found = ahead(Joined.ADDED, known)
    days = [START + dt.timedelta(days=number) for number in range(61)]
    certain = sum(10 if day.weekday() < 5 else 2 for day in days)
    assert found is not None
    assert found.low == found.middle == found.high == certain
    assert found.chance(lambda value: value >= certain) == 1
    assert found.chance(lambda value: value > certain) == 0


def test_shares_are_weighed_by_their_rows() -> None:
    known = history({number: Day((1.0,), (30.0,)) if number else Day((0.0,), (70.0,)) for number in range(7)})
    found = ahead(
        Joined.AVERAGED, known, starts_on=TODAY - dt.timedelta(days=27), ends_on=TODAY + dt.timedelta(days=28)
    )
    assert found is not None
    assert found.middle == pytest.approx(180 / 250, abs=0.02)


def test_a_median_is_one_of_the_values() -> None:
    known = history(Day(tuple(float(60 * number) for number in range(POINTS)), (3.0,) * POINTS))
    found = ahead(Joined.RANKED, known)
    assert found is not None
    assert found.low == found.high == 60 * (POINTS // 2 - 1)


def test_what_stands_goes_on_from_where_it_stands() -> None:
    dates = sorted(history(Day()))
    known = {date: Day((float(10 + number),), (1.0,)) for number, date in enumerate(dates)}
    found = ahead(Joined.LAST, known)
    assert found is not None
    now = known[TODAY].values[0]
    assert found.low <= now + 30 <= found.high + 1e-9
    assert found.high - found.low < 10


def test_before_two_weeks_or_twenty_rows_nothing_is_said() -> None:
    assert ahead(Joined.ADDED, history(Day((1.0,), (50.0,)), days=10)) is None
    assert ahead(Joined.ADDED, history(Day((1.0,), (0.2,)))) is None


def test_a_period_to_come_is_foreseen_from_nothing_but_the_weeks_before() -> None:
    found = ahead(
        Joined.ADDED, history(Day((1.0,), (5.0,))),
        starts_on=TODAY + dt.timedelta(days=5), ends_on=TODAY + dt.timedelta(days=14),
    )  # fmt: skip
    assert found is not None
    assert found.middle == 50


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_it_is_the_same_each_time_and_its_order_holds(seed: int) -> None:
    chance = np.random.default_rng(seed)
    known = {date: Day((1.0,), (float(chance.poisson(6)),)) for date in history(Day())}
    first, again = ahead(Joined.ADDED, known), ahead(Joined.ADDED, known)
    assert first is not None
    assert again is not None
    assert (first.low, first.middle, first.high) == (again.low, again.middle, again.high)
    assert sum(day.n for date, day in known.items() if date >= START) <= first.low <= first.middle <= first.high
