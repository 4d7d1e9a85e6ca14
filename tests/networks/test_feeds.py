"""Feeds from nginx: published, stopped, mirrored, locked, moved, broken; read by workers that die."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from choir.channels import registry
from choir.channels.contract import SignsIn
from choir.channels.models import ChannelState
from choir.inbox.models import Conversation, State
from tests.cast import Cast, cast
from tests.faults.harness import ROOT, database_url, kill, line_of, wait_until_dead
from tests.networks.conftest import Measured
from tests.networks.installed import installed
from tests.networks.steps import come_in, fetch_now, heard, said_to_us
from tests.networks.test_conversing import KILLS, LATE, OUTAGE_SECONDS
from tests.networks.web_server import WebServer, web_server

pytestmark = [
    pytest.mark.xdist_group("feeds"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(900, func_only=True),
]


@pytest.fixture(scope="module")
def publisher() -> Iterator[WebServer]:
    installed("feeds")
    with web_server() as one:
        yield one


@pytest.fixture
def company() -> Cast:
    return cast(connector="feeds")


def rss(*numbers: int, words: str = "Words of") -> str:
    """A forum's feed, newest first."""
    entries = (
        f"<item><guid>https://forum.example/{number}</guid><link>https://forum.example/{number}</link>"
        f"<title>{words} {number}</title><author>ida@forum.example (Ida)</author>"
        f"<pubDate>Fri, 20 Nov 2026 10:{number // 60 % 60:02}:{number % 60:02} GMT</pubDate></item>"
        for number in sorted(numbers, reverse=True)
    )
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Forum</title><link>https://forum.example/</link>'
        f"{''.join(entries)}</channel></rss>"
    )


def ids(*numbers: int) -> list[str]:
    return [f"forum.example/{number}" for number in numbers]


def connect(company: Cast, address: str, *, secret: str = "", **settings: object) -> None:
    """Sign in as the connect page would, and keep what it found."""
    filled_in = {"address": address, "allows_private": True} | settings
    channel, kept = company.channel, {"password": secret} if secret else {}
    connector: object = registry.unconnected("feeds", settings=filled_in, secret=kept)
    assert isinstance(connector, SignsIn)
    found = connector.sign_in()
    channel.network, channel.external_id, channel.handle = "Feeds", found.external_id, found.handle
    channel.settings = filled_in | dict(found.settings)
    channel.seal_secret(kept)
    channel.state, channel.state_because = ChannelState.CONNECTED, ""
    channel.save()


def test_an_entry_reaches_its_department(company: Cast, publisher: WebServer) -> None:
    connect(company, publisher.publish("news.rss", rss(1, words=LATE)))
    come_in(company.channel, ids(1))
    conversation = Conversation.objects.get()
    assert conversation.state == State.OPEN
    assert conversation.department is not None
    assert conversation.department.slug in ("operations", "customer_service")


def test_what_did_not_change_is_not_sent_again(company: Cast, publisher: WebServer) -> None:
    connect(company, publisher.publish("quiet.rss", rss(*range(50))))
    come_in(company.channel, ids(*range(50)))
    before = len(publisher.asked("/quiet.rss"))
    for _ in range(3):
        fetch_now(company.channel)
    later = publisher.asked("/quiet.rss")[before:]
    assert [(one.status, one.bytes_sent) for one in later] == [(304, 0)] * 3
    assert all(one.condition for one in later)
    publisher.publish("quiet.rss", rss(*range(51)))
    come_in(company.channel, ids(50))
    assert said_to_us(company.channel) == Counter(ids(*range(51)))


def test_an_outage_leaves_no_gap_and_no_repeat(company: Cast, publisher: WebServer) -> None:
    connect(company, publisher.publish("news.rss", rss(1, 2)))
    come_in(company.channel, ids(1, 2))
    publisher.stop()
    began = time.monotonic()
    while time.monotonic() - began < OUTAGE_SECONDS:
        fetch_now(company.channel)
        assert "could not be reached" in company.channel.failure
        time.sleep(1)
    publisher.publish("news.rss", rss(1, 2, 3, 4))
    publisher.start()
    come_in(company.channel, ids(1, 2, 3, 4))
    assert company.channel.failure == ""
    assert said_to_us(company.channel) == Counter(ids(1, 2, 3, 4))


def test_one_mirror_after_the_other_stops_and_everything_is_heard_once(company: Cast, publisher: WebServer) -> None:
    with web_server() as mirror:
        second = mirror.publish("mirror.rss", rss(1, 2))
        connect(company, publisher.publish("news.rss", rss(1)), mirrors=second)
        come_in(company.channel, ids(1, 2))
        publisher.stop()
        mirror.publish("mirror.rss", rss(1, 2, 3))
        come_in(company.channel, ids(3))
        publisher.publish("news.rss", rss(1, 2, 3, 4))
        publisher.start()
        mirror.stop()
        come_in(company.channel, ids(4))
        mirror.start()
        mirror.publish("mirror.rss", rss(3, 4, 5))
        come_in(company.channel, ids(5))
    assert said_to_us(company.channel) == Counter(ids(1, 2, 3, 4, 5))


def test_a_changed_password_asks_for_sign_in_and_loses_nothing(company: Cast, publisher: WebServer) -> None:
    publisher.readers(acme="first")
    address = publisher.publish("private/news.rss", rss(1))
    connect(company, address, username="acme", secret="first")
    come_in(company.channel, ids(1))
    publisher.readers(acme="second")
    publisher.publish("private/news.rss", rss(1, 2))
    fetch_now(company.channel)
    assert company.channel.state == ChannelState.SIGN_IN_NEEDED
    assert company.channel.state_because
    connect(company, address, username="acme", secret="second")
    come_in(company.channel, ids(1, 2))
    assert said_to_us(company.channel) == Counter(ids(1, 2))


def test_workers_killed_while_they_read(company: Cast, publisher: WebServer, measured: Measured) -> None:
    connect(company, publisher.publish("busy.rss", rss(0)))
    chance, kills, number = random.Random(7), 0, 0
    command = [sys.executable, "-m", "tests.networks.worker", "feeds"]
    environment = os.environ | {"DATABASE_URL": database_url()}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as workers:
        try:
            assert line_of(workers) == "ready"
            assert workers.stdin is not None
            while kills < KILLS:
                kills += 1
                workers.stdin.write("fetch\n")
                pid = int(line_of(workers))
                for _ in range(3):
                    number += 1
                    publisher.publish("busy.rss", rss(*range(max(0, number - 200), number + 1)))
                    time.sleep(chance.uniform(0, 0.15))
                kill(pid)
                assert wait_until_dead(pid, seconds=30)
        finally:
            workers.kill()
    come_in(company.channel, ids(*range(number + 1)))
    assert said_to_us(company.channel) == Counter(ids(*range(number + 1)))
    measured(f"feeds: {kills} workers killed while reading, {number + 1} entries, each once")


def test_a_feed_that_moved_is_followed_and_one_that_leads_inside_is_not(company: Cast, publisher: WebServer) -> None:
    publisher.publish("news.rss", rss(1))
    connect(company, f"{publisher.address}/moved")
    come_in(company.channel, ids(1))
    company.channel.settings |= {"address": f"{publisher.address}/circle"}
    company.channel.save()
    fetch_now(company.channel)
    assert "sends on more than" in company.channel.failure
    company.channel.settings |= {"address": f"{publisher.address}/metadata", "allows_private": False}
    company.channel.save()
    fetch_now(company.channel)
    assert "private network" in company.channel.failure


BOMB = (
    '<!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">'.replace("&a0;", "&a;") for n in range(1, 10))
    + "]>"
)
BARE = "<rss><channel><link>https://x.example</link><item><title>Just words</title></item></channel></rss>"
UNZONED = [{"id": "a", "content_text": "b", "date_published": "2026-11-20T10:00:00"}, 7, None]
JSON_FEED = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": UNZONED})
GERMAN = rss(1, words="Größe")
TWICE = rss(1).replace("<item>", "<item><guid>https://forum.example/1</guid><title>Again</title></item><item>")
# What is served, and how many entries of it can be made out.
NASTY: dict[str, tuple[str | bytes, int]] = {
    "breaks off": (rss(1, 2)[:-120], 1),
    "utf-16": (GERMAN.encode("utf-16"), 1),
    "states another charset": (GERMAN.replace("?>", ' encoding="utf-8"?>', 1).encode("cp1252"), 1),
    "control characters": (rss(1, words="a\x00b\x0bc"), 1),
    "an entity bomb": (rss(1).replace("<rss", BOMB + "<rss", 1).replace("Words of", "&a9;"), 1),
    "nested deeply": (rss(1).replace("Words of 1", "&lt;b>" * 5000 + "x"), 1),
    "no ids, no times, no links": (BARE, 1),
    "the same id twice": (TWICE, 1),
    "times that are none": (rss(1).replace("Fri, 20 Nov 2026 10:00:01 GMT", "Frei, 31. Februar 99999 27:61"), 1),
    "times without a zone": (JSON_FEED, 1),
    "no feed": ("<html><body>Closed for maintenance</body></html>", 0),
    "nothing": ("", 0),
    "too large": (b"<rss>" + b" " * 11 * 1024 * 1024, 0),
    "random bytes": (random.Random(1).randbytes(5000), 0),
}


@pytest.mark.parametrize("kind", NASTY)
def test_a_broken_feed_is_read_as_far_as_it_goes_and_never_stops_the_channel(
    company: Cast, publisher: WebServer, kind: str
) -> None:
    content, count = NASTY[kind]
    connect(company, publisher.publish("nasty.rss", rss(0)))
    come_in(company.channel, ids(0))
    publisher.publish("nasty.rss", content)
    for _ in range(2):
        fetch_now(company.channel)
        heard()
    found = said_to_us(company.channel)
    assert len(found) - 1 >= count, company.channel.failure
    assert set(found.values()) == {1}
    assert bool(company.channel.failure) == (count == 0)
    publisher.publish("nasty.rss", rss(0, 59))
    come_in(company.channel, ids(59))
    assert company.channel.failure == ""
