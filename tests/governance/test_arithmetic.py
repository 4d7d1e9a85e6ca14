"""Staffing and effects: figures worked by hand, and the limits that must hold whatever comes in."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from choir.governance.estimating import Side, estimate
from choir.governance.staffing import HOURS_OF_WEEK, Terms, in_time, needed, people_by_hour, waits
from choir.measurement.days import Day, Joined

WEEKDAYS = [24 * day + hour for day in range(5) for hour in range(8, 18)]


def test_erlang_c_by_hand() -> None:
    # One person, half busy: who comes waits as often as the person is busy. Two: a²/2 ÷ (1 − a/2) ÷ (1 + a + that).
    assert waits(1, 0.5) == pytest.approx(0.5)
    tail = 0.5 / (1 - 0.5)
    assert waits(2, 1.0) == pytest.approx(tail / (1 + 1 + tail))
    assert in_time(2, 1.0, handle_seconds=600, within_seconds=600) == pytest.approx(1 - math.exp(-1) / 3)


@given(load=st.floats(0.01, 40), share=st.floats(0.5, 0.98), within=st.floats(60, 14_400))
def test_the_fewest_people_are_enough_and_one_fewer_is_not(load: float, share: float, within: float) -> None:
    people = needed(load, handle_seconds=600, within_seconds=within, share=share)
    assert in_time(people, load, handle_seconds=600, within_seconds=within) >= share
    if people > 1:
        assert in_time(people - 1, load, handle_seconds=600, within_seconds=within) < share


def test_what_comes_while_all_are_closed_waits_for_the_next_opening() -> None:
    terms = Terms(handle_seconds=600, within_seconds=1800, share=0.8)
    sunday_night = {HOURS_OF_WEEK - 3: 30.0}
    found = people_by_hour(sunday_night, WEEKDAYS, terms)
    assert found[8] >= 5
    assert sum(found.values()) == found[8]
    assert people_by_hour(sunday_night, [], terms) == {}


def days(chance: np.random.Generator, rate: float, share: float, count: int = 28) -> list[Day]:
    """Days of a share: so many rows each, of which this many are good."""
    rows = chance.poisson(rate, count)
    return [Day((chance.binomial(n, share) / n,), (float(n),)) if n else Day() for n in rows]


def test_an_effect_is_what_changed_here_less_what_changed_elsewhere() -> None:
    chance = np.random.default_rng(2)
    before = Side(days(chance, 30, 0.5), days(chance, 200, 0.6))
    after = Side(days(chance, 30, 0.8), days(chance, 200, 0.7))
    found = estimate(Joined.AVERAGED, before, after)
    assert found is not None
    assert found.low < 0.2 < found.high
    assert found.is_clear
    assert not found.drifted


def test_durations_and_counts_are_compared_as_ratios() -> None:
    def lasting(hours: float) -> list[Day]:
        return [Day((hours * 3600 * 0.9, hours * 3600, hours * 3600 * 1.1), (2.0, 2.0, 2.0)) for _ in range(14)]

    found = estimate(Joined.RANKED, Side(lasting(4), lasting(10)), Side(lasting(2), lasting(10)))
    assert found is not None
    assert found.is_relative
    assert found.effect == pytest.approx(-0.5)
    assert (found.before, found.after) == (4 * 3600, 2 * 3600)


def test_too_little_says_nothing() -> None:
    few = [Day((1.0,), (1.0,)) for _ in range(14)]
    assert estimate(Joined.AVERAGED, Side(few, few), Side(few, few)) is None
    assert estimate(Joined.AVERAGED, Side([], []), Side([], [])) is None
