"""What a network may do to an answer, and what becomes of it."""

import datetime as dt
from types import SimpleNamespace as Company
from typing import Any

import pytest
from django.utils import timezone

from choir.channels.contract import Outgoing, RateLimitedError, RejectedError, SignInExpiredError, TemporaryError
from choir.channels.models import Channel, ChannelState
from choir.events.models import Event
from choir.flow.deliver import GIVE_UP_AFTER, UNSURE_AFTER, deliver
from choir.inbox.models import Conversation, Direction, Message
from choir.installation.home import Home
from choir.outbound.actions import TooLate, retry, settle_by_hand
from choir.outbound.models import Delivery, DeliveryState, Draft
from choir.people.access import NotAllowedError
from tests.outbound.company import answer
from tests.outbound.network import Network

DAY = 24 * 3600


def fresh(delivery: Delivery) -> Delivery:
    """The delivery as it stands now."""
    return Delivery.objects.select_related("message__conversation", "channel").get(pk=delivery.pk)


def test_an_answer_whose_outcome_was_lost_is_found_and_not_sent_again(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    delivery = answer(conversation, company.ana)
    network.fails_after = [TemporaryError("The connection broke.")]
    run()
    assert fresh(delivery).state == DeliveryState.WAITING
    run(after_seconds=120)
    assert fresh(delivery).state == DeliveryState.SENT
    assert network.texts == ["It leaves today."]
    assert network.calls == ["reply", "find_sent"]


def test_an_answer_that_did_not_get_through_is_sent_again(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    delivery = answer(conversation, company.ana)
    network.fails_before = [TemporaryError("It is down.", may_have_happened=False)] * 2
    run()
    assert fresh(delivery).because == "It is down. It is tried again by itself."
    run(after_seconds=120)
    run(after_seconds=240)
    assert network.texts == ["It leaves today."]
    assert network.calls == ["reply", "find_sent", "reply", "find_sent", "reply"]


def test_a_worker_that_died_in_the_middle_leaves_a_lease_that_runs_out(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    delivery = answer(conversation, company.ana)
    now = timezone.now()
    Delivery.objects.update(
        state=DeliveryState.SENDING, attempts_count=1, first_attempt_at=now, leased_until=now + dt.timedelta(seconds=90)
    )
    assert run(after_seconds=60) == 0
    assert run(after_seconds=91) == 1
    assert fresh(delivery).state == DeliveryState.SENT
    assert network.calls == ["find_sent", "reply"]


def test_a_rate_limit_waits_as_long_as_it_was_asked_to_and_costs_no_attempt(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    delivery = answer(conversation, company.ana)
    network.fails_before = [RateLimitedError("Too many.", until=timezone.now() + dt.timedelta(minutes=15))]
    run()
    assert (fresh(delivery).state, fresh(delivery).attempts_count) == (DeliveryState.WAITING, 0)
    assert run(after_seconds=14 * 60) == 0
    run(after_seconds=16 * 60)
    assert network.calls == ["reply", "reply"]
    assert network.texts == ["It leaves today."]


def test_an_expired_sign_in_keeps_the_answer_until_the_channel_is_connected_again(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    delivery = answer(conversation, company.ana)
    network.fails_before = [SignInExpiredError("The token was revoked. Connect the channel again.")]
    run()
    channel = fresh(delivery).channel
    assert channel.state == ChannelState.SIGN_IN_NEEDED
    assert "revoked" in channel.state_because
    assert "signed in again" in fresh(delivery).because
    assert run(after_seconds=DAY * 3) == 0
    Channel.objects.update(state=ChannelState.CONNECTED)
    run(after_seconds=DAY * 3)
    assert network.texts == ["It leaves today."]


def test_what_the_network_refuses_is_a_problem_with_its_reason(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    delivery = answer(conversation, company.ana)
    network.fails_before = [RejectedError("The post was deleted, so it cannot be answered.")]
    run()
    assert fresh(delivery).state == DeliveryState.FAILED
    assert fresh(delivery).because == "The post was deleted, so it cannot be answered."
    assert fresh(delivery).message.conversation.has_problem
    assert run(after_seconds=DAY * 2) == 0
    assert Event.objects.filter(verb="delivery.failed").count() == 1


def test_an_outcome_nobody_can_tell_is_parked_as_unsure_and_never_sent_again(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    delivery = answer(conversation, company.ana)
    network.fails_after = [TemporaryError("The connection broke.")]
    network.deaf = TemporaryError("Search is down.")
    run()
    run(after_seconds=120)
    assert fresh(delivery).state == DeliveryState.WAITING
    long_ago = timezone.now() - UNSURE_AFTER - dt.timedelta(minutes=1)
    Delivery.objects.update(first_attempt_at=long_ago)
    run(after_seconds=600)
    assert fresh(delivery).state == DeliveryState.UNSURE
    assert "Look there" in fresh(delivery).because
    assert run(after_seconds=DAY * 2) == 0
    assert network.texts == ["It leaves today."]


def test_a_network_that_is_gone_for_a_day_is_a_problem(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    delivery = answer(conversation, company.ana)
    network.fails_before = [TemporaryError("No route.", may_have_happened=False)] * 3
    run()
    Delivery.objects.update(first_attempt_at=timezone.now() - GIVE_UP_AFTER)
    run(after_seconds=600)
    assert fresh(delivery).state == DeliveryState.FAILED
    assert "could not be reached for a day" in fresh(delivery).because


def test_a_connector_that_breaks_is_tried_again_and_does_not_stop_the_others(
    company: Company, conversation: Conversation, network: Network, run: Any, caplog: Any
) -> None:
    delivery = answer(conversation, company.ana)
    network.fails_before = [ZeroDivisionError("secret details")]
    run()
    assert "ZeroDivisionError" in fresh(delivery).because
    assert "secret details" not in fresh(delivery).because
    run(after_seconds=120)
    assert network.texts == ["It leaves today."]


def test_our_own_answer_heard_before_its_outcome_was_written_is_not_doubled(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    delivery = answer(conversation, company.ana)
    Message.objects.create(
        workspace=company.workspace, conversation=conversation, direction=Direction.OUTBOUND, external_id="post-0",
        author_name="acme", text="It leaves today.", at=timezone.now(), sent_at=timezone.now(),
    )  # fmt: skip
    Conversation.objects.update(messages_count=3)
    run()
    assert fresh(delivery).state == DeliveryState.SENT
    assert Message.objects.filter(external_id="post-0").get() == fresh(delivery).message
    conversation.refresh_from_db()
    assert conversation.messages_count == 2


def test_the_same_words_twice_are_never_taken_for_each_other(
    company: Company, conversation: Conversation, network: Network, run: Any
) -> None:
    first = answer(conversation, company.ana, text="Thank you!")
    run()
    second = answer(conversation, company.ana, text="Thank you!")
    network.fails_before = [TemporaryError("The connection broke.")]
    run()
    network.posts[0] = Outgoing(key=second.key, text="Thank you!", in_reply_to="")
    run(after_seconds=120)
    assert fresh(first).message.external_id == "post-0"
    assert fresh(second).state == DeliveryState.UNSURE
    assert "same words" in fresh(second).because


def test_an_unsure_answer_that_is_heard_back_has_arrived(company: Company, unsure: Delivery, run: Any) -> None:
    Message.objects.filter(pk=unsure.message_id).update(external_id="post-9", sent_at=unsure.first_attempt_at)
    run()
    assert fresh(unsure).state == DeliveryState.SENT
    assert not fresh(unsure).message.conversation.has_problem


def test_credentials_that_cannot_be_opened_ask_for_a_new_sign_in(
    company: Company, conversation: Conversation, settings: Any, home: Home
) -> None:
    delivery = answer(conversation, company.ana)
    company.channel.seal_secret({"token": "secret"})
    company.channel.save()
    settings.KEYRING = home

    def connect(channel: Channel) -> Any:
        return channel.open_secret()

    deliver(at=timezone.now() + dt.timedelta(minutes=1), connect=connect)
    assert fresh(delivery).state == DeliveryState.WAITING
    assert fresh(delivery).channel.state == ChannelState.SIGN_IN_NEEDED


@pytest.fixture
def unsure(company: Company, conversation: Conversation) -> Delivery:
    """An answer of Ana's that may or may not be out."""
    delivery = answer(conversation, company.ana)
    began = timezone.now() - dt.timedelta(hours=1)
    Delivery.objects.update(state=DeliveryState.UNSURE, attempts_count=2, first_attempt_at=began)
    Conversation.objects.update(has_problem=True)
    return fresh(delivery)


def test_trying_again_asks_the_network_first(company: Company, unsure: Delivery, network: Network, run: Any) -> None:
    network.reply(Outgoing(key=unsure.key, text=unsure.message.text, in_reply_to=""))
    retry(unsure, by=company.lea, at=timezone.now())
    run()
    assert fresh(unsure).state == DeliveryState.SENT
    assert not fresh(unsure).message.conversation.has_problem
    assert len(network.posts) == 1


def test_a_person_who_saw_it_on_the_network_marks_it_as_sent(company: Company, unsure: Delivery) -> None:
    settle_by_hand(unsure, was_sent=True, by=company.lea, at=timezone.now())
    after = fresh(unsure)
    assert after.state == DeliveryState.SENT
    assert after.message.sent_at == unsure.first_attempt_at
    assert not after.message.conversation.has_problem
    assert after.message.conversation.waiting_since is None


def test_a_person_who_gives_it_up_returns_the_text_to_its_author(company: Company, unsure: Delivery) -> None:
    settle_by_hand(unsure, was_sent=False, by=company.lea, at=timezone.now())
    assert fresh(unsure).state == DeliveryState.UNDONE
    assert not fresh(unsure).message.conversation.has_problem
    assert Draft.objects.get(person=company.ana).text == "It leaves today."


def test_a_problem_is_settled_once(company: Company, unsure: Delivery) -> None:
    settle_by_hand(unsure, was_sent=True, by=company.lea, at=timezone.now())
    with pytest.raises(TooLate):
        settle_by_hand(unsure, was_sent=False, by=company.ana, at=timezone.now())
    with pytest.raises(TooLate):
        retry(unsure, by=company.ana, at=timezone.now())


@pytest.mark.parametrize("who", ["ben", "ada", "cho", "outsider"])
def test_who_may_not_answer_settles_nothing(company: Company, unsure: Delivery, who: str) -> None:
    with pytest.raises(NotAllowedError):
        retry(unsure, by=getattr(company, who), at=timezone.now())
    with pytest.raises(NotAllowedError):
        settle_by_hand(unsure, was_sent=True, by=getattr(company, who), at=timezone.now())
