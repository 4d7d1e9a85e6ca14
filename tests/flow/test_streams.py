"""Listening to streams: one worker at a time, every page with its place, endings in words."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from django.utils import timezone

from choir.channels.contract import Page, Raw, SignInExpiredError, TemporaryError, Wanted
from choir.channels.models import Arrival, Channel
from choir.flow import streams as listening
from choir.flow.streams import claimed, listen
from choir.listening.wanting import Wanting
from tests.places import place

pytestmark = pytest.mark.django_db


class Stream:
    """Tells three things, then ends as it was told to."""

    def __init__(self, ending: Exception | None = None) -> None:
        self.ending, self.began_at, self.closed = ending, [], False  # type: ignore[var-annotated]

    def listen(self, cursor: str, *, wanted: Wanted) -> Iterator[Page]:
        self.began_at.append(cursor)
        try:
            for number in range(int(cursor or 0) + 1, int(cursor or 0) + 4):
                yield Page((Raw(f"k{number}", b"{}"),), cursor=str(number), has_more=False)
            if self.ending:
                raise self.ending
        finally:
            self.closed = True


@pytest.fixture
def channel() -> Channel:
    return place(connector="bluesky", network="Bluesky").channel


def run(channel: Channel, stream: Stream, monkeypatch: pytest.MonkeyPatch, *, is_over: bool = False) -> Channel:
    monkeypatch.setattr(listening, "connect", lambda channel: stream)
    over = threading.Event()
    if is_over:
        over.set()
    for one in claimed(at=timezone.now()):
        listen(one, wanted=Wanting(one), over=over)
    channel.refresh_from_db()
    return channel


def test_what_is_told_is_stored_with_its_place(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(TemporaryError("The line broke."))
    channel = run(channel, stream, monkeypatch)
    assert channel.stream_cursor == "3"
    assert set(Arrival.objects.values_list("key", "source")) == {(f"k{one}", "stream") for one in (1, 2, 3)}
    Channel.objects.update(stream_due_at=None)
    assert run(channel, stream, monkeypatch).stream_cursor == "6"
    assert stream.began_at == ["", "3"]


def test_a_channel_is_listened_to_by_one_worker_until_its_lease_runs_out(channel: Channel) -> None:
    now = timezone.now()
    assert claimed(at=now) == [channel]
    assert claimed(at=now) == []
    assert claimed(at=now + listening.LEASE + dt.timedelta(seconds=1)) == [channel]


def test_a_worker_that_stops_hangs_up_and_gives_the_channel_back(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Stream()
    channel = run(channel, stream, monkeypatch, is_over=True)
    assert stream.closed
    assert (channel.stream_cursor, channel.stream_leased_until) == ("1", None)


def test_a_stream_that_needs_a_person_is_not_tried_again_at_once(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = run(channel, Stream(SignInExpiredError("Sign in.")), monkeypatch)
    assert channel.stream_due_at is not None
    assert channel.stream_due_at > timezone.now() + dt.timedelta(hours=1)
    assert claimed(at=timezone.now()) == []
