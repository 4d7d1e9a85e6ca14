"""Ranges and what matters most, against figures worked by hand."""

import math

import pytest

from choir.value.assuming import Key, Range
from choir.value.estimate import Spread, Term, likely, spread, tornado

CAUSED, MARGIN, HOUR = Key("caused"), Key("margin"), Key("hour_cost")


def test_what_is_sure_has_no_range() -> None:
    """1,000 of orders × 40 % × 50 % = 200; less 50 of work."""
    known = {CAUSED: Range(0.5, 0.5, 0.5), MARGIN: Range(0.4, 0.4, 0.4)}
    terms = [Term(1000, (MARGIN, CAUSED)), Term(50, is_cost=True)]
    found = spread(terms, known)
    assert (found.low, found.middle, found.high) == pytest.approx((150, 150, 150))
    assert tornado(terms, known) == []


def test_the_range_of_one_assumption_is_that_of_its_triangle() -> None:
    """A triangle from 0 over 3 to 6: a tenth lies below √(0.1 · 6 · 3) = 1.342, half below 3, a tenth above 4.658."""
    found = spread([Term(100, (CAUSED,))], {CAUSED: Range(0, 3, 6)})
    edge = 100 * math.sqrt(1.8)
    assert (found.low, found.middle, found.high) == pytest.approx((edge, 300, 600 - edge), rel=0.02)


def test_a_skewed_triangle() -> None:
    """From 0, most likely 0, to 10: below 10 · (1 − √(1 − q)) lies the share q: 0.513, 2.929, 6.838."""
    found = spread([Term(1, (CAUSED,))], {CAUSED: Range(0, 0, 10)})
    assert (found.low, found.middle, found.high) == pytest.approx((0.513, 2.929, 6.838), rel=0.03)


def test_parts_that_share_an_assumption_are_unsure_together() -> None:
    """Twice the same share of 100 is the share of 200, no narrower; what is brought and spent alike cancels out."""
    known = {CAUSED: Range(0, 3, 6)}
    once, twice = spread([Term(200, (CAUSED,))], known), spread([Term(100, (CAUSED,))] * 2, known)
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high))
    nothing = spread([Term(100, (CAUSED,)), Term(100, (CAUSED,), is_cost=True)], known)
    assert (nothing.low, nothing.high) == pytest.approx((0, 0))


def test_what_nobody_has_said_is_not_claimed_and_costs_nothing() -> None:
    terms = [Term(100, (CAUSED,)), Term(10, (HOUR,), is_cost=True)]
    assert spread(terms, {}) == Spread(0, 0, 0)
    assert terms[0].missing({}) == [CAUSED]
    assert likely(terms, {HOUR: Range(2, 2, 2)}) == -20


def test_the_tornado_moves_one_assumption_at_a_time_and_puts_the_widest_first() -> None:
    """1,000 × margin × caused − 10 hours × cost. At its low caused gives 1,000 × 0.4 × 0.1 − 200 = −160, at its high
    1,000 × 0.4 × 0.5 − 200 = 0; an hour at 15 gives 120 − 150 = −30, at 25: −130."""
    known = {CAUSED: Range(0.1, 0.3, 0.5), MARGIN: Range(0.4, 0.4, 0.4), HOUR: Range(15, 20, 25)}
    terms = [Term(1000, (MARGIN, CAUSED)), Term(10, (HOUR,), is_cost=True)]
    first, second = tornado(terms, known)
    assert (first.key, second.key) == (CAUSED, HOUR)
    assert (first.at_low, first.at_high) == pytest.approx((-160, 0))
    assert (second.at_low, second.at_high) == pytest.approx((-30, -130))


def test_a_factor_used_where_it_is_known() -> None:
    terms = [Term(10, is_cost=True, if_known=(HOUR,))]
    assert likely(terms, {}) == -10
    assert likely(terms, {HOUR: Range(2, 2, 2)}) == -20
