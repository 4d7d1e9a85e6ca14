"""Channels that are due are read; what goes wrong stands on the channel in words."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from choir.channels.models import Arrival, Channel, ChannelState
from choir.events.models import Event
from choir.flow.fetch import fetch
from choir.sandbox.actions import join_as_customer, say
from choir.sandbox.faults import Fault, misbehave
from choir.sandbox.models import Account
from tests.places import NOW, Place, on_the_sandbox, place

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def north(live_server: LiveServer) -> Place:
    one = place()
    company = on_the_sandbox(one, address=live_server.url)
    one.channel.fetch_due_at = NOW
    one.channel.save()
    customer = join_as_customer(place=company.place, handle="ana")
    for number in range(3):
        say(author=customer, company=company, text=f"post {number}", at=NOW)
    return one


def company(one: Place) -> Account:
    return Account.objects.get(handle=one.channel.handle)


def again(one: Place) -> Channel:
    Channel.objects.update(fetch_due_at=NOW)
    fetch(at=NOW)
    return Channel.objects.get(pk=one.channel.pk)


def test_what_is_new_is_stored_with_its_cursor(north: Place) -> None:
    assert fetch(at=NOW) == 1
    channel = Channel.objects.get()
    assert (channel.cursor, Arrival.objects.count(), channel.fetch_interval_seconds) == ("3", 3, 30)
    assert fetch(at=NOW) == 0
    assert again(north).cursor == "3"
    assert Arrival.objects.count() == 3


def test_a_silent_channel_is_read_ever_more_seldom(north: Place) -> None:
    intervals = [again(north).fetch_interval_seconds for _ in range(7)]
    assert intervals == [30, 60, 120, 240, 300, 300, 300]


def test_a_failure_stands_on_the_channel_and_pauses_grow(north: Place) -> None:
    misbehave(company(north), on="stream", do=Fault.FAILURE, times=2)
    first, before = again(north), timezone.now()
    assert "failed (500)" in first.failure
    second = again(north)
    assert second.failures_count == 2
    assert second.fetch_due_at is not None
    assert second.fetch_due_at > before + dt.timedelta(seconds=100)
    healed = again(north)
    assert (healed.failure, healed.failures_count, healed.cursor) == ("", 0, "3")


def test_the_network_says_how_long_to_wait(north: Place) -> None:
    misbehave(company(north), on="stream", do=Fault.TOO_MANY)
    channel = again(north)
    assert channel.rate_limited_until == channel.fetch_due_at
    assert "asks us to wait" in channel.failure


def test_an_expired_sign_in_stops_the_channel_and_says_what_to_do(north: Place) -> None:
    misbehave(company(north), on="stream", do=Fault.UNAUTHORIZED)
    channel = again(north)
    assert channel.state == ChannelState.SIGN_IN_NEEDED
    assert "Connect the channel again" in channel.state_because
    assert Event.objects.filter(verb="channel.sign_in_expired").count() == 1
    Channel.objects.update(fetch_due_at=NOW)
    assert fetch(at=NOW) == 0


def test_a_secret_that_cannot_be_opened_is_a_sign_in_to_renew(north: Place) -> None:
    Channel.objects.update(secret=b"sealed with a key that is gone")
    assert again(north).state == ChannelState.SIGN_IN_NEEDED
