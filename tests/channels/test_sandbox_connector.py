"""The sandbox connector against the sandbox network itself, over HTTP."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django.live_server_helper import LiveServer

from choir.channels.connectors.sandbox.connector import Connector
from choir.channels.contract import (
    Item,
    Outgoing,
    RateLimitedError,
    Raw,
    RejectedError,
    Removal,
    SignInExpiredError,
    TemporaryError,
)
from choir.channels.models import Arrival
from choir.channels.registry import connect
from choir.flow.announce_sandbox import announce_sandbox
from choir.flow.hear import hear
from choir.inbox.models import Message
from choir.sandbox.actions import RefusedError, join_as_customer, say, take_back
from choir.sandbox.faults import Fault, misbehave
from choir.sandbox.models import Account, Post
from tests.places import NOW, Place, on_the_sandbox, place

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def north(live_server: LiveServer, settings: object) -> Place:
    settings.PUBLIC_URL = live_server.url  # type: ignore[attr-defined]
    one = place()
    on_the_sandbox(one, address=live_server.url)
    return one


def company(one: Place) -> Account:
    return Account.objects.get(handle=one.channel.handle)


def connector(one: Place) -> Connector:
    made = connect(one.channel)
    assert isinstance(made, Connector)
    return made


def said(one: Place, raw: Raw) -> list[Item]:
    """The items of an entry."""
    return [item for item in connector(one).items(raw) if isinstance(item, Item)]


def ask(one: Place, text: str, **given: object) -> Post:
    customer = join_as_customer(place=one.workspace.slug, handle="ana", name="Ana")
    return say(author=customer, company=company(one), text=text, at=NOW, **given)  # type: ignore[arg-type]


def outgoing(post: Post, text: str = "We are looking.") -> Outgoing:
    return Outgoing(key="k1", text=text, in_reply_to=str(post.pk), attempted_at=dt.datetime.now(dt.UTC))


def test_the_stream_is_read_by_cursor_without_gap_or_repeat(north: Place) -> None:
    for number in range(7):
        ask(north, f"post {number}")
    seen: list[str] = []
    cursor, more = "", True
    while more:
        page = connector(north).fetch(cursor, limit=3)
        seen += [item.text for raw in page.raws for item in said(north, raw)]
        cursor, more = page.cursor, page.has_more
    assert seen == [f"post {number}" for number in range(7)]
    again = connector(north).fetch(cursor, limit=3)
    assert (again.raws, again.cursor, again.has_more) == ((), cursor, False)


def test_news_is_announced_signed_heard_and_never_twice(north: Place) -> None:
    ask(north, "Where is it?")
    assert announce_sandbox(at=NOW.replace(year=2099)) == 0  # a stamp of another day is refused as a replay
    now = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2)
    Post.objects.update(announce_due_at=now)
    assert announce_sandbox(at=now) == 1
    assert announce_sandbox(at=now) == 0
    assert hear(at=now) == 1
    assert Message.objects.get().text == "Where is it?"
    Post.objects.update(announced_at=None, announce_due_at=now)
    announce_sandbox(at=now)
    assert Arrival.objects.count() == 1


def test_an_answer_is_posted_and_comes_back_as_ours(north: Place) -> None:
    post = ask(north, "Where is it?")
    sent = connector(north).reply(outgoing(post))
    answer = Post.objects.get(pk=sent.external_id)
    assert (answer.text, answer.parent, answer.is_ours) == ("We are looking.", post, True)
    raws = connector(north).fetch("", limit=10).raws
    assert [item.is_ours for raw in raws for item in said(north, raw)] == [False, True]


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.DROP_BEFORE])
def test_after_a_lost_answer_reading_back_tells_whether_it_got_through(north: Place, fault: Fault) -> None:
    post = ask(north, "Where is it?")
    north.channel.settings["timeout_seconds"] = 4  # the test server leaves a broken connection open
    misbehave(company(north), on="answers", do=fault)
    with pytest.raises(TemporaryError) as raised:
        connector(north).reply(outgoing(post))
    assert raised.value.may_have_happened
    found = connector(north).find_sent(outgoing(post))
    assert (found is not None) == (fault is Fault.DROP_AFTER)
    assert Post.objects.filter(parent=post).count() == (1 if found else 0)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNAUTHORIZED, SignInExpiredError),
        (Fault.FORBIDDEN, RejectedError),
        (Fault.TOO_MANY, RateLimitedError),
        (Fault.FAILURE, TemporaryError),
        (Fault.BROKEN, TemporaryError),
    ],
)
def test_refusals_are_the_contracts_errors_and_hold_no_secret(
    north: Place, fault: Fault, error: type[Exception]
) -> None:
    misbehave(company(north), on="stream", do=fault)
    with pytest.raises(error) as raised:
        connector(north).fetch("", limit=10)
    assert north.channel.open_secret()["token"] not in f"{raised.value!r} {raised.value}"
    assert connector(north).fetch("", limit=10).raws == ()


def test_what_was_deleted_cannot_be_answered_and_takes_a_new_place(north: Place) -> None:
    post = ask(north, "oops")
    take_back(post, by=post.author, at=NOW)
    with pytest.raises(RejectedError):
        connector(north).reply(outgoing(post))
    (raw,) = connector(north).fetch("1", limit=10).raws
    (removal,) = connector(north).items(raw)
    assert isinstance(removal, Removal)
    with pytest.raises(RefusedError):
        take_back(post, by=company(north), at=NOW)


def test_a_strangers_token_opens_nothing(north: Place) -> None:
    Account.objects.update(token_digest="0" * 64)
    with pytest.raises(SignInExpiredError):
        connector(north).fetch("", limit=10)
