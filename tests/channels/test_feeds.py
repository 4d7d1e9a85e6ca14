"""Feeds as they are in the wild: many dialects, badly made, mirrored, edited, unchanged most of the time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from choir.channels.connectors.feeds.connector import Connector
from choir.channels.contract import Account, Item, RejectedError, SignInExpiredError, TemporaryError
from tests.serving import Answer, Site, site

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Shop news</title>
<link>https://shop.example/</link><language>de</language>{entries}</channel></rss>"""


def entry(number: int, words: str = "", more: str = "") -> str:
    return (
        f"<item><guid>https://shop.example/?p={number}</guid><link>https://shop.example/{number}?utm_source=rss</link>"
        f"<title>Entry {number}</title><description><![CDATA[<p>{words or f'Words of {number}'}</p>]]></description>"
        f"<pubDate>Fri, 20 Nov 2026 1{number}:00:00 +0100</pubDate>{more}</item>"
    )


def rss(*entries: str, encoding: str = "utf-8") -> bytes:
    return RSS.format(encoding=encoding, entries="".join(entries)).encode(encoding)


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as one:
        yield one


def feeds(served: Site, *paths: str, **settings: object) -> Connector:
    first, *mirrors = [served.address + path for path in paths or ("/feed",)]
    stated = {"address": first, "mirrors": "\n".join(mirrors), "allows_private": True} | settings
    return Connector(Account("feed", "shop.example", stated, {"password": "s3cret"}))


def heard(connector: Connector, cursor: str = "") -> tuple[list[Item], str]:
    page = connector.fetch(cursor, limit=100)
    return [item for raw in page.raws for item in connector.items(raw)], page.cursor


def test_an_unchanged_feed_is_not_sent_again(served: Site) -> None:
    served.put("/feed", rss(entry(1)), "application/rss+xml", etag='"1"')
    items, cursor = heard(feeds(served))
    assert [item.text for item in items] == ["Entry 1\n\nWords of 1"]
    assert heard(feeds(served), cursor) == ([], cursor)
    assert served.asked[-1][1]["if-none-match"] == '"1"'


def test_what_is_new_is_heard_once_oldest_first_in_utc(served: Site) -> None:
    served.put("/feed", rss(entry(2), entry(1)), "application/rss+xml")
    items, cursor = heard(feeds(served))
    assert [item.external_id for item in items] == ["shop.example?p=1", "shop.example?p=2"]
    assert [item.posted_at.hour for item in items] == [10, 11]
    served.put("/feed", rss(entry(3), entry(2), entry(1)), "application/rss+xml")
    assert [item.external_id for item in heard(feeds(served), cursor)[0]] == ["shop.example?p=3"]


def test_an_edit_is_heard_under_the_same_id_and_a_change_of_markup_is_none(served: Site) -> None:
    served.put("/feed", rss(entry(1)))
    _, cursor = heard(feeds(served))
    served.put("/feed", rss(entry(1, "<em>Words</em> of 1<img src='counter.gif'>")))
    assert heard(feeds(served), cursor)[0] == []
    served.put("/feed", rss(entry(1, "Other words")))
    (item,) = heard(feeds(served), cursor)[0]
    assert (item.external_id, item.text) == ("shop.example?p=1", "Entry 1\n\nOther words")


def test_what_mirrors_carry_is_heard_once(served: Site) -> None:
    served.put("/feed", rss(entry(1)))
    proxied = entry(1).replace("https://shop.example/?p=1", "proxy-77").replace("utm_source=rss", "utm_medium=x")
    served.put("/mirror", rss(entry(2), proxied))
    items, cursor = heard(feeds(served, "/feed", "/mirror"))
    assert [item.external_id for item in items] == ["shop.example?p=1", "shop.example?p=2"]
    assert heard(feeds(served, "/feed", "/mirror"), cursor)[0] == []


def test_one_mirror_that_fails_keeps_none_of_the_others(served: Site) -> None:
    served.put("/mirror", rss(entry(1)))
    assert len(heard(feeds(served, "/gone", "/mirror"))[0]) == 1
    with pytest.raises(RejectedError, match="no feed any more"):
        heard(feeds(served, "/gone"))


def test_a_page_that_names_its_feed_will_do(served: Site) -> None:
    served.put("/", '<!DOCTYPE html><link rel="alternate" type="application/rss+xml" href="/feed">', "text/html")
    served.put("/feed", rss(entry(1)))
    items, cursor = heard(feeds(served, "/"))
    assert len(items) == 1
    heard(feeds(served, "/"), cursor)
    assert [path for path, _ in served.asked] == ["/", "/feed", "/feed"]
    served.put("/", "<html>nothing", "text/html")
    with pytest.raises(RejectedError, match="names no feed"):
        heard(feeds(served, "/"))


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (rss(entry(1, "café &amp; crème"), encoding="iso-8859-1"), "Entry 1\n\ncafé & crème"),
        (rss(entry(1)).replace(b"</channel></rss>", b""), "Entry 1\n\nWords of 1"),
        (rss(entry(1)).replace(b"<title>Entry 1", b"<title>Fish & chips"), "Fish & chips\n\nWords of 1"),
        (b"\n\n  " + rss(entry(1)), "Entry 1\n\nWords of 1"),
        (
            b'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>tag:x,2026:1</id><title>A</title>'
            b'<author><name>Ann</name></author><content type="html">&lt;script&gt;alert(1)&lt;/script&gt;b</content>'
            b"<updated>2026-11-20T10:00:00Z</updated></entry></feed>",
            "A\n\nb",
        ),
        (
            b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "bbb">]><rss version="2.0"><channel>'
            b"<title>T</title><link>https://x.example</link><item><title>x&a;y</title></item></channel></rss>",
            "x&a;y",
        ),
    ],
)
def test_badly_made_feeds_are_read_as_far_as_they_can_be(served: Site, document: bytes, text: str) -> None:
    served.put("/feed", document, "text/plain")
    (item,) = heard(feeds(served))[0]
    assert item.text == text


def test_entities_that_would_grow_a_million_times_are_left_as_they_stand(served: Site) -> None:
    grown = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE rss [<!ENTITY a0 "ha">{grown}]><rss '.encode()
    served.put("/feed", rss(entry(1, "&a9;")).replace(b"<rss ", bomb).replace(b"<title>Entry", b"<title>&a9;"))
    (item,) = heard(feeds(served))[0]
    assert item.text.startswith("&a9;")
    assert len(item.text) < 100


def test_words_that_are_nested_deeper_than_a_parser_goes_are_not_lost(served: Site) -> None:
    served.put("/feed", rss(entry(1, "<b>" * 3000 + "deep<script>no</script>")))
    (item,) = heard(feeds(served))[0]
    assert item.text == "Entry 1\n\ndeep"


def test_pictures_stars_and_answers_come_with_their_entry(served: Site) -> None:
    more = (
        '<media:content url="https://cdn.example/1.jpg" type="image/jpeg"><media:description>A torn box'
        '</media:description></media:content><im:rating xmlns:im="http://itunes.apple.com/rss">2</im:rating>'
        '<thr:in-reply-to xmlns:thr="http://purl.org/syndication/thread/1.0" ref="https://shop.example/?p=9"/>'
    )
    served.put("/feed", rss(entry(1, more=more)))
    (item,) = heard(feeds(served))[0]
    assert [(one.url, one.kind, one.alt_text) for one in item.media] == [
        ("https://cdn.example/1.jpg", "image", "A torn box")
    ]
    assert (item.kind, item.stars, item.parent_id, item.language_hint) == ("review", 2, "shop.example?p=9", "de")


def test_what_is_no_feed_is_said(served: Site) -> None:
    for nonsense in ("just words", '{"a": 1}', '{"items": 7}', ""):
        served.put("/feed", nonsense)
        with pytest.raises(TemporaryError, match="no feed"):
            heard(feeds(served))


def test_a_password_is_sent_to_the_feed_alone(served: Site) -> None:
    served.answers["/feed"] = Answer(status=401)
    served.put("/mirror", rss(entry(1)))
    heard(feeds(served, "/feed", "/mirror", username="u"))
    assert served.asked[0][1]["authorization"].startswith("Basic ")
    with pytest.raises(SignInExpiredError):
        heard(feeds(served, username="u"))


def test_private_addresses_need_leave(served: Site) -> None:
    with pytest.raises(RejectedError, match="private network"):
        heard(feeds(served, allows_private=False))
