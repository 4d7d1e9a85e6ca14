"""Every connector keeps the contract: run over each folder found, with no code in the connector.

A connector brings `fixtures/items.json` (payloads with what must become of them) and, if it fetches or replies,
`fixtures/exchanges.json` (recorded requests and answers, replayed on loopback with faults).
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from choir.channels.contract import (
    CAPABILITY_OF,
    Account,
    Author,
    Authorizes,
    Capability,
    ConnectorError,
    CountsText,
    Item,
    Listens,
    Manifest,
    Maps,
    Outgoing,
    RateLimitedError,
    Raw,
    ReceivesWebhooks,
    RejectedError,
    Replies,
    SignIn,
    SignInExpiredError,
    SignsIn,
    TemporaryError,
    UnreadableError,
)
from choir.channels.registry import FOLDER, manifests
from tests.contract.mail_network import MailNetwork, reached, served_mail
from tests.contract.network import WRITES, Network, served
from tests.doubles import DOUBLED, standing_for
from tests.doubles.double import SECRET, Double

LEVELS = {"works", "dependable", "complete"}
NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
CONNECTORS = list(manifests().values())
FETCHING = [one for one in CONNECTORS if one.fetch_every_seconds]
REPLYING = [one for one in CONNECTORS if Capability.REPLY in one.capabilities]
HOOKED = [one for one in CONNECTORS if Capability.WEBHOOK in one.capabilities]


def slug(stated: Manifest) -> str:
    return stated.slug


every = pytest.mark.parametrize("stated", CONNECTORS, ids=slug)
fetching = pytest.mark.parametrize("stated", FETCHING, ids=slug)
replying = pytest.mark.parametrize("stated", REPLYING, ids=slug)
hooked = pytest.mark.parametrize("stated", HOOKED, ids=slug)


def fixture(stated: Manifest, name: str) -> Any:
    return json.loads((FOLDER / stated.slug / "fixtures" / name).read_text(encoding="utf-8"))


def made(stated: Manifest, address: str = "http://127.0.0.1:9", *, secret: str = SECRET) -> Maps:
    filled = fixture(stated, "account.json")
    account = Account(
        external_id=filled.get("external_id", "us"),
        handle=filled.get("handle", "us"),
        settings=filled.get("settings", {}) | reached_at(filled, address) | {"timeout_seconds": 1},
        secret={field.name: secret for field in stated.fields if field.is_secret},
    )
    connector: Maps = importlib.import_module(f"choir.channels.connectors.{stated.slug}.connector").Connector(account)
    return connector


def reached_at(filled: dict[str, Any], address: str) -> dict[str, Any]:
    """The settings with which a connector finds the suite's network."""
    return reached(address) if filled.get("speaks") == "mail" else {"address": address}


def listening(stated: Manifest, address: str) -> Listens:
    connector: object = made(stated, address)
    assert isinstance(connector, Listens)
    return connector


def answering(stated: Manifest, address: str) -> Replies:
    connector: object = made(stated, address)
    assert isinstance(connector, Replies)
    return connector


@pytest.fixture
def network(stated: Manifest) -> Iterator[Network | Double | MailNetwork]:
    """The network's double where there is one, otherwise its recorded exchanges."""
    if stated.slug in DOUBLED:
        with standing_for(stated.slug) as double:
            double.told()
            yield double
            return
    if fixture(stated, "account.json").get("speaks") == "mail":
        with served_mail(fixture(stated, "mails.json")) as mailbox:
            yield mailbox
        return
    with served(fixture(stated, "exchanges.json")) as one:
        yield one


def fail_writing(network: Network | Double | MailNetwork, fault: str) -> None:
    """Fail what is sent; where that can be told apart, not what is looked up before."""
    if isinstance(network, Network):
        network.fail(fault, on=WRITES)
    else:
        network.fail(fault)


def raw(entry: dict[str, Any]) -> Raw:
    return Raw(key="k", payload=json.dumps(entry["payload"]).encode())


@every
def test_the_folder_is_whole(stated: Manifest) -> None:
    folder = FOLDER / stated.slug
    for name in ("manifest.toml", "connector.py", "mapping.py", "README.md", "fixtures/items.json"):
        assert (folder / name).is_file(), f"{stated.slug} has no {name}"
    assert stated.level in LEVELS
    assert stated.evidence.endswith(".")
    assert not any(
        field.is_secret and field.name in fixture(stated, "account.json")["settings"] for field in stated.fields
    )


@every
def test_the_manifest_claims_what_the_connector_can(stated: Manifest) -> None:
    connector: object = made(stated)
    assert isinstance(connector, Maps)
    assert isinstance(connector, Listens) == bool(stated.fetch_every_seconds)
    for protocol, capability in CAPABILITY_OF.items():
        assert isinstance(connector, protocol) == (capability in stated.capabilities), capability
    assert isinstance(connector, CountsText) == stated.limits.counts_itself
    assert isinstance(connector, SignsIn) == (SignIn.FIELDS in stated.sign_in)
    assert isinstance(connector, Authorizes) == (SignIn.CODE in stated.sign_in)


@every
def test_items_have_stable_ids_and_zone_aware_times(stated: Manifest) -> None:
    for entry in fixture(stated, "items.json")["readable"]:
        first, second = made(stated).items(raw(entry)), made(stated).items(raw(entry))
        assert first == second
        assert [item.external_id for item in first] == entry["ids"]
        for item in first:
            assert isinstance(item, Item)
            assert item.posted_at.tzinfo is not None
            assert item.posted_at.utcoffset() is not None
            assert item.author.external_id


@every
def test_mapping_needs_no_secret(stated: Manifest) -> None:
    for entry in fixture(stated, "items.json")["readable"]:
        assert made(stated, secret="").items(raw(entry)) == made(stated).items(raw(entry))


@every
def test_an_unknown_field_changes_nothing(stated: Manifest) -> None:
    for entry in fixture(stated, "items.json")["readable"]:
        grown = entry | {"payload": entry["payload"] | {"field_of_next_year": {"a": [1, None]}}}
        assert made(stated).items(raw(grown)) == made(stated).items(raw(entry))


@every
def test_a_deleted_item_says_nothing(stated: Manifest) -> None:
    said = made(stated).items(raw(fixture(stated, "items.json")["deleted"]))
    assert not [one for one in said if isinstance(one, Item)]


@every
def test_a_bad_item_is_unreadable_and_nothing_else(stated: Manifest) -> None:
    readable = fixture(stated, "items.json")["readable"][0]["payload"]
    bad = [b"", b"{", b"[]", b"7", b"null", b"\xff\xfe", *(json.dumps(one).encode() for one in _spoilt(readable))]
    said = [reason for payload in bad if (reason := _why_unreadable(stated, payload))]
    assert len(said) >= 6
    assert all(reason.endswith(".") for reason in said)


def _why_unreadable(stated: Manifest, payload: bytes) -> str:
    """The reason, empty where it can be read after all; any other error is the connector's mistake."""
    try:
        made(stated).items(Raw(key="k", payload=payload))
    except UnreadableError as error:
        return str(error)
    return ""


def _spoilt(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The payload with each field missing, and with each of another kind."""
    for name in payload:
        yield {key: value for key, value in payload.items() if key != name}
        others: tuple[Any, ...] = (None, 7, "x", [], {}, True)
        for other in others:
            yield payload | {name: other}


@fetching
def test_a_cursor_goes_on_without_gap_or_repeat(stated: Manifest, network: Network | Double) -> None:
    connector = listening(stated, network.address)
    whole, cursors = _all_pages(connector, "")
    assert len(whole) >= 4
    assert len(cursors) >= 2
    assert len(set(whole)) == len(whole)
    read = 0
    for cursor, count in cursors:
        read += count
        rest, _ = _all_pages(connector, cursor)
        assert rest == whole[read:]


def _all_pages(connector: Listens, cursor: str) -> tuple[list[str], list[tuple[str, int]]]:
    keys: list[str] = []
    cursors = []
    for _ in range(100):
        page = connector.fetch(cursor, limit=2)
        keys += [one.key for one in page.raws]
        cursor = page.cursor
        cursors.append((cursor, len(page.raws)))
        if not page.has_more:
            return keys, cursors
    raise AssertionError("the pages never end")


@fetching
def test_an_empty_page_keeps_the_cursor(stated: Manifest, network: Network | Double) -> None:
    connector = listening(stated, network.address)
    _, cursors = _all_pages(connector, "")
    end = cursors[-1][0]
    page = connector.fetch(end, limit=2)
    assert (tuple(page.raws), page.cursor, page.has_more) == ((), end, False)


REFUSALS = [
    ("401", SignInExpiredError),
    ("403", RejectedError),
    ("429", RateLimitedError),
    ("500", TemporaryError),
    ("503", TemporaryError),
    ("broken", TemporaryError),
    ("hang", TemporaryError),
    ("lost", TemporaryError),
]


@fetching
@pytest.mark.parametrize(("fault", "error"), REFUSALS, ids=[fault for fault, _ in REFUSALS])
def test_failures_while_fetching(
    stated: Manifest, network: Network | Double, fault: str, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    network.fail(fault)
    with pytest.raises(error) as raised:
        listening(stated, network.address).fetch("", limit=2)
    shows_no_secret(stated, raised.value, caplog.text)
    says_once_what_follows(raised.value)


@replying
@pytest.mark.parametrize(("fault", "error"), REFUSALS, ids=[fault for fault, _ in REFUSALS])
def test_failures_while_replying(
    stated: Manifest, network: Network | Double, fault: str, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fail_writing(network, fault)
    with pytest.raises(error) as raised:
        answering(stated, network.address).reply(outgoing(stated))
    if isinstance(raised.value, TemporaryError):
        assert raised.value.may_have_happened
    shows_no_secret(stated, raised.value, caplog.text)
    says_once_what_follows(raised.value)


def shows_no_secret(stated: Manifest, error: BaseException, logged: str) -> None:
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    assert SECRET not in "".join(f"{one!r}{one}" for one in chain)
    assert SECRET not in logged
    assert SECRET not in repr(made(stated))


def says_once_what_follows(error: Exception) -> None:
    """That it is tried again is for those who read it later, not for who tries just now."""
    assert isinstance(error, ConnectorError)
    assert "by itself" not in error.words
    assert str(error).count("by itself") == isinstance(error, TemporaryError | RateLimitedError)


def outgoing(stated: Manifest, text: str | None = None) -> Outgoing:
    asked = fixture(stated, "reply.json")
    return Outgoing(
        key="key-1",
        text=asked["text"] if text is None else text,
        in_reply_to=asked["in_reply_to"],
        attempted_at=dt.datetime.fromisoformat(asked["attempted_at"]),
        recipient=Author(**asked["recipient"]) if "recipient" in asked else None,
    )


@replying
def test_a_network_that_cannot_be_reached_has_done_nothing(stated: Manifest) -> None:
    with pytest.raises(TemporaryError) as raised:
        answering(stated, "http://127.0.0.1:9").reply(outgoing(stated))
    assert not raised.value.may_have_happened


@replying
def test_an_answer_is_sent(stated: Manifest, network: Network | Double) -> None:
    sent = answering(stated, network.address).reply(outgoing(stated))
    assert sent.external_id == fixture(stated, "reply.json")["external_id"]
    assert sent.sent_at.tzinfo is not None
    assert network.posts_count == 1


@replying
def test_an_over_long_answer_is_refused_before_anything_is_sent(stated: Manifest, network: Network | Double) -> None:
    with pytest.raises(RejectedError):
        answering(stated, network.address).reply(outgoing(stated, "x" * (stated.limits.reply_characters + 1)))
    assert network.posts_count == 0


@replying
def test_after_a_lost_answer_what_was_sent_is_found_and_not_sent_again(
    stated: Manifest, network: Network | Double
) -> None:
    connector = answering(stated, network.address)
    assert connector.find_sent(outgoing(stated)) is None
    fail_writing(network, "lost")
    with pytest.raises(TemporaryError):
        connector.reply(outgoing(stated))
    network.fail("")
    found = connector.find_sent(outgoing(stated))
    assert found is not None
    assert found.external_id == fixture(stated, "reply.json")["external_id"]
    assert network.posts_count == 1


@replying
@pytest.mark.parametrize("fault", ["500", "broken", "hang", "lost"])
def test_when_reading_back_fails_nothing_is_concluded(stated: Manifest, network: Network | Double, fault: str) -> None:
    network.fail(fault)
    with pytest.raises(ConnectorError):
        answering(stated, network.address).find_sent(outgoing(stated))


@hooked
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"entries": 7}'])
@pytest.mark.parametrize("headers", [{}, {"webhook-signature": "v1,AAAA", "webhook-timestamp": "x"}])
def test_a_webhook_nobody_signed_is_refused(stated: Manifest, body: bytes, headers: dict[str, str]) -> None:
    connector: object = made(stated)
    assert isinstance(connector, ReceivesWebhooks)
    with pytest.raises(RejectedError):
        connector.receive(body, headers, now=NOW)
