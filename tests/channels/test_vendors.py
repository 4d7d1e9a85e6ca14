"""Networks that only their vendors run, each against its double: what a customer says is heard once and answered once,
whatever the network does in between."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from choir.channels.models import Channel, ChannelState, Quota
from choir.channels.registry import manifest
from choir.flow.hear import hear
from choir.inbox.models import Direction, Message
from choir.outbound.actions import CannotReply
from choir.outbound.models import DeliveryState
from tests.channels.place import QUESTION, REPLY, Place
from tests.doubles import DOUBLED
from tests.doubles.double import SECRET
from tests.doubles.graph import GraphDouble
from tests.outbound.company import answer

every = pytest.mark.parametrize("slug", DOUBLED)
ONCE = ["inbound:True", "outbound:True"]


@every
def test_a_question_becomes_a_conversation_and_its_answer_stands_under_it_once(place: Place) -> None:
    question, delivery = place.asked()
    place.network.set_clock(timezone.now())
    place.deliver()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT, delivery.because
    assert place.network.answers_to(question) == [REPLY]
    place.listen()
    place.listen()
    assert place.said(question) == ONCE


@every
@pytest.mark.parametrize("is_heard_first", [False, True], ids=["read back", "heard back"])
def test_an_answer_whose_acknowledgement_was_lost_is_neither_sent_twice_nor_lost(
    place: Place, is_heard_first: bool
) -> None:
    question, delivery = place.asked()
    place.network.set_clock(timezone.now() + dt.timedelta(minutes=1))
    place.network.fail("lost")
    place.deliver()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.WAITING
    place.network.fail("")
    if is_heard_first:
        place.listen()
    place.deliver(after_seconds=180)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT, delivery.because
    assert place.network.answers_to(question) == [REPLY]
    place.listen()
    assert place.said(question) == ONCE


@every
def test_the_network_says_how_long_to_wait_and_nothing_is_lost(place: Place) -> None:
    _, delivery = place.asked()
    second = place.network.customer_says("And my toaster?")
    place.network.fail("429")
    before = timezone.now()
    place.listen()
    until = place.channel.rate_limited_until
    assert until is not None
    wait = (until - before).total_seconds()
    assert place.network.waits_seconds - 61 <= wait <= place.network.waits_seconds + 61
    place.deliver()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts_count) == (DeliveryState.WAITING, 0)
    place.network.fail("")
    place.deliver(after_seconds=place.network.waits_seconds + 120)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT, delivery.because
    Channel.objects.update(rate_limited_until=None)  # the wait is over
    place.listen()
    assert place.said(second) == ["inbound:True"]


@every
def test_a_consent_taken_back_asks_for_sign_in_and_loses_nothing(place: Place) -> None:
    question, delivery = place.asked()
    place.network.revoke()
    later = place.network.customer_says("And my toaster?")
    place.listen()
    assert place.channel.state == ChannelState.SIGN_IN_NEEDED
    assert "Connect the channel again" in place.channel.state_because
    assert place.network.answers_to(question) == []
    place.network.is_revoked = False
    Channel.objects.update(state=ChannelState.CONNECTED)
    place.listen()
    place.deliver(after_seconds=600)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT, delivery.because
    assert place.said(later) == ["inbound:True"]


@every
def test_what_its_author_takes_back_is_forgotten_and_what_is_edited_follows(place: Place) -> None:
    kept, gone = place.network.customer_says(QUESTION), place.network.customer_says("I take this back.")
    place.listen()
    if place.network.has_edits:
        place.network.customer_edits(kept, "Where is my toaster?")
    place.network.customer_deletes(gone)
    place.listen()
    texts = dict(Message.objects.values_list("external_id", "text"))
    assert texts[gone] == ""
    assert Message.objects.get(external_id=gone).removed_at is not None
    assert texts[kept].removeprefix("@brindle ") == ("Where is my toaster?" if place.network.has_edits else QUESTION)
    assert len(texts) == 2


@every
def test_what_is_left_of_a_limit_is_noted_where_the_network_states_it(place: Place) -> None:
    place.asked()
    noted = list(Quota.objects.of(place.channel).values_list("bucket", flat=True))
    assert noted == [place.network.quota_bucket] * bool(place.network.quota_bucket)


WEBHOOKS = [slug for slug in DOUBLED if "webhook" in {one.value for one in manifest(slug).capabilities}]


@pytest.mark.parametrize("slug", WEBHOOKS)
def test_a_webhook_is_taken_once_when_it_is_genuine_and_never_doubles_what_was_fetched(
    place: Place, client: Client
) -> None:
    question = place.network.customer_says(QUESTION)
    [(body, headers)] = place.network.announcements()
    address = f"/hooks/{place.channel.pk}"
    forged = {name: value[:-4] + "beef" if "ignature" in name else value for name, value in headers.items()}
    assert client.post(address, body, content_type="application/json", headers=forged).status_code == 401
    assert client.post(address, body, content_type="application/json").status_code == 401
    assert client.post(address, body + b" ", content_type="application/json", headers=headers).status_code == 401
    assert not Message.objects.exists()
    for _ in range(2):
        assert client.post(address, body, content_type="application/json", headers=headers).status_code == 202
    place.listen()
    assert place.said(question) == ["inbound:True"]
    place.network.customer_deletes(question)
    for body, headers in place.network.announcements():
        assert client.post(address, body, content_type="application/json", headers=headers).status_code == 202
    place.listen()
    assert Message.objects.get(external_id=question, direction=Direction.INBOUND).text == ""


@pytest.mark.parametrize("slug", ["facebook", "instagram"])
def test_metas_address_is_confirmed_with_our_own_word_alone_and_serves_all_channels_of_the_app(
    place: Place, client: Client
) -> None:
    address = f"/hooks/{place.channel.pk}"
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": SECRET}
    assert client.get(address, asked).content == b"1158201444"
    assert client.get(address, asked | {"hub.verify_token": "guessed"}).status_code == 401
    assert client.get(address).status_code == 401
    first = place.channel
    other = Channel(
        workspace=first.workspace,
        connector=first.connector,
        network=first.network,
        name="Another",
        external_id="104000000000999",
        accountable=first.accountable,
        secret=first.secret,
    )
    other.save()
    question = place.network.customer_says(QUESTION)
    [(body, headers)] = place.network.announcements()
    client.post(f"/hooks/{other.pk}", body, content_type="application/json", headers=headers)
    hear(at=timezone.now())
    assert Message.objects.get(external_id=question).conversation.channel == first


@pytest.mark.parametrize("slug", ["facebook", "instagram"])
def test_a_private_answer_after_the_window_says_so_and_a_person_may_follow_up_where_meta_allows_it(
    place: Place,
) -> None:
    network = place.network
    assert isinstance(network, GraphDouble)
    question = network.customer_writes_privately("Is it far?")
    place.listen()
    network.window_is_closed = True
    delivery = answer(place.conversation(question), place.cast.ana, "Two days.")
    place.deliver()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    assert "more than 24 hours" in delivery.because
    assert network.private_answers() == []
    conversation = place.conversation(question)
    conversation.last_inbound_at = timezone.now() - dt.timedelta(hours=25)
    conversation.save()
    with pytest.raises(CannotReply, match="more than 24 hours ago"):
        answer(conversation, place.cast.ana, "Too late.")
    network.human_agent_is_approved = True
    allowed = {"human_agent": "yes", "limits": {"direct_answer_hours": 168}}
    Channel.objects.update(settings=place.channel.settings | allowed)
    later = answer(place.conversation(question), place.cast.ana, "Two days, sorry.")
    network.set_clock(timezone.now())
    place.deliver()
    later.refresh_from_db()
    assert later.state == DeliveryState.SENT, later.because
    assert network.private_answers() == ["Two days, sorry."]
    network.customer_rewords(question, "Is it very far?")
    network.set_clock(timezone.now())
    for body, headers in network.announcements():
        Client().post(f"/hooks/{place.channel.pk}", body, content_type="application/json", headers=headers)
    hear(at=timezone.now())
    assert Message.objects.get(external_id=question).text == "Is it very far?"
    network.customer_unsends(question)
    for body, headers in network.announcements():
        Client().post(f"/hooks/{place.channel.pk}", body, content_type="application/json", headers=headers)
    place.listen()
    texts = [one.text for one in Message.objects.exclude(text="Two days.").order_by("at")]
    assert texts == ["", "Two days, sorry."]
