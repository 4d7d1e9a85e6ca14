"""Rows that the tests of sending begin with, and the verbs they share."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from choir.channels.models import Channel
from choir.ids import new_id
from choir.inbox.models import Conversation, Message, State
from choir.outbound.actions import send
from choir.outbound.models import Delivery
from choir.people.policy import Role
from tests import conversing
from tests.cast import Cast, cast, person


def found_company(connector: str = "loopback") -> SimpleNamespace:
    """The fixed cast with Nia, a second agent of customer service, and Con of communications, who may approve."""
    company = cast(connector=connector)
    Channel.objects.filter(pk=company.channel.pk).update(network="Loopback", name="Loopback")
    company.channel.refresh_from_db()
    return SimpleNamespace(
        **vars(company),
        cast=company,
        nia=person("nia", company.organisation, Role.AGENT, company.teams["customer_service"]),
        con=person("con", company.organisation, Role.COMMUNICATIONS),
    )


def write_in(company: SimpleNamespace, *, text: str, at: dt.datetime) -> Conversation:
    """A customer writes: the first words of a conversation, which customer service then has."""
    identity = conversing.customer(company.cast, "Mia")
    identity.handle, identity.external_id = "@mia", new_id().hex
    identity.save()
    conversation = conversing.arrived(company.cast, text, at=at, identity=identity)
    conversation.state, conversation.team = State.OPEN, company.teams["customer_service"]
    conversation.department = company.departments["customer_service"]
    conversation.save()
    return conversation


def write_again(company: SimpleNamespace, conversation: Conversation, text: str, *, at: Any = None) -> Message:
    """The customer adds something; the revision moves, as it does for everything a reply must have seen."""
    conversation.refresh_from_db()
    identity = conversation.customer.identities.get()
    cast_: Cast = company.cast
    return conversing.says(cast_, conversation, text, at=at or timezone.now(), identity=identity)


def answer(conversation: Conversation, by: Any, text: str = "It leaves today.", **options: Any) -> Delivery:
    """Send a reply that has seen everything and needs no approval."""
    conversation.refresh_from_db()
    options.setdefault("at", timezone.now())
    sent = send(conversation, text=text, seen_revision=conversation.revision, by=by, **options)
    assert isinstance(sent, Delivery)
    return sent
