"""What every suite here does with a channel: fetch, hear, wait, answer."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable

from django.utils import timezone

from choir.channels.models import Arrival, Channel
from choir.flow.steps import advance
from choir.inbox.models import Conversation, Direction, Message, State
from choir.outbound.actions import send
from choir.outbound.models import Delivery
from choir.wake import Step
from tests.cast import Cast


def fetch_now(channel: Channel) -> None:
    """Fetch to the end, whatever comes of it."""
    Channel.objects.filter(pk=channel.pk).update(fetch_due_at=timezone.now(), rate_limited_until=None)
    advance(Step.FETCH)
    channel.refresh_from_db()


def put_behind(channel: Channel) -> None:
    """Fetch what was said so far, and let it be."""
    fetch_now(channel)
    assert not channel.failure, channel.failure
    Arrival.objects.update(heard_at=timezone.now())


def heard() -> None:
    """Hear, understand and route what has arrived."""
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
    """How often each thing that was said to us is in a conversation."""
    return Counter(
        Message.objects.filter(conversation__channel=channel, direction=Direction.INBOUND).values_list(
            "external_id", flat=True
        )
    )


def come_in(channel: Channel, ids: list[str]) -> None:
    """Fetch and hear until all of them are there; the AppView may follow a moment later."""

    def there() -> bool:
        fetch_now(channel)
        advance(Step.HEAR)
        return set(ids) <= set(said_to_us(channel))

    until(there, seconds=180, what="everything said comes in")
    heard()


def hand_over(company: Cast, conversation: Conversation) -> None:
    """Customer service has it, whatever routing gave it to."""
    conversation.refresh_from_db()
    conversation.department, conversation.team = (
        company.departments["customer_service"],
        company.teams["customer_service"],
    )
    conversation.state = State.OPEN
    conversation.save()


def answer(company: Cast, conversation: Conversation, text: str) -> Delivery:
    """Ana of customer service answers; what routing gave to others, or to nobody, is handed to her first."""
    hand_over(company, conversation)
    at = timezone.now() - dt.timedelta(seconds=30)  # past the seconds for undo
    sent = send(conversation, text=text, seen_revision=conversation.revision, by=company.ana, at=at)
    assert isinstance(sent, Delivery)
    return sent
