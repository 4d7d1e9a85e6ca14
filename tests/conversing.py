"""Making conversations for tests: as if a customer had said something and routing had placed it."""

from __future__ import annotations

import datetime as dt
import itertools

from choir.channels.contract import Kind
from choir.customers.models import Customer, Identity
from choir.inbox.models import Assignment, Conversation, Direction, Message, State
from choir.listening.models import Mention
from choir.people.models import Person
from choir.triage.models import Reading
from tests.cast import NOON, Cast

_numbers = itertools.count(1)


def customer(cast: Cast, name: str = "") -> Identity:
    """Somebody new on the channel's network."""
    number = next(_numbers)
    who = Customer.objects.create(workspace=cast.workspace, name=name or f"Customer {number}")
    return Identity.objects.create(
        workspace=cast.workspace, customer=who, network="sandbox", external_id=f"c{number}", handle=f"c{number}"
    )


def arrived(cast: Cast, text: str, *, at: dt.datetime = NOON, identity: Identity | None = None) -> Conversation:
    """A conversation that has arrived and is neither read nor routed."""
    who = identity or customer(cast)
    number = next(_numbers)
    conversation = Conversation.objects.create(
        workspace=cast.workspace,
        channel=cast.channel,
        customer=who.customer,
        thread_key=f"t{number}",
        excerpt=text[:240],
        messages_count=0,
        first_inbound_at=at,
        last_message_at=at,
        waiting_since=at,
    )
    says(cast, conversation, text, at=at, identity=who)
    return conversation


def says(cast: Cast, conversation: Conversation, text: str, *, at: dt.datetime, identity: Identity) -> Message:
    """The customer says one more thing."""
    number = next(_numbers)
    mention = Mention.objects.create(
        workspace=cast.workspace,
        channel=cast.channel,
        identity=identity,
        external_id=f"m{number}",
        kind=Kind.POST,
        text=text,
        posted_at=at,
        received_at=at,
    )
    message = Message.objects.create(
        workspace=cast.workspace,
        conversation=conversation,
        direction=Direction.INBOUND,
        mention=mention,
        identity=identity,
        external_id=mention.external_id,
        text=text,
        at=at,
        sent_at=at,
    )
    conversation.messages_count += 1
    conversation.last_inbound_at = conversation.last_message_at = at
    conversation.revision += 1
    conversation.save()
    return message


def read_as(cast: Cast, message: Message, *, objective: str = "care", needs_reply: bool = True) -> Reading:
    """Triage read it so; certain."""
    assert message.mention is not None
    Mention.objects.filter(pk=message.mention.pk).update(read_at=message.at)
    return Reading.objects.create(
        workspace=cast.workspace,
        mention=message.mention,
        version="test",
        at=message.at,
        language="en",
        sentiment="neutral",
        sentiment_score=0.0,
        intent="question",
        objective=objective,
        objective_confidence=0.9,
        urgency=0,
        needs_reply=needs_reply,
    )


def opened(
    cast: Cast,
    text: str = "Where is my parcel?",
    *,
    department: str = "customer_service",
    assignee: Person | None = None,
    objective: str = "care",
    at: dt.datetime = NOON,
) -> Conversation:
    """An open conversation of a department, read and assigned, with one inbound message."""
    conversation = arrived(cast, text, at=at)
    conversation.reading = read_as(cast, conversation.messages.get(), objective=objective)
    conversation.state, conversation.state_at = State.OPEN, at
    conversation.objective = cast.objectives[objective]
    conversation.department = cast.departments[department]
    conversation.team = cast.teams[department]
    conversation.assignee = assignee
    conversation.save()
    Assignment.objects.create(
        workspace=cast.workspace,
        conversation=conversation,
        department=cast.departments[department],
        team=cast.teams[department],
        person=assignee,
        because="Here because the test says so.",
        at=at,
    )
    return conversation
