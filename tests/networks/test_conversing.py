"""Bluesky, Mastodon and e-mail, end to end against their servers: heard, answered once, whatever dies or breaks."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image

from choir.channels.models import Arrival, Channel, ChannelState
from choir.channels.registry import reader
from choir.flow.steps import advance
from choir.flow.streams import listen_until
from choir.inbox.models import Conversation, Message, State
from choir.listening.models import Match
from choir.listening.seeking import Sought, add_query
from choir.media.keeping import content_of
from choir.media.models import Attachment
from choir.outbound.models import Delivery, DeliveryState
from choir.wake import Step
from tests.cast import Cast
from tests.faults.harness import ROOT, database_url, kill, line_of, start, wait_until_dead
from tests.media.test_pictures import drawn
from tests.networks.conftest import Measured
from tests.networks.place import Place
from tests.networks.steps import answer, come_in, fetch_now, heard, said_to_us, until

KILLS = int(os.environ.get("CHOIR_NETWORK_KILLS", "50"))
OUTAGE_SECONDS = float(os.environ.get("CHOIR_NETWORK_OUTAGE_SECONDS", "60"))
CONVERSATIONS = 30
CALLS_END_WITHIN_SECONDS = 5.0
LATE = "My parcel has not arrived, it was due on Monday. Where is it?"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1500, func_only=True)]


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


@contextmanager
def listened_to(channel: Channel) -> Iterator[None]:
    """A worker listens to the channel's stream for as long as the block runs."""
    over = threading.Event()
    listening = threading.Thread(target=listen_until, args=(over,))
    listening.start()
    try:
        until(
            lambda: Channel.objects.get(pk=channel.pk).stream_leased_until,
            seconds=60, what="the stream is listened to",
        )  # fmt: skip
        yield
    finally:
        over.set()
        listening.join()


def streamed() -> int:
    return Arrival.objects.filter(source="stream").count()


def said_until_streamed(place: Place) -> list[str]:
    """That a worker has the stream does not tell that the network knows it yet: something is said now and then until
    the first of it comes that way."""
    said: list[str] = []
    while not streamed():
        assert len(said) < 60, "nothing comes through the stream"
        said.append(place.says(f"is anybody listening? {len(said)}"))
        with suppress(AssertionError):
            until(streamed, seconds=2, what="streamed")
    return said


def test_stream_and_polling_together_store_everything_once(
    company: Cast, place: Place, network: str, measured: Measured
) -> None:
    with listened_to(company.channel):
        took = []
        said = said_until_streamed(place)
        for number in range(5):
            before = streamed()
            began = time.monotonic()
            said.append(place.says(f"number {number}: where is my parcel?"))
            until(lambda: streamed() > before, seconds=60, what="streamed")  # noqa: B023
            took.append(time.monotonic() - began)
        measured(f"{network}: posted to stored through the stream, slowest of 5: {max(took):.1f} s")
        come_in(company.channel, said)
    assert said_to_us(company.channel) == Counter(said)


def test_what_a_query_asks_for_is_heard_from_where_the_stream_was_left(company: Cast, place: Place) -> None:
    if place.mutters is None:
        pytest.skip(f"does not apply: nobody is told by {place.slug} what others say to others")
    add_query(company.workspace, sought=Sought("Kettles", "kettle AND sing*"), by=company.cho, at=timezone.now())
    advance(Step.SEARCH)  # the query is put to the network

    def told() -> Counter[str]:
        rows = Arrival.objects.filter(channel=company.channel, source="stream")
        return Counter(item.external_id for row in rows for item in reader(company.channel).items(row.raw))

    with listened_to(company.channel):
        said = [place.mutters("My kettle sings.")]
        until(lambda: told()[said[0]], seconds=60, what="the stream tells what a query asks for")
    left_at = Channel.objects.get(pk=company.channel.pk).stream_cursor
    place.mutters("My toaster sings.")
    said.append(place.mutters("Another singing kettle, while nobody listened."))
    with listened_to(company.channel):
        until(lambda: told()[said[1]], seconds=60, what="what was said meanwhile is told")
        said.append(place.mutters("A third kettle sings."))
        until(lambda: told()[said[2]], seconds=60, what="and it goes on")
    assert told() == Counter(said)
    assert int(Channel.objects.get(pk=company.channel.pk).stream_cursor) > int(left_at)
    heard()
    found = Match.objects.filter(query__name="Kettles").values_list("mention__external_id", flat=True)
    assert sorted(found) == sorted(said)
    assert not said_to_us(company.channel)  # overheard, and in nobody's queue


def test_a_picture_is_kept_once_with_its_small_copy_and_its_description(company: Cast, place: Place) -> None:
    company.channel.settings |= {"allows_private": True}  # the servers are on this machine
    company.channel.save(update_fields=["settings"])
    with listened_to(company.channel):
        said_until_streamed(place)
        before = streamed()
        said = [place.shows(f"Look at the box, {number}.", drawn(), "A torn box") for number in range(2)]
        until(lambda: streamed() >= before + len(said), seconds=60, what="the stream tells of them")
    come_in(company.channel, said)

    def kept() -> bool:
        Attachment.objects.filter(state="waiting").update(due_at=timezone.now())
        advance(Step.MEDIA)
        return not Attachment.objects.filter(state="waiting").exists()

    until(kept, seconds=60, what="the pictures are fetched")
    pictures = Attachment.objects.filter(mention__external_id__in=said).select_related("file")
    assert [one.because for one in pictures] == ["", ""]
    assert all("A torn box" in (one.alt_text or one.name) and one.is_shown for one in pictures)
    assert len({one.file_id for one in pictures}) == 1  # the same picture twice is one file
    [file] = {one.file for one in pictures if one.file is not None}
    with Image.open(BytesIO(content_of(file, is_small=True))) as small:
        assert small.format == "WEBP"


@dataclass
class Leases:
    """What killed workers held. A call that was in the air when its worker died has ended some seconds later; then the
    lease may end too, which in earnest takes a minute and a half (`choir.flow.deliver.LEASE`)."""

    held: list[tuple[float, uuid.UUID, dt.datetime]] = field(default_factory=list)

    def note(self) -> None:
        """Every worker is dead: whatever is being sent now, nobody is sending."""
        known = {(pk, leased_until) for _, pk, leased_until in self.held}
        rows = Delivery.objects.filter(state=DeliveryState.SENDING).values_list("pk", "leased_until")
        self.held += [(time.monotonic(), pk, end) for pk, end in rows if end and (pk, end) not in known]

    def end(self) -> None:
        """Let those end that are old enough; one that another worker has taken meanwhile is another lease."""
        for died_at, pk, leased_until in self.held:
            if time.monotonic() - died_at > CALLS_END_WITHIN_SECONDS:
                Delivery.objects.filter(pk=pk, leased_until=leased_until).update(leased_until=timezone.now())


def test_workers_killed_between_sending_and_writing_it_down(
    company: Cast, place: Place, network: str, measured: Measured
) -> None:
    said = [place.says(f"number {number}: where is my parcel?") for number in range(CONVERSATIONS)]
    come_in(company.channel, said)
    chance, kills, leases = random.Random(5), 0, Leases()
    texts: dict[str, list[str]] = {one: [] for one in said}
    environment = os.environ | {"DATABASE_URL": database_url()}
    command = [sys.executable, "-m", "tests.networks.worker", network]
    unsettled = Delivery.objects.filter(state__in=[DeliveryState.WAITING, DeliveryState.SENDING])
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as workers:
        try:
            assert line_of(workers) == "ready"
            while kills < KILLS:
                for one in chance.sample(said, 2):
                    text = f"Answer {sum(map(len, texts.values()))} to you."
                    texts[one].append(text)
                    answer(company, Conversation.objects.get(messages__external_id=one), text)
                death = chance.choice(["sent", "sent", "asked", "-"])
                pid = start(workers, death)
                if death == "-":
                    time.sleep(chance.uniform(0, 0.6))
                    kill(pid)
                assert wait_until_dead(pid, seconds=300), "a worker that should have died lives"
                kills += 1
                leases.note()
                leases.end()
            pid = start(workers, "-")

            def settled() -> bool:
                leases.end()
                return not unsettled.exists()

            until(settled, seconds=600, what="every answer is settled")
            kill(pid)
        finally:
            workers.kill()
    assert not list(Delivery.objects.exclude(state=DeliveryState.SENT).values_list("state", "because"))
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
        fetch_now(company.channel)
        Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
        advance(Step.DELIVER)
        time.sleep(1)
    assert "could not be reached" in company.channel.failure
    place.mend()
    said += [place.says(f"after {number}") for number in range(3)]
    come_in(company.channel, said)

    def sent() -> bool:
        Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING).update(due_at=timezone.now())
        advance(Step.DELIVER)
        delivery.refresh_from_db()
        return delivery.state == DeliveryState.SENT

    until(sent, seconds=120, what="the answer leaves")
    assert said_to_us(company.channel) == Counter(said)
    assert sum("After the outage." in one for one in place.answers(said[0])) == 1


def test_a_withdrawn_permission_asks_for_sign_in_and_loses_nothing(company: Cast, place: Place) -> None:
    said = [place.says("first")]
    come_in(company.channel, said)
    delivery = answer(company, Conversation.objects.get(messages__external_id=said[0]), "Once you let us.")
    place.revoke(company.channel)
    said.append(place.says("while nobody let us"))
    fetch_now(company.channel)
    assert company.channel.state == ChannelState.SIGN_IN_NEEDED, company.channel.failure
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


def test_what_is_said_to_us_alone_is_answered_to_its_author_alone_under_its_warning(
    company: Cast, place: Place
) -> None:
    if place.whispers is None:
        pytest.skip(f"does not apply: {place.slug} has no private messages here, or nothing else")
    said, sent = place.whispers("My allergy came back from your cream.", "health")
    come_in(company.channel, [said])
    conversation = Conversation.objects.get(messages__external_id=said)
    assert conversation.is_private
    delivery = answer(company, conversation, "Please see a doctor, and write to us again.")
    advance(Step.DELIVER)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT, delivery.because
    assert sent() == [("direct", "health")]


def test_what_its_author_deletes_is_forgotten(company: Cast, place: Place) -> None:
    if place.deletes is None:
        pytest.skip(f"does not apply: nobody can take back what they said by {place.slug}")
    said = place.says("my word is zyxwabra")  # no digits: ids and times have every few of them somewhere
    come_in(company.channel, [said])
    place.deletes(said)

    def forgotten() -> bool:
        fetch_now(company.channel)
        advance(Step.HEAR)
        return Message.objects.get(external_id=said).text == ""

    until(forgotten, seconds=90, what="the words are forgotten")
    assert not any(b"zyxwabra" in bytes(one.payload) for one in Arrival.objects.filter(channel=company.channel))
