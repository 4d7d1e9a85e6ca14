"""What a manifest claims beyond listening and replying is held to `fixtures/capabilities.json` where a connector brings
one, failures included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import pytest

from choir.channels.contract import (
    Author,
    Capability,
    Item,
    Manifest,
    Maps,
    Measures,
    Moderates,
    Part,
    Post,
    Publishes,
    RateLimitedError,
    RejectedError,
    Removes,
    ReportReason,
    Searches,
    SignIn,
    SignInExpiredError,
    SignsIn,
    TemporaryError,
)
from choir.channels.registry import FOLDER
from tests.contract.network import WRITES, Network, served
from tests.contract.test_connectors import CONNECTORS, fixture, made, shows_no_secret, slug

SHOWING = [one for one in CONNECTORS if (FOLDER / one.slug / "fixtures" / "capabilities.json").is_file()]


def claiming(*capabilities: Capability) -> pytest.MarkDecorator:
    claimed = [one for one in SHOWING if set(capabilities) <= one.capabilities]
    return pytest.mark.parametrize("stated", claimed, ids=slug)


@pytest.fixture
def network(stated: Manifest) -> Iterator[Network]:
    with served(fixture(stated, "exchanges.json")) as one:
        yield one


def shown(stated: Manifest) -> Any:
    return fixture(stated, "capabilities.json")


def post(stated: Manifest, *more: str) -> Post:
    asked = shown(stated)["publish"]
    parts = tuple(Part(text) for text in [*asked["parts"], *more])
    return Post(key="key-1", parts=parts, attempted_at=dt.datetime.fromisoformat(asked["attempted_at"]))


def publishing(stated: Manifest, network: Network) -> Publishes:
    connector: object = made(stated, network.address)
    assert isinstance(connector, Publishes)
    return connector


@claiming(Capability.PUBLISH)
def test_a_post_is_published_once(stated: Manifest, network: Network) -> None:
    connector = publishing(stated, network)
    assert list(connector.find_published(post(stated))) == []
    sent = connector.publish(post(stated))
    assert [one.external_id for one in sent] == shown(stated)["publish"]["external_ids"]
    found = connector.find_published(post(stated))
    assert [one.external_id for one in found] == [one.external_id for one in sent]
    assert list(connector.publish(post(stated), already=found)) == list(found)
    assert network.posts_count == len(sent)


@claiming(Capability.PUBLISH)
def test_a_thread_with_one_over_long_part_is_refused_whole(stated: Manifest, network: Network) -> None:
    with pytest.raises(RejectedError):
        publishing(stated, network).publish(post(stated, "x" * 100_000))
    assert network.posts_count == 0


@claiming(Capability.REMOVE)
def test_what_is_ours_is_taken_back(stated: Manifest, network: Network) -> None:
    connector: object = made(stated, network.address)
    assert isinstance(connector, Removes)
    connector.remove(shown(stated)["remove"])
    connector.remove(shown(stated)["remove"])


@claiming(Capability.METRICS)
def test_figures_are_of_what_was_asked(stated: Manifest, network: Network) -> None:
    connector: object = made(stated, network.address)
    assert isinstance(connector, Measures)
    asked = shown(stated)["measure"]
    figures = connector.measure(asked)
    assert set(asked) <= set(figures)
    assert any(value is not None for value in asdict(figures[asked[0]]).values())


@claiming(Capability.MODERATE)
def test_something_is_reported(stated: Manifest, network: Network) -> None:
    connector: object = made(stated, network.address)
    assert isinstance(connector, Moderates)
    connector.report(
        shown(stated)["moderate"], author=Author("somebody"), reason=ReportReason.SPAM, comment="The same again."
    )


@claiming(Capability.SEARCH)
def test_what_a_search_finds_is_not_addressed_to_us(stated: Manifest, network: Network) -> None:
    connector: Maps = made(stated, network.address)
    assert isinstance(connector, Searches)
    asked = shown(stated)["search"]
    page = connector.search(asked["question"], "", limit=40)
    items = [item for raw in page.raws for item in connector.items(raw)]
    assert [item.external_id for item in items] == asked["ids"]
    assert not any(isinstance(item, Item) and item.is_addressed for item in items)


@pytest.mark.parametrize("stated", [one for one in SHOWING if SignIn.FIELDS in one.sign_in], ids=slug)
def test_a_sign_in_says_whose_account_it_is(stated: Manifest, network: Network) -> None:
    connector: object = made(stated, network.address)
    assert isinstance(connector, SignsIn)
    found, asked = connector.sign_in(), shown(stated)["sign_in"]
    assert (found.external_id, found.handle) == (asked["external_id"], asked["handle"])


CALLS: dict[Capability, Callable[[Any, Manifest], object]] = {
    Capability.PUBLISH: lambda connector, stated: connector.publish(post(stated)),
    Capability.REMOVE: lambda connector, stated: connector.remove(shown(stated)["remove"]),
    Capability.METRICS: lambda connector, stated: connector.measure(shown(stated)["measure"]),
    Capability.SEARCH: lambda connector, stated: connector.search(shown(stated)["search"]["question"], "", limit=2),
}
FAULTS = [("401", SignInExpiredError), ("429", RateLimitedError), ("503", TemporaryError), ("broken", TemporaryError)]
CLAIMED = [(one, capability) for one in SHOWING for capability in CALLS if capability in one.capabilities]


@pytest.mark.parametrize(("fault", "error"), FAULTS, ids=[fault for fault, _ in FAULTS])
@pytest.mark.parametrize(
    ("stated", "capability"), CLAIMED, ids=[f"{one.slug}-{capability}" for one, capability in CLAIMED]
)
def test_failures_are_the_contracts(
    stated: Manifest, capability: Capability, network: Network, fault: str, error: type[Exception]
) -> None:
    if (capability, fault) == (Capability.REMOVE, "broken"):
        return  # nothing of the answer is needed
    network.fail(fault, on=WRITES if capability in (Capability.PUBLISH, Capability.REMOVE) else ("GET", "POST"))
    with pytest.raises(error) as raised:
        CALLS[capability](made(stated, network.address), stated)
    shows_no_secret(stated, raised.value, "")
