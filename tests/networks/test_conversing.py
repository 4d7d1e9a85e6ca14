"""Bluesky and Mastodon, end to end against their servers: heard, answered once, whatever dies or breaks."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from choir.channels.models import Arrival, Channel, ChannelState
from choir.flow.steps import advance
from choir.flow.streams import listen_until
from choir.inbox.models import Conversation, Direction, Message, State
from choir.outbound.actions import send
from choir.outbound.models import Delivery, DeliveryState
from choir.wake import Step
from tests.cast import Cast, cast
from tests.faults.harness import ROOT, database_url, kill, line_of, wait_until_dead
from tests.networks.conftest import Measured
from tests.networks.places import PLACES, Place

KILLS = int(os.environ.get("CHOIR_NETWORK_KILLS", "50"))
OUTAGE_SECONDS = float(os.environ.get("CHOIR_NETWORK_OUTAGE_SECONDS", "20"))
LATE = "My parcel has not arrived, it was due on Monday. Where is it?"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in PLACES])
def network(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def place(network: str, tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Place]:
    with PLACES[network](tmp_path_factory.mktemp(network), database_url) as one:
        yield one


@pytest.fixture
def company(place: Place) -> Cast:
    """The company, its channel connected, and everything said so far behind it."""
    here = cast()
    place.connect(here.channel)
    fetched(here.channel)
    Arrival.objects.update(heard_at=timezone.now())
    return here


def fetched(channel: Channel) -> None:
    """Fetch now, to the end."""
    Channel.objects.filter(pk=channel.pk).update(fetch_due_at=timezone.now(), rate_limited_until=None)
    advance(Step.FETCH)
    channel.refresh_from_db()
    assert not channel.failure, channel.failure


def heard() -> None:
    for step in (Step.HEAR, Step.UNDERSTAND, Step.ROUTE):
        advance(step)


def until(holds: Callable[[], object], *, seconds: float, what: str) -> float:
    """Wait for something; how long it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"{what}: not after {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - began


def said_to_us(channel: Channel) -> Counter[str]:
    return Counter(
        Message.objects.filter(conversation__channel=channel, direction=Direction.INBOUND).values_list(
            "external_id", flat=True
        )
    )


def come_in(channel: Channel, ids: list[str]) -> None:
    """Fetch and hear until all of them are there; the AppView may follow a moment later."""

    def there() -> bool:
        Channel.objects.filter(pk=channel.pk).update(fetch_due_at=timezone.now(), rate_limited_until=None)
        advance(Step.FETCH)
        advance(Step.HEAR)
        return set(ids) <= set(said_to_us(channel))

    until(there, seconds=60, what="everything said comes in")
    heard()


def answer(company: Cast, conversation: Conversation, text: str) -> Delivery:
    """Ana of customer service answers; what routing gave to others, or to nobody, is handed to her first."""
    conversation.refresh_from_db()
    conversation.department, conversation.team = (
        company.departments["customer_service"],
        company.teams["customer_service"],
    )
    conversation.state = State.OPEN
    conversation.save()
    at = timezone.now() - dt.timedelta(seconds=30)  # past the seconds for undo
    sent = send(conversation, text=text, seen_revision=conversation.revision, by=company.ana, at=at)
    assert isinstance(sent, Delivery)
    return sent


def test_a_post_reaches_its_department_and_is_answered_once(company: Cast, place: Place) -> None:
    said = place.says(LATE)
    come_in(company.channel, [said])
    conversation = Conversation.objects.get(messages__external_id=said)
    assert conversation.state == State.OPEN
    assert conversation.department is not None
    assert conversation.department.slug in ("operations", "customer_service")
    assert conversation.objective is not None
    assert conversation.objective.slug == "care"
    text = "We are looking into it: https://acme.example/help"
    delivery = answer(company, conversation, text)
    advance(Step.DELIVER)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT, delivery.because
    assert [one for one in place.answers(said) if text in one] == place.answers(said)
    assert len(place.answers(said)) == 1
    come_in(company.channel, [said])  # our own answer comes back, and is no second message
    assert conversation.messages.count() == 2


def test_stream_and_polling_together_store_everything_once(
    company: Cast, place: Place, network: str, measured: Measured
) -> None:
    over = threading.Event()
    listening = threading.Thread(target=listen_until, args=(over,))
    listening.start()
    try:
        until(
            lambda: Channel.objects.get(pk=company.channel.pk).stream_leased_until,
            seconds=20, what="the stream is listened to",
        )  # fmt: skip
        time.sleep(3)
        took = []
        said = []
        for number in range(5):
            before = Arrival.objects.filter(source="stream").count()
            began = time.monotonic()
            said.append(place.says(f"number {number}: where is my parcel?"))
            until(lambda: Arrival.objects.filter(source="stream").count() > before, seconds=20, what="streamed")  # noqa: B023
            took.append(time.monotonic() - began)
        measured(f"{network}: posted to stored through the stream, slowest of 5: {max(took):.1f} s")
        come_in(company.channel, said)
    finally:
        over.set()
        listening.join()
    assert said_to_us(company.channel) == Counter(said)


def test_workers_killed_between_sending_and_writing_it_down(
    company: Cast, place: Place, network: str, measured: Measured
) -> None:
    said = [place.says(f"number {number}: where is my parcel?") for number in range(10)]
    come_in(company.channel, said)
    chance, kills = random.Random(5), 0
    texts: dict[str, list[str]] = {one: [] for one in said}
    environment = os.environ | {"DATABASE_URL": database_url()}
    command = [sys.executable, "-m", "tests.networks.worker"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as workers:
        try:
            assert line_of(workers) == "ready"
            assert workers.stdin is not None
            while kills < KILLS:
                for one in chance.sample(said, 2):
                    text = f"Answer {sum(map(len, texts.values()))} to you."
                    texts[one].append(text)
                    answer(company, Conversation.objects.get(messages__external_id=one), text)
                death = chance.choice(["sent", "sent", "sent", "asked"])
                workers.stdin.write(f"{death}\n")
                pid = int(line_of(workers))
                assert wait_until_dead(pid, seconds=120), "a worker that should have died lives"
                kills += 1
            workers.stdin.write("-\n")
            pid = int(line_of(workers))
            unsettled = Delivery.objects.exclude(state=DeliveryState.SENT)
            final = [DeliveryState.UNSURE, DeliveryState.FAILED]
            until(lambda: not unsettled.exclude(state__in=final).exists(), seconds=300, what="every answer is settled")
            assert not list(unsettled.values_list("state", "because"))
            kill(pid)
        finally:
            workers.kill()
    for one, expected in texts.items():
        if expected:
            shown = Counter(text for text in expected for found in place.answers(one) if text in found)
            assert shown == Counter(expected), "an answer is missing or twice on the network"
    measured(f"{network}: {kills} workers killed, {sum(map(len, texts.values()))} answers, each once on the network")


def test_an_outage_leaves_no_gap_and_no_repeat(company: Cast, place: Place) -> None:
    said = [place.says(f"before {number}") for number in range(3)]
    come_in(company.channel, said)
    conversation = Conversation.objects.get(messages__external_id=said[0])
    said += [place.says("just before")]
    place.cut()
    delivery = answer(company, conversation, "After the outage.")
    began = time.monotonic()
    while time.monotonic() - began < OUTAGE_SECONDS:
        if place.says_while_cut and len(said) < 7:
            said.append(place.says(f"during {len(said)}"))
        Channel.objects.filter(pk=company.channel.pk).update(fetch_due_at=timezone.now())
        advance(Step.FETCH)
        Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
        advance(Step.DELIVER)
        time.sleep(1)
    company.channel.refresh_from_db()
    assert "could not be reached" in company.channel.failure
    place.mend()
    said += [place.says(f"after {number}") for number in range(3)]
    come_in(company.channel, said)
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING).update(due_at=timezone.now())
    advance(Step.DELIVER)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT, delivery.because
    assert said_to_us(company.channel) == Counter(said)
    assert sum("After the outage." in one for one in place.answers(said[0])) == 1


def test_a_withdrawn_permission_asks_for_sign_in_and_loses_nothing(company: Cast, place: Place) -> None:
    said = [place.says("first")]
    come_in(company.channel, said)
    delivery = answer(company, Conversation.objects.get(messages__external_id=said[0]), "Once you let us.")
    place.revoke(company.channel)
    said.append(place.says("while nobody let us"))
    Channel.objects.filter(pk=company.channel.pk).update(fetch_due_at=timezone.now())
    advance(Step.FETCH)
    company.channel.refresh_from_db()
    assert company.channel.state == ChannelState.SIGN_IN_NEEDED
    assert company.channel.state_because
    advance(Step.DELIVER)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.WAITING
    place.secret = place.allow_again()
    place.connect(company.channel)
    come_in(company.channel, said)
    advance(Step.DELIVER)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT, delivery.because
    assert said_to_us(company.channel) == Counter(said)
    assert sum("Once you let us." in one for one in place.answers(said[0])) == 1


def test_what_its_author_deletes_is_forgotten(company: Cast, place: Place) -> None:
    said = place.says("my number is 4711")
    come_in(company.channel, [said])
    place.deletes(said)

    def forgotten() -> bool:
        Channel.objects.filter(pk=company.channel.pk).update(fetch_due_at=timezone.now())
        advance(Step.FETCH)
        advance(Step.HEAR)
        return Message.objects.get(external_id=said).text == ""

    until(forgotten, seconds=30, what="the words are forgotten")
    assert not any(b"4711" in bytes(one.payload) for one in Arrival.objects.filter(channel=company.channel))
