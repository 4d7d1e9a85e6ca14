"""Lengths of time in the fewest words."""

import datetime as dt

import pytest
from django.utils import timezone

from choir.web.shell.durations import from_now, in_short
from choir.web.templatetags.choir import clock, initials


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0s"), (-5, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (7860, "2h 11m"), (90_000, "1d 1h")],
)
def test_lengths_name_their_two_largest_units(seconds: float, words: str) -> None:
    assert in_short(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "now"), (-20, "now"), (-300, "5m ago"), (7200, "in 2h"), (-86400 * 3, "3d ago"), (-86400 * 800, "2y ago")],
)
def test_times_are_told_from_now(seconds: float, words: str) -> None:
    assert from_now(seconds) == words


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana Lima", "AL"),
        ("@kofi", "K"),
        ("Ana-Lucía de la Vega", "AV"),
        ("", "?"),
        ("🙂", "🙂"),
        ("(  )", "?"),
        ("ß", "SS"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("minutes", "state", "shown"),
    [
        (-1, "running", "late"),
        (29, "running", "soon"),
        (31, "running", "running"),
        (-1, "paused", "paused"),
        (5, "met", "met"),
    ],
)
def test_a_clock_says_how_it_stands(minutes: int, state: str, shown: str) -> None:
    now = timezone.now()
    assert f'data-state="{shown}"' in clock(now + dt.timedelta(minutes=minutes), state, now)


def test_no_clock_without_a_due_time() -> None:
    assert clock(None) == ""
