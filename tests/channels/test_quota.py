"""What networks allow: written down once for all workers, divided among those who live on it."""

from __future__ import annotations

import datetime as dt

import pytest

from choir.channels import quota
from choir.channels.contract import Allowance, Bucket
from choir.channels.models import Channel, Quota
from tests.places import NOW, place

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(minutes=10)


def noted(*said: Allowance, channel: Channel) -> None:
    for one in said:
        quota.note(channel.pk, one)
    quota.settle(at=NOW)
    channel.refresh_from_db()


def test_what_the_network_says_last_counts() -> None:
    channel = place().channel
    noted(Allowance(100, 41, LATER), Allowance(100, 40, LATER), channel=channel)
    assert Quota.objects.of(channel).get().remaining == 40


def test_a_network_that_says_nothing_is_counted_here_and_fills_up_again() -> None:
    channel = place().channel
    noted(*[Allowance(100, None, LATER, spent=30)] * 3, channel=channel)
    assert Quota.objects.of(channel).get().remaining == 10
    Quota.objects.update(resets_at=NOW - dt.timedelta(seconds=1))
    noted(Allowance(100, None, LATER), channel=channel)
    assert Quota.objects.of(channel).get().remaining == 99


def test_what_is_used_up_holds_all_who_live_on_it() -> None:
    one, other = place().channel, place("south").channel
    for channel in (one, other):
        noted(Allowance(100, 50, LATER, holder="app"), channel=channel)
    noted(Allowance(100, 0, LATER, holder="app"), channel=one)
    other.refresh_from_db()
    assert other.rate_limited_until == LATER


def test_a_used_up_reading_allowance_does_not_hold_answers() -> None:
    channel = place().channel
    noted(Allowance(100, 0, LATER, bucket=Bucket.READ), channel=channel)
    assert channel.rate_limited_until is None
    assert quota.pause_between_turns(channel, requests=1, at=NOW) == LATER - NOW


def test_reading_leaves_answers_their_share_and_others_theirs() -> None:
    one, other = place().channel, place("south").channel
    for channel in (one, other):
        noted(Allowance(100, 80, LATER, holder="app"), channel=channel)
    # 80 left, 20 for answers; two channels with three requests a turn: ten turns each in ten minutes.
    assert quota.pause_between_turns(one, requests=3, at=NOW) == dt.timedelta(minutes=1)
    assert quota.pause_between_turns(one, requests=3, at=LATER) == dt.timedelta(0)
