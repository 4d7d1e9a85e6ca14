"""From a written reply to one that is on the network."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from choir.channels.models import ChannelState
from choir.events.models import Event
from choir.inbox.models import Conversation
from choir.outbound.actions import CannotReply, CheckStopped, StaleReply, TooLate, TooLong, send, undo
from choir.outbound.models import Delivery, DeliveryState, Draft
from choir.people.access import NotAllowedError
from tests.outbound.company import answer, write_again
from tests.outbound.network import Network

Company = SimpleNamespace


def test_a_reply_waits_for_undo_and_then_reaches_the_network(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    delivery = answer(conversation, company.ana)
    assert run(after_seconds=2) == 0
    assert network.texts == []
    assert run(after_seconds=10) == 1
    delivery.refresh_from_db()
    conversation.refresh_from_db()
    assert network.texts == ["It leaves today."]
    assert delivery.state == DeliveryState.SENT
    assert delivery.message.external_id == "post-0"
    assert delivery.message.sent_at is not None
    assert conversation.waiting_since is None
    assert conversation.last_outbound_at == delivery.message.sent_at
    sent = Event.objects.get(verb="message.sent")
    assert 295 <= sent.facts["first_response_seconds"] <= 320
    assert sent.by == company.ana


def test_what_the_network_gets_names_the_customers_last_words(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    last = write_again(company, conversation, text="Hello?")
    answer(conversation, company.ana)
    run()
    assert network.posts[0].in_reply_to == last.external_id
    assert network.posts[0].recipient is not None
    assert network.posts[0].recipient.handle == "@mia"


def test_a_reply_that_did_not_see_the_last_message_is_refused(company: Company, conversation: Conversation) -> None:
    seen = conversation.revision
    write_again(company, conversation, text="Found it, thank you!")
    with pytest.raises(StaleReply) as refused:
        send(conversation, text="It leaves today.", seen_revision=seen, by=company.ana, at=timezone.now())
    assert [str(change) for change in refused.value.changes] == ["@mia wrote: “Found it, thank you!”."]
    assert not Delivery.objects.exists()


def test_a_second_answer_is_refused_and_told_of_the_first(company: Company, conversation: Conversation) -> None:
    seen = conversation.revision
    answer(conversation, company.ana)
    with pytest.raises(StaleReply, match="Ana answered: “It leaves today"):
        send(conversation, text="Tomorrow!", seen_revision=seen, by=company.nia, at=timezone.now())


def test_the_same_form_sent_twice_sends_once(company: Company, conversation: Conversation) -> None:
    seen = conversation.revision
    first, second = (
        send(conversation, text="Yes.", seen_revision=seen, by=company.ana, at=timezone.now(), token="form-1")
        for _ in range(2)
    )
    assert first == second
    assert Delivery.objects.count() == 1


def test_the_same_form_can_be_sent_again_after_undo(company: Company, conversation: Conversation) -> None:
    first = answer(conversation, company.ana, token="form-1")
    undo(first, by=company.ana, at=timezone.now())
    second = answer(conversation, company.ana, token="form-1")
    assert second.key != first.key
    assert second.state == DeliveryState.WAITING


def test_undo_takes_it_back_and_returns_the_text(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    delivery = answer(conversation, company.ana)
    assert undo(delivery, by=company.ana, at=timezone.now()).state == DeliveryState.UNDONE
    run()
    conversation.refresh_from_db()
    draft = Draft.objects.get(conversation=conversation, person=company.ana)
    assert network.texts == []
    assert draft.text == "It leaves today."
    assert draft.seen_revision == conversation.revision
    assert conversation.messages_count == 1


def test_undo_comes_too_late_once_an_attempt_began(company: Company, conversation: Conversation, run: Any) -> None:
    delivery = answer(conversation, company.ana)
    run()
    with pytest.raises(TooLate):
        undo(delivery, by=company.ana, at=timezone.now())


def test_only_its_author_takes_a_reply_back(company: Company, conversation: Conversation) -> None:
    delivery = answer(conversation, company.ana)
    with pytest.raises(NotAllowedError):
        undo(delivery, by=company.lea, at=timezone.now())


@pytest.mark.parametrize("who", ["ben", "ada", "outsider"])
def test_people_of_other_departments_cannot_answer(company: Company, conversation: Conversation, who: str) -> None:
    with pytest.raises(NotAllowedError):
        answer(conversation, getattr(company, who))


def test_a_reply_longer_than_the_network_takes_is_refused(company: Company, conversation: Conversation) -> None:
    with pytest.raises(TooLong, match="Shorten it by 1"):
        answer(conversation, company.ana, text="x" * 281)
    answer(conversation, company.ana, text="x" * 280)


def test_a_private_conversation_has_the_longer_limit(company: Company, conversation: Conversation) -> None:
    conversation.is_private = True
    conversation.save()
    assert answer(conversation, company.ana, text="x" * 900)


def test_a_text_that_a_check_stops_does_not_leave(company: Company, conversation: Conversation) -> None:
    with pytest.raises(CheckStopped, match="card number"):
        answer(conversation, company.ana, text="We charged 4111 1111 1111 1111.")
    assert not Delivery.objects.exists()


def test_a_channel_that_cannot_be_answered_says_so(company: Company, conversation: Conversation) -> None:
    company.channel.connector = "gone"
    company.channel.save()
    with pytest.raises(CannotReply, match="Answer on Loopback itself"):
        answer(conversation, company.ana)


def test_nothing_leaves_a_paused_channel(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    answer(conversation, company.ana)
    company.channel.state = ChannelState.PAUSED
    company.channel.save()
    assert run() == 0
    with pytest.raises(CannotReply, match="paused"):
        answer(conversation, company.ana, text="And another thing.")
    company.channel.state = ChannelState.CONNECTED
    company.channel.save()
    run()
    assert network.texts == ["It leaves today."]


def test_answers_of_one_conversation_leave_in_the_order_they_were_written(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    for text in ("One.", "Two.", "Three."):
        answer(conversation, company.ana, text=text)
    while run():
        pass
    assert network.texts == ["One.", "Two.", "Three."]


def test_the_customer_still_waits_when_they_wrote_while_it_was_leaving(
    company: Company, conversation: Conversation, run: Any
) -> None:
    answer(conversation, company.ana)
    again = write_again(company, conversation, text="One more thing", at=timezone.now() + dt.timedelta(seconds=1))
    run()
    conversation.refresh_from_db()
    assert conversation.waiting_since == again.at
