"""How often each network is read: often while news comes, ever more seldom in silence, never beyond what is left."""

from __future__ import annotations

import datetime as dt

import pytest

from choir.channels.contract import Capability
from choir.channels.models import Channel
from choir.channels.registry import manifests
from choir.flow.fetch import SLOWEST, interval

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
READ = sorted(slug for slug, one in manifests().items() if one.fetch_every_seconds is not None)
STREAMED = [slug for slug in READ if Capability.STREAM in manifests()[slug].capabilities]


def pauses(channel: Channel, *found: int) -> list[int]:
    made = []
    for count in found:
        channel.fetch_interval_seconds = interval(channel, found=count, at=NOON)
        made.append(channel.fetch_interval_seconds)
    return made


@pytest.mark.parametrize("slug", READ)
def test_a_busy_channel_is_read_often_and_a_quiet_one_ever_more_seldom(slug: str) -> None:
    shortest = manifests()[slug].fetch_every_seconds
    assert shortest is not None
    quiet = [shortest * times for times in (2, 4, 8, SLOWEST, SLOWEST)]
    assert pauses(Channel(connector=slug), 1, 0, 0, 0, 0, 0, 5, 1) == [shortest, *quiet, shortest, shortest]


@pytest.mark.parametrize("slug", STREAMED)
def test_a_channel_whose_stream_is_heard_is_read_seldom_and_often_again_when_it_breaks(slug: str) -> None:
    shortest = manifests()[slug].fetch_every_seconds
    assert shortest is not None
    channel = Channel(connector=slug, stream_leased_until=NOON + dt.timedelta(seconds=30))
    assert pauses(channel, 3, 0) == [shortest * SLOWEST] * 2
    channel.stream_leased_until = NOON - dt.timedelta(seconds=1)
    assert pauses(channel, 3) == [shortest]
