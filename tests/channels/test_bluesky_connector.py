"""What is peculiar to Bluesky: places of records, graphemes, who is addressed. The contract tests hold the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest

from choir.channels.connectors.bluesky import mapping, records
from choir.channels.connectors.bluesky.connector import Connector
from choir.channels.connectors.bluesky.stream import addresses
from choir.channels.contract import Account, Item, Raw, RejectedError, TemporaryError
from tests.contract.network import served

AT = dt.datetime(2026, 11, 20, 12, 0, 0, 654_321, tzinfo=dt.UTC)
US = "did:plc:acme"


def test_the_same_answer_always_has_the_same_place() -> None:
    key = records.record_key("k", attempted_at=AT)
    assert key == records.record_key("k", attempted_at=AT.astimezone(dt.timezone(dt.timedelta(hours=5))))
    assert len(key) == 13
    assert set(key) <= set(records.LETTERS)
    assert key[0] in "234567abcdefghij"  # the first bit of a TID is zero: https://atproto.com/specs/tid


def test_answers_of_one_moment_have_places_of_their_own() -> None:
    assert len({records.record_key(f"k{number}", attempted_at=AT) for number in range(5000)}) == 5000


def test_parts_of_a_thread_stand_in_their_order() -> None:
    places = [records.record_key("k", attempted_at=AT, number=number) for number in range(9)]
    assert places == sorted(places)


@pytest.mark.parametrize(("text", "count"), [("abc", 3), ("👩‍👩‍👧‍👦", 1), ("é", 1), ("🇩🇪🇫🇷", 2), ("", 0)])
def test_texts_are_counted_in_graphemes(text: str, count: int) -> None:
    assert records.length(text) == count


def test_three_hundred_graphemes_of_too_many_bytes_are_refused() -> None:
    records.refuse_long("é" * 300)
    with pytest.raises(RejectedError):
        records.refuse_long("👩‍👩‍👧‍👦" * 300)


@pytest.mark.parametrize(
    "record",
    [
        {"reply": {"parent": {"uri": f"at://{US}/app.bsky.feed.post/1"}}},
        {"embed": {"record": {"uri": f"at://{US}/app.bsky.feed.post/1"}}},
        {"embed": {"record": {"record": {"uri": f"at://{US}/app.bsky.feed.post/1"}}}},
        {"facets": [{"features": [{"did": US}]}]},
    ],
    ids=["answers", "quotes", "quotes with a picture", "names"],
)
def test_who_answers_quotes_or_names_us_addresses_us(record: dict[str, object]) -> None:
    assert addresses(record, US)
    assert not addresses(record, "did:plc:acm")


def streamed(embed: Mapping[str, object]) -> Raw:
    """A post as the stream tells it: without addresses of what it shows."""
    record = {"text": "Look.", "createdAt": "2026-11-20T12:00:00Z", "embed": embed}
    uri = "at://did:plc:ana/app.bsky.feed.post/1"
    return mapping.post_raw({"uri": uri, "cid": "c", "author": {"did": "did:plc:ana"}, "record": record}, why="to-us")


def test_pictures_that_the_stream_only_names_are_found_where_they_are_shown() -> None:
    named: Mapping[str, object] = {"images": [{"alt": "A torn box", "image": {}}, {"alt": "", "image": {}}]}
    quoting = {"record": {"uri": f"at://{US}/app.bsky.feed.post/1"}, "media": named}
    for embed in (named, quoting):
        [item] = mapping.items_of(streamed(embed), us=US)
        assert isinstance(item, Item)
        assert [(one.url, one.alt_text) for one in item.media] == [("", "A torn box"), ("", "")]
    shown = {"images": [{"fullsize": "https://cdn.example/1@jpeg", "alt": "A torn box"}]}
    asked = {"method": "GET", "path": "/xrpc/app.bsky.feed.getPosts"}
    with served([asked | {"answer": {"posts": [{"embed": shown}]}}]) as network:
        connector = Connector(Account(US, "acme", {"address": network.address}, {"access": "t"}))
        assert connector.content_of(streamed(named), 0).url == "https://cdn.example/1@jpeg"
        with pytest.raises(RejectedError):
            connector.content_of(streamed(named), 1)
    with served([asked | {"answer": {"posts": []}}]) as network:
        connector = Connector(Account(US, "acme", {"address": network.address}, {"access": "t"}))
        with pytest.raises(TemporaryError):  # the AppView follows the stream
            connector.content_of(streamed(named), 0)
