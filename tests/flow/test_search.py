"""Queries put to networks: asked in turn, kept once, gone on with where they stopped, failing in words."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from django.utils import timezone

from choir.channels import quota
from choir.channels.actions import store
from choir.channels.contract import (
    Allowance,
    Author,
    Bucket,
    Item,
    Kind,
    Page,
    Raw,
    RejectedError,
    Removal,
    SearchAbility,
    TemporaryError,
)
from choir.channels.models import Arrival, ArrivalSource, Channel, ChannelState
from choir.channels.sources import Look, newest_first
from choir.flow import hear as hearing
from choir.flow import look_again as looking
from choir.flow import search as searching
from choir.flow.hear import hear
from choir.flow.look_again import look_again
from choir.flow.search import SLOWEST, interval, search
from choir.flow.understand import understand
from choir.inbox.models import Conversation
from choir.listening import inquiring
from choir.listening.inquiring import look_back_again, plan, stop_looking_back
from choir.listening.models import Inquiry, Match, Mention, Query
from choir.listening.seeking import Sought, add_query, change_query
from choir.listening.wanting import Wanting
from tests.cast import Cast, cast

HOUR = dt.timedelta(hours=1)


class Network:
    """A small network that can be searched for single words, two posts a page."""

    ability = SearchAbility(most_questions=4)

    def __init__(self) -> None:
        self.posts: dict[str, tuple[dt.datetime, str]] = {}
        self.asked: list[str] = []
        self.failure: Exception | None = None
        self.pages_left = 1000
        self.stated: tuple[uuid.UUID, Allowance] | None = None

    def say(self, name: str, text: str, *, at: dt.datetime) -> None:
        self.posts[name] = (at, text)

    def look_again(self, raws: Sequence[Raw]) -> Sequence[Raw]:
        names = [json.loads(raw.payload)["id"] for raw in raws]
        return [Raw(f"gone:{name}", json.dumps({"gone": name}).encode()) for name in names if name not in self.posts]

    def items(self, raw: Raw) -> Sequence[Item | Removal]:
        said = json.loads(raw.payload)
        if "gone" in said:
            return [Removal(said["gone"])]
        at = dt.datetime.fromisoformat(said["at"])
        url = f"https://net.example/{said['id']}"
        return [Item(said["id"], Kind.POST, Author("u1", "mia"), said["text"], at, url=url, is_addressed=False)]

    def search(self, question: str, cursor: str, *, limit: int, since: dt.datetime | None = None) -> Page:
        self.asked.append(question)
        if self.stated is not None:
            quota.note(*self.stated)

        def look(token: str, floor: dt.datetime | None) -> Look:
            if self.failure is not None or self.pages_left <= 0:
                raise self.failure or TemporaryError("The line broke.")
            self.pages_left -= 1
            found = sorted(((at, name) for name, (at, text) in self.posts.items() if question in text), reverse=True)
            page = found[int(token or 0) : int(token or 0) + 2]
            following = str(int(token or 0) + 2) if len(found) > int(token or 0) + 2 else ""
            return Look([(at, self._raw(name)) for at, name in page], following)

        return newest_first(cursor, look, since=since)

    def _raw(self, name: str) -> Raw:
        at, text = self.posts[name]
        return Raw(f"~{name}", json.dumps({"id": name, "at": at.isoformat(), "text": text}).encode())


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    one = Network()
    for module, name in ((searching, "connect"), (inquiring, "reader"), (hearing, "reader")):
        monkeypatch.setattr(module, name, lambda channel: one)
    searching._planned.clear()
    return one


@pytest.fixture
def company(db: None) -> Cast:
    made = cast(connector="bluesky")
    made.channel.settings, made.channel.network = {}, "Bluesky"
    made.channel.save()
    return made


def query(company: Cast, text: str, **more: Any) -> Query:
    sought = Sought(text, text, **more)
    return add_query(company.workspace, sought=sought, by=company.cho, at=timezone.now())


def again() -> None:
    """As if every pause were over."""
    Inquiry.objects.update(due_at=timezone.now() - HOUR, asked_at=None)
    while search(at=timezone.now()):
        Inquiry.objects.filter(due_at__gt=timezone.now()).update(due_at=None)


def heard() -> set[str]:
    while hear(at=timezone.now()):
        pass
    return set(Mention.objects.values_list("external_id", flat=True))


def test_what_the_network_finds_is_completed_here_and_kept_once_for_all_queries(
    company: Cast, network: Network
) -> None:
    now = timezone.now()
    query(company, "kettle NOT pan"), query(company, "kettle OR leak")
    network.say("a", "my kettle leaks", at=now - HOUR)
    network.say("b", "kettle and pan", at=now - 2 * HOUR)
    network.say("c", "a kettlebell", at=now - 3 * HOUR)
    again()
    assert heard() == {"a", "b"}
    assert set(network.asked) == {"kettle", "leak"}
    assert not Conversation.objects.exists()
    assert not Mention.objects.filter(is_addressed=True).exists()
    network.say("d", "another kettle", at=timezone.now())
    again()
    assert heard() == {"a", "b", "d"}
    assert Arrival.objects.count() == 3


def test_the_past_goes_on_after_a_break_and_says_how_far_it_came(company: Cast, network: Network) -> None:
    now = timezone.now()
    for number in range(9):
        network.say(f"p{number}", "kettle", at=now - (number + 1) * HOUR)
    network.say("older", "kettle", at=now - 40 * 24 * HOUR)
    asked = query(company, "kettle")
    network.pages_left = 3
    again()
    row = Inquiry.objects.get(query=asked)
    assert (row.failure, row.is_looking_back) == ("The line broke. It is tried again by itself.", True)
    before, network.pages_left = row.past_count, 1000
    assert 0 < before < 9
    again()
    row.refresh_from_db()
    assert heard() == {f"p{number}" for number in range(9)}  # thirty days are asked for
    assert (row.past_count, row.failure, row.past_reached_at) == (9, "", now - 9 * HOUR)
    assert row.past_ended_at is not None


def test_reading_the_past_is_stopped_and_gone_on_with(company: Cast, network: Network) -> None:
    now = timezone.now()
    for number in range(30):
        network.say(f"p{number}", "kettle", at=now - (number + 1) * HOUR)
    asked = query(company, "kettle")
    search(at=timezone.now())
    assert stop_looking_back(asked, by=company.cho, at=now) == 1
    read = Inquiry.objects.get().past_count
    again()
    assert Inquiry.objects.get().past_count == read < 30
    assert look_back_again(asked, by=company.cho, at=now) == 1
    again()
    assert Inquiry.objects.get().past_count == 30


def test_a_failure_stands_in_words_where_it_happened_and_keeps_nobody_else(company: Cast, network: Network) -> None:
    network.failure = RejectedError("Your plan has no search. Buy one that has.")
    asked = query(company, "kettle")
    search(at=timezone.now())
    row = Inquiry.objects.get(query=asked)
    assert row.failure == "Your plan has no search. Buy one that has."
    assert row.due_at is not None
    assert row.due_at > timezone.now() + 5 * HOUR
    company.channel.refresh_from_db()
    assert (company.channel.failure, company.channel.state) == ("", ChannelState.CONNECTED)


def test_channels_take_turns_and_so_do_queries(company: Cast, network: Network) -> None:
    for number in range(10):
        query(company, f"word{number}")
    other = second(company, connector="x", network="X")
    search(at=timezone.now())
    asked = set(Inquiry.objects.exclude(asked_at=None).values_list("pk", flat=True))
    assert Inquiry.objects.filter(pk__in=asked, channel=other).count() == len(asked) / 2 == 4
    search(at=timezone.now())
    assert Inquiry.objects.exclude(asked_at=None).exclude(pk__in=asked).count() == 8


def test_what_is_left_is_shared_by_all_queries_and_half_is_for_what_is_said_to_us(
    company: Cast, network: Network
) -> None:
    for word in ("kettle", "pan"):
        query(company, word, days_back=0)
    network.stated = (company.channel.pk, Allowance(100, 60, timezone.now() + HOUR))
    search(at=timezone.now())
    search(at=timezone.now())
    Inquiry.objects.update(due_at=timezone.now())
    before = timezone.now()
    search(at=before)
    row = Inquiry.objects.order_by("-due_at").first()
    assert row is not None
    assert row.due_at is not None
    assert 11 * 60 < (row.due_at - before).total_seconds() < 13 * 60  # (60 - 50) turns an hour, for two


def test_searching_that_has_its_own_allowance_uses_all_of_it(company: Cast) -> None:
    now = timezone.now()
    quota.note(company.channel.pk, Allowance(100, 10, now + HOUR, bucket=Bucket.READ))
    quota.note(company.channel.pk, Allowance(60, 30, now + HOUR, bucket=Bucket.SEARCH))
    quota.settle(at=now)
    company.channel.refresh_from_db()
    assert quota.pause_between_searches(company.channel, requests=1, sharing=2, at=now) == HOUR / 15


def test_busy_queries_are_asked_often_and_quiet_ones_ever_more_seldom(company: Cast, network: Network) -> None:
    row = Inquiry(channel=company.channel, interval_seconds=0)
    pauses = []
    for _ in range(6):
        row.interval_seconds = interval(row, found=0, at=timezone.now())
        pauses.append(row.interval_seconds)
    shortest = pauses[0] // 2
    assert pauses == [shortest * times for times in (2, 4, 8, SLOWEST, SLOWEST, SLOWEST)]
    assert interval(row, found=3, at=timezone.now()) == shortest


def second(company: Cast, *, connector: str, network: str) -> Channel:
    return Channel.objects.create(
        workspace=company.workspace,
        connector=connector,
        network=network,
        name="Second",
        external_id="second",
        accountable=company.channel.accountable,
    )


def test_of_accounts_that_see_the_same_one_asks_and_another_takes_over(company: Cast, network: Network) -> None:
    other = second(company, connector="bluesky", network="Bluesky")
    query(company, "kettle")
    plan(company.workspace, at=timezone.now())
    assert list(Inquiry.objects.values_list("channel", flat=True)) == [company.channel.pk]
    Channel.objects.filter(pk=company.channel.pk).update(state=ChannelState.SIGN_IN_NEEDED)
    plan(company.workspace, at=timezone.now())
    assert set(Inquiry.objects.awake().values_list("channel", flat=True)) == {other.pk}
    Channel.objects.filter(pk=company.channel.pk).update(state=ChannelState.CONNECTED)
    plan(company.workspace, at=timezone.now())
    assert list(Inquiry.objects.values_list("channel", flat=True)) == [company.channel.pk]


def test_a_query_spares_channels_and_another_text_begins_anew(company: Cast, network: Network) -> None:
    asked = query(company, "kettle")
    plan(company.workspace, at=timezone.now())
    Inquiry.objects.update(cursors={"kettle": "far"}, past={})
    sought = Sought("kettle", "pan")
    change_query(asked, sought=sought, by=company.cho, at=timezone.now())
    plan(company.workspace, at=timezone.now())
    row = Inquiry.objects.get()
    assert (row.questions, row.cursors, row.past) == (["pan"], {"pan": ""}, {"pan": ""})
    sought = Sought("kettle", "pan", spared=(company.channel.pk,))
    change_query(asked, sought=sought, by=company.cho, at=timezone.now())
    plan(company.workspace, at=timezone.now())
    assert not Inquiry.objects.exists()


def test_what_would_bring_everything_is_not_asked_and_says_so(company: Cast, network: Network) -> None:
    query(company, "has:question NOT pan")
    plan(company.workspace, at=timezone.now())
    row = Inquiry.objects.get()
    assert row.due_at is None
    assert "add a word" in row.unaskable_because
    assert not Wanting(company.channel).finds(Item("1", Kind.POST, Author("u"), "Why?", timezone.now()))


def test_a_stream_is_asked_for_what_queries_may_find(company: Cast, network: Network) -> None:
    query(company, "kettle language:de"), query(company, "#launch")
    plan(company.workspace, at=timezone.now())
    wanting = Wanting(company.channel)
    said = [Item(text, Kind.POST, Author("u"), text, timezone.now()) for text in ("Kettle!", "pan", "our #launch")]
    assert [wanting.finds(one) for one in said] == [True, False, True]
    assert wanting.hashtags() == ("#launch",)


def test_one_post_is_one_mention_whichever_of_our_accounts_comes_across_it(company: Cast, network: Network) -> None:
    other = second(company, connector="bluesky", network="Bluesky")
    network.say("a", "kettle", at=timezone.now())
    raw = network._raw("a")
    for channel in (company.channel, other):
        store(channel, [raw], source=ArrivalSource.SEARCH, at=timezone.now())
        heard()
    assert Mention.objects.count() == 1


def test_what_was_overheard_is_followed_when_its_author_edits_it_or_takes_it_back(
    company: Cast, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    asked = query(company, "kettle")
    for name in ("a", "b"):
        network.say(name, "kettle", at=now - HOUR)
    again()
    assert heard() == {"a", "b"}
    understand(at=now)
    assert Match.objects.filter(query=asked).count() == 2
    assert look_again(at=now) == 0
    monkeypatch.setattr(looking, "connect", lambda channel: network)
    del network.posts["a"]
    assert look_again(at=now + 2 * HOUR) == 2
    heard()
    gone = Mention.objects.get(external_id="a")
    assert (gone.text, gone.removed_at is not None) == ("", True)
    assert list(Match.objects.filter(query=asked).values_list("mention__external_id", flat=True)) == ["b"]
    kept = Mention.objects.get(external_id="b")
    assert kept.look_again_at is not None
    assert kept.look_again_at > now + 3 * HOUR
    look_again(at=now + 100 * 24 * HOUR)
    kept.refresh_from_db()
    assert kept.look_again_at is None
