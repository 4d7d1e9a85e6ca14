"""What an attempt to send came to, written down. Only the flow and `settling` call this; each function expects the
conversation and the delivery held, in this order, in the caller's transaction."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import QuerySet

from choir.channels.models import Channel, ChannelState
from choir.inbox import clocks
from choir.inbox.actions import about, tell
from choir.inbox.models import Conversation, Direction, Message
from choir.outbound.actions.engaging import follow
from choir.outbound.models import Delivery, DeliveryState
from choir.people.models import Person

OUTCOME = ["state", "due_at", "leased_until", "attempts_count", "first_attempt_at", "because", "settled_at"]


def arrived(
    conversation: Conversation,
    delivery: Delivery,
    *,
    external_id: str,
    url: str,
    sent_at: dt.datetime,
    at: dt.datetime,
    by: Person | None = None,
) -> None:
    """The network has it. The message gets its id and time there, the customer no longer waits, the clocks of the
    first response stop. `external_id` is empty when only a person saw it."""
    message = delivery.message
    _adopt_echo(conversation, message, external_id)
    message.external_id, message.url, message.sent_at, message.at = external_id, url[:1000], sent_at, sent_at
    message.save(update_fields=["external_id", "url", "sent_at", "at"])
    delivery.state, delivery.leased_until, delivery.settled_at = DeliveryState.SENT, None, at
    delivery.save(update_fields=[*OUTCOME])
    follow(message, channel=conversation.channel, is_private=conversation.is_private, sent_at=sent_at)
    is_first = conversation.last_outbound_at is None
    facts = about(conversation)
    if not message.is_automatic:
        facts |= _seconds(conversation, sent_at, is_first=is_first)
    facts |= {
        "message": str(message.pk),
        "delivery": str(delivery.pk),
        "author": str(message.person_id or ""),
        "attempts": delivery.attempts_count,
        "delivery_seconds": max(0, round((sent_at - delivery.created_at).total_seconds(), 3)),
    }
    conversation.last_message_at = max(sent_at, conversation.last_message_at)
    if not message.is_automatic:
        conversation.last_outbound_at = max(sent_at, conversation.last_outbound_at or sent_at)
        conversation.waiting_since = _still_waiting_since(conversation, delivery)
        if conversation.waiting_since is None:
            clocks.on_answer(conversation, at=sent_at)
    conversation.save()
    mind_problems(conversation)
    who = by or message.person
    tell(conversation, "message.sent", by=who, at=sent_at, because=delivery.because, facts=facts, what="message")


def _seconds(conversation: Conversation, sent_at: dt.datetime, *, is_first: bool) -> dict[str, object]:
    """How long the customer waited, in calendar seconds: since they first wrote, and since they last waited."""
    facts: dict[str, object] = {}
    if is_first and conversation.first_inbound_at is not None:
        facts["first_response_seconds"] = max(0, int((sent_at - conversation.first_inbound_at).total_seconds()))
    if conversation.waiting_since is not None:
        facts["response_seconds"] = max(0, int((sent_at - conversation.waiting_since).total_seconds()))
    return facts


def _still_waiting_since(conversation: Conversation, delivery: Delivery) -> dt.datetime | None:
    """Since when the customer waits for an answer to what they wrote after this one was written."""
    return (
        conversation.messages.filter(direction=Direction.INBOUND, mention__received_at__gt=delivery.created_at)
        .order_by("at")
        .values_list("at", flat=True)
        .first()
    )


def is_of_another(delivery: Delivery, external_id: str) -> bool:
    """Whether the network's id already belongs to another answer that left through Choir."""
    same = _with_id(delivery.message, delivery.channel_id, external_id)
    return bool(external_id) and same.filter(delivery__isnull=False).exists()


def _with_id(message: Message, channel_id: uuid.UUID, external_id: str) -> QuerySet[Message]:
    """Other outbound messages of the channel that carry the network's id."""
    return Message.objects.filter(
        workspace_id=message.workspace_id,
        conversation__channel_id=channel_id,
        direction=Direction.OUTBOUND,
        external_id=external_id,
    ).exclude(pk=message.pk)


def _adopt_echo(conversation: Conversation, message: Message, external_id: str) -> None:
    """Listening may have heard our own answer before its outcome was written: it is this message, not another."""
    if not external_id:
        return
    for echo in _with_id(message, conversation.channel_id, external_id).filter(delivery__isnull=True):
        echo.delete()
        if echo.conversation_id == conversation.pk:
            conversation.messages_count = max(conversation.messages_count - 1, 0)


def waits(
    conversation: Conversation, delivery: Delivery, *, until: dt.datetime, because: str, counts: bool = True
) -> None:
    """Not yet: another attempt at `until`. `counts=False`: the network certainly did nothing, so that this attempt
    is as if it had never been made."""
    delivery.state, delivery.due_at, delivery.leased_until = DeliveryState.WAITING, until, None
    delivery.because = because
    if not counts:
        delivery.attempts_count = max(delivery.attempts_count - 1, 0)
        if delivery.attempts_count == 0:
            delivery.first_attempt_at = None
    delivery.save(update_fields=OUTCOME)


def ends(
    conversation: Conversation, delivery: Delivery, *, state: DeliveryState, because: str, at: dt.datetime
) -> None:
    """Failed for good, or nobody can tell: a person has to look at it."""
    delivery.state, delivery.leased_until, delivery.because = state, None, because
    delivery.settled_at = at if state == DeliveryState.FAILED else None
    delivery.save(update_fields=OUTCOME)
    mind_problems(conversation)
    facts = about(conversation) | {"delivery": str(delivery.pk), "message": str(delivery.message_id)}
    tell(conversation, f"delivery.{state}", by=None, at=at, because=because, facts=facts, what="delivery")


def mind_problems(conversation: Conversation) -> None:
    """Keep `has_problem` true: whether any answer of the conversation waits for a person."""
    conversation.has_problem = Delivery.objects.problems().filter(message__conversation=conversation).exists()
    conversation.save(update_fields=["has_problem"])


def sign_in_needed(channel: Channel, *, because: str) -> None:
    """The network no longer knows us: nothing leaves or comes in until somebody connects the channel again."""
    Channel.objects.filter(pk=channel.pk).update(
        state=ChannelState.SIGN_IN_NEEDED, state_because=because, failure=because
    )


def hold_channel(channel: Channel, *, until: dt.datetime) -> None:
    """The network asked us to wait: nothing leaves through this channel before then."""
    Channel.objects.filter(pk=channel.pk).update(rate_limited_until=until)
