"""What each vendor's network can do beyond hearing and answering, against its double."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from choir.channels.contract import (
    Account,
    Author,
    Card,
    Item,
    Outgoing,
    Page,
    Part,
    Post,
    RateLimitedError,
    Raw,
    RejectedError,
    Removal,
    ReportReason,
    SignInExpiredError,
)
from choir.channels.contract.account import Renewal, Secret
from choir.channels.registry import manifest
from choir.outside import fetch
from tests.doubles import standing_for
from tests.doubles.double import SECRET, Double

SINCE = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)
NOBODY = Author("nobody")


@pytest.fixture
def network(slug: str) -> Iterator[Double]:
    with standing_for(slug) as one:
        yield one


@pytest.fixture
def connector(slug: str, network: Double) -> Any:
    secret = {field.name: SECRET for field in manifest(slug).fields if field.is_secret}
    account = Account(network.external_id, network.handle, network.settings | {"address": network.address}, secret)
    return importlib.import_module(f"choir.channels.connectors.{slug}.connector").Connector(account)


def again(connector: Any, network: Double, *, secret: Secret | None = None, renew: Any = None, **settings: str) -> Any:
    """The same connector with another sign-in, or other settings."""
    account = replace(connector._account, settings=dict(connector._account.settings) | settings, renew=renew)
    return type(connector)(
        account if secret is None else replace(account, secret={"client_secret": SECRET} | dict(secret))
    )


def only(*slugs: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("slug", slugs)


def said(connector: Any, page: Page) -> list[Item]:
    return [item for raw in page.raws for item in connector.items(raw)]


def outgoing(text: str, to: str, **also: Any) -> Outgoing:
    return Outgoing(key="k", text=text, in_reply_to=to, attempted_at=SINCE, **also)


@only("x", "facebook", "instagram", "youtube", "reddit")
def test_what_a_person_fills_in_opens_our_account(connector: Any, network: Double) -> None:
    opened = connector.sign_in()
    assert (opened.external_id, opened.handle) == (network.external_id, network.handle)


@only("x", "facebook", "instagram")
def test_a_post_is_published_once_and_found_again(connector: Any, network: Double) -> None:
    post = Post("k", (Part("New kettles.", card=Card("https://brindle.example/kettle.jpg", "")),), SINCE)
    assert list(connector.find_published(post)) == []
    [sent] = connector.publish(post)
    [found] = connector.find_published(post)
    assert found.external_id == sent.external_id
    assert connector.measure([sent.external_id])[sent.external_id].views_count == 40


@only("x")
def test_a_thread_goes_on_where_it_broke_off(connector: Any, network: Double) -> None:
    post = Post("k", (Part("One."), Part("Two."), Part("Three.")), SINCE)
    first = connector.publish(Post("k", post.parts[:1], SINCE))
    assert [one.external_id for one in connector.find_published(post)] == [first[0].external_id]
    sent = connector.publish(post, already=first)
    assert [one.external_id for one in connector.find_published(post)] == [one.external_id for one in sent]
    assert network.answers_to(sent[1].external_id) == ["Three."]
    connector.remove(sent[2].external_id)
    assert network.answers_to(sent[1].external_id) == []


@only("x", "reddit")
def test_a_search_finds_what_is_said_to_nobody_and_says_so(connector: Any, network: Double) -> None:
    question = network.customer_says("My kettle leaks.")
    if network.slug == "x":
        question = network._said("101", "My kettle leaks.")  # type: ignore[attr-defined]
        network._user("mia")  # type: ignore[attr-defined]
    found = said(connector, connector.search('"kettle leaks"', "", limit=10))
    assert question in [item.external_id for item in found if not item.is_addressed]


@only("x")
def test_x_counts_links_as_23_and_east_asian_letters_twice(connector: Any) -> None:
    assert connector.length("See https://brindle.example/a/very/long/path/indeed") == 4 + 23
    assert connector.length("ありがとう") == 10
    with pytest.raises(RejectedError):
        connector.reply(outgoing("あ" * 141, "1"))


@only("x", "facebook", "instagram", "youtube", "reddit")
def test_something_is_hidden_and_reported_where_the_network_allows_it(connector: Any, network: Double) -> None:
    question = network.customer_says("Buy cheap kettles here!")
    connector.hide(question)
    connector.hide(question, is_hidden=False)
    if network.slug in ("youtube", "reddit"):
        connector.report(question, author=NOBODY, reason=ReportReason.SPAM, comment="The same all day.")
    else:
        with pytest.raises(RejectedError, match="report"):
            connector.report(question, author=NOBODY, reason=ReportReason.SPAM, comment="")


@only("youtube", "reddit")
def test_the_owner_is_sent_to_the_network_and_comes_back_with_a_lasting_consent(
    connector: Any, network: Double
) -> None:
    there = connector.authorize(redirect_to="https://choir.example/back", state="abc")
    assert "state=abc" in there.url
    assert "redirect_uri=https%3A%2F%2Fchoir.example%2Fback" in there.url
    opened = connector.redeem("a-code", redirect_to="https://choir.example/back", kept=there.kept)
    assert (opened.external_id, opened.secret) == (network.external_id, {"refresh_token": SECRET})


@only("x")
def test_x_takes_a_code_with_its_proof_and_tokens_are_renewed_once_for_all(connector: Any, network: Any) -> None:
    there = connector.authorize(redirect_to="https://choir.example/back", state="abc")
    asked = dict(parse_qsl(urlsplit(there.url).query))
    assert (asked["state"], asked["code_challenge_method"]) == ("abc", "S256")
    assert "offline.access" in asked["scope"].split()
    with pytest.raises(SignInExpiredError):
        connector.redeem("a-code", redirect_to="https://choir.example/back", kept=there.kept)  # nobody was sent there
    network.challenge = asked["code_challenge"]
    opened = connector.redeem("a-code", redirect_to="https://choir.example/back", kept=there.kept)
    assert opened.external_id == network.external_id
    assert (opened.secret["access"], opened.secret["refresh"]) == (network.access, network.refresh)
    kept = dict(opened.secret)

    def renew(renewal: Renewal) -> Secret:
        kept.update(renewal(dict(kept)))
        return dict(kept)

    first, second = (again(connector, network, secret=dict(kept), renew=renew) for _ in range(2))
    network.access = "over after two hours"
    first.fetch("", limit=10)
    handed_out = network.access
    second.fetch("", limit=10)
    assert (network.access, kept["access"]) == (handed_out, handed_out)
    network.revoke()
    network.access = "taken back"
    with pytest.raises(SignInExpiredError):
        second.fetch("", limit=10)


@only("x")
def test_a_picture_in_a_direct_message_is_signed_for_and_nothing_else_is(connector: Any, network: Any) -> None:
    network.customer_writes_privately("Look.", picture="torn.jpg")
    [raw] = [one for one in connector.fetch("", limit=10).raws if b"torn.jpg" in one.payload]
    [item] = connector.items(raw)
    assert [one.url for one in item.media] == [""]
    where = connector.content_of(raw, 0)
    assert where.headers["authorization"].startswith("OAuth ")
    assert fetch(where.url, headers=where.headers, allows_private=True).status == 200
    assert fetch(where.url, allows_private=True).status == 401
    elsewhere = raw.payload.replace(network.address.encode(), b"https://pictures.example")
    assert connector.content_of(Raw(raw.key, elsewhere), 0).headers == {}
    with pytest.raises(RejectedError, match="four keys"):
        again(connector, network, secret={"refresh": "r"}).content_of(raw, 0)


@only("facebook", "instagram")
def test_somebody_who_manages_the_page_allows_us_in_and_its_own_token_is_kept(connector: Any, network: Any) -> None:
    there = connector.authorize(redirect_to="https://choir.example/back", state="abc")
    asked = dict(parse_qsl(urlsplit(there.url).query))
    assert (asked["client_id"], asked["state"]) == (network.settings["app_id"], "abc")
    assert "pages_messaging" in asked["scope"].split(",")
    opened = connector.redeem("a-code", redirect_to="https://choir.example/back", kept={})
    assert (opened.external_id, opened.secret) == (network.external_id, {"page_token": SECRET})
    with pytest.raises(SignInExpiredError, match="consent"):
        connector.redeem("stale", redirect_to="https://choir.example/back", kept={})


@only("facebook")
def test_of_several_pages_the_one_that_was_named_is_taken(connector: Any, network: Any) -> None:
    network.allowed.append({"id": "2", "name": "Brindle Outlet", "access_token": "another"})
    with pytest.raises(RejectedError, match="“Brindle”, “Brindle Outlet”"):
        connector.redeem("a-code", redirect_to="https://choir.example/back", kept={})
    named = again(connector, network, page="brindle")
    assert named.redeem("a-code", redirect_to="https://choir.example/back", kept={}).secret == {"page_token": SECRET}
    configured = again(connector, network, login_configuration="77")
    url = configured.authorize(redirect_to="https://choir.example/back", state="abc").url
    assert "config_id=77" in url
    assert "scope" not in url


@only("youtube")
def test_an_answer_in_an_older_thread_is_found_although_youtube_does_not_list_it(connector: Any, network: Any) -> None:
    thread = network.customer_says("Where is my kettle?")
    network.set_clock(SINCE + dt.timedelta(hours=6))
    network.customer_says("A later one.")
    page = connector.fetch("", limit=50)
    while page.has_more:
        page = connector.fetch(page.cursor, limit=50)
    late = [network.customer_says(f"Still not here, day {day}.", under=thread) for day in range(8)]
    items = []
    for _ in range(2):
        page = connector.fetch(page.cursor, limit=50)
        items += said(connector, page)
    assert sorted({item.external_id for item in items if item.parent_id == thread}) == sorted(late)


@only("reddit")
def test_reddits_wait_for_young_accounts_is_a_wait_although_the_answer_is_called_a_success(
    connector: Any, network: Any
) -> None:
    question = network.customer_says("Where is my kettle?")
    network.answer_error = ["RATELIMIT", "Take a break for 5 minutes before trying again.", "ratelimit"]
    before = dt.datetime.now(dt.UTC)
    with pytest.raises(RateLimitedError) as raised:
        connector.reply(outgoing("Soon.", question))
    assert dt.timedelta(minutes=4) < raised.value.until - before < dt.timedelta(minutes=6)


@only("reddit")
def test_modmail_is_answered_in_its_conversation_and_read_back(connector: Any, network: Any) -> None:
    question = network.customer_writes_to_moderators("May I post a coupon?")
    answer = outgoing("Please do.", question, is_private=True)
    assert connector.find_sent(answer) is None
    sent = connector.reply(answer)
    assert network.answers_to(question) == ["Please do."]
    assert connector.find_sent(answer).external_id == sent.external_id
    with pytest.raises(RejectedError, match="deleted"):
        connector.reply(outgoing("Hello?", "t1_nothing"))


@only("x", "reddit")
def test_what_a_search_found_is_asked_after_when_its_author_takes_it_back(connector: Any, network: Double) -> None:
    kept, gone = network.customer_says("My kettle leaks."), network.customer_says("My kettle leaks too.")
    raws = connector.search("kettle", "", limit=10).raws
    assert list(connector.look_again(raws)) == []
    network.customer_deletes(gone)
    told = [item for raw in connector.look_again(raws) for item in connector.items(raw)]
    assert [(type(one), one.external_id) for one in told] == [(Removal, gone)]
    assert kept != gone
