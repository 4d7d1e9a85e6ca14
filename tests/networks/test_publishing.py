"""What we send besides words, and unasked, on Bluesky and a server of the Mastodon API, as others see it there."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from django.utils import timezone

from choir.channels import contract
from choir.channels.contract import Author, Card, Measures, Moderates, Part, Post, Publishes, Removes, ReportReason
from choir.channels.registry import connect
from choir.flow.steps import advance
from choir.inbox.models import Conversation, Message
from choir.media.models import Attachment
from choir.outbound import actions as outbound
from choir.outbound.models import DeliveryState
from choir.wake import Step
from tests.cast import Cast
from tests.media.test_pictures import drawn
from tests.networks.place import Place, Read
from tests.networks.steps import answer, come_in, hand_over, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600, func_only=True)]


def test_an_answer_takes_its_picture_along_with_its_description(company: Cast, place: Place) -> None:
    if place.reads is None:
        pytest.skip(f"does not apply: what is sent by {place.slug} is read in one mailbox alone")
    said = place.says("What does the new kettle look like?")
    come_in(company.channel, [said])
    conversation = Conversation.objects.get(messages__external_id=said)
    hand_over(company, conversation)
    given = {"name": "kettle.png", "content": drawn(), "media_type": "image/png"}
    outbound.attach(conversation, **given, by=company.ana, at=timezone.now())  # type: ignore[arg-type]
    outbound.describe(conversation, alt_texts={Attachment.objects.latest("id").pk: "A teal kettle"}, by=company.ana)
    delivery = answer(company, conversation, "It looks like this.")
    advance(Step.DELIVER)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT, delivery.because
    assert seen(place, delivery.message.external_id).pictures == ("A teal kettle",)


def seen(place: Place, external_id: str) -> Read:
    """One thing of ours, once the second account sees it."""
    assert place.reads is not None
    reads = place.reads
    until(lambda: reads(external_id) is not None, seconds=60, what="it is seen")
    found = reads(external_id)
    assert found is not None
    return found


def test_what_we_publish_is_there_once_as_it_was_written_and_is_taken_back(company: Cast, place: Place) -> None:
    if place.reads is None or place.likes is None:
        pytest.skip(f"does not apply: nothing is published by {place.slug}")
    ours: object = connect(company.channel)
    assert isinstance(ours, Publishes)
    assert isinstance(ours, Measures)
    assert isinstance(ours, Removes)
    picture = contract.Attachment("kettle.png", "image/png", drawn(), "A teal kettle")
    parts = (
        Part("Our new kettle.", media=(picture,)),
        Part("More of it:", card=Card("https://acme.example/k", "Kettles")),
    )
    post = Post(uuid.uuid4().hex, parts, attempted_at=timezone.now())
    assert list(ours.find_published(post)) == []
    [first] = ours.publish(replace(post, parts=parts[:1]))  # the process dies between the two
    until(lambda: len(ours.find_published(post)) == 1, seconds=60, what="the first part is found")
    sent = ours.publish(post, already=ours.find_published(post))
    assert [one.external_id for one in sent][:1] == [first.external_id]
    until(lambda: len(ours.find_published(post)) == len(parts), seconds=60, what="both parts are found")
    top, below = (seen(place, one.external_id) for one in sent)
    assert (top.text, top.pictures, top.answers) == ("Our new kettle.", ("A teal kettle",), "")
    assert below.text.startswith("More of it:")
    assert below.answers == top.external_id
    place.likes(top.external_id)
    until(
        lambda: ours.measure([top.external_id])[top.external_id].likes_count == 1,
        seconds=60,
        what="the like is counted",
    )
    for one in sent[::-1]:
        ours.remove(one.external_id)
    reads = place.reads
    until(lambda: not any(reads(one.external_id) for one in sent), seconds=60, what="both are gone")


def test_somebody_is_reported_to_those_who_run_the_network(company: Cast, place: Place) -> None:
    ours: object = connect(company.channel)
    if not isinstance(ours, Moderates):
        pytest.skip(f"does not apply: nobody runs all of {place.slug}")
    said = place.says("Buy cheap kettles here!")
    come_in(company.channel, [said])
    who = Message.objects.get(external_id=said).identity
    assert who is not None
    author = Author(who.external_id, who.handle)
    ours.report(said, author=author, reason=ReportReason.SPAM, comment="The same all day.")
