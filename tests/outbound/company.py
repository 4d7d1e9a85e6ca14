"""Rows that the tests of this package begin with, and the verbs they share."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from choir.channels.models import Channel
from choir.customers.models import Customer, Identity
from choir.ids import new_id
from choir.inbox.models import Conversation, Direction, Message, State
from choir.listening.models import Mention
from choir.outbound.actions import send
from choir.outbound.models import Delivery
from choir.people.models import Department, Membership, Organisation, Person, RoleGrant, Team, Workspace
from choir.people.policy import Role


def found_company(slug: str = "acme") -> SimpleNamespace:
    """Acme: customer service (Ana and Nia answer, Lea leads), operations (Ben), legal (Leo), communications (Con), an
    administrator (Ada), and an outsider who leads at another company."""
    organisation = Organisation.objects.create(name=slug.title(), slug=slug)
    workspace = Workspace.objects.create(organisation=organisation, name=slug.title(), slug=slug)
    made = SimpleNamespace(organisation=organisation, workspace=workspace)
    for name in ("customer_service", "operations", "legal"):
        department = Department.objects.create(organisation=organisation, name=name.replace("_", " "), slug=name)
        setattr(made, name, department)
        setattr(made, f"{name}_team", Team.objects.create(department=department, name=name, slug=name))
    people = [
        ("ana", Role.AGENT, made.customer_service_team),
        ("nia", Role.AGENT, made.customer_service_team),
        ("lea", Role.LEAD, made.customer_service_team),
        ("ben", Role.AGENT, made.operations_team),
        ("leo", Role.LEGAL, made.legal_team),
        ("ada", Role.ADMINISTRATOR, None),
        ("con", Role.COMMUNICATIONS, None),
    ]
    for name, role, team in people:
        setattr(made, name, hire(organisation, name, role, team))
    other = Organisation.objects.create(name=f"Not {slug}", slug=f"not-{slug}")
    Workspace.objects.create(organisation=other, name=f"Not {slug}", slug=f"not-{slug}")
    made.outsider = hire(other, "outsider", Role.LEAD, None)
    made.channel = Channel.objects.create(
        workspace=workspace, connector="loopback", network="Loopback", name="Loopback", external_id="acme",
        accountable=made.customer_service,
    )  # fmt: skip
    return made


def hire(organisation: Organisation, name: str, role: Role, team: Team | None) -> Person:
    """A person with one role everywhere, in at most one team."""
    email = f"{name}@{organisation.slug}.test"
    person = Person.objects.create_user(email=email, name=name.title(), organisation=organisation)
    RoleGrant.objects.create(person=person, role=role)
    if team is not None:
        Membership.objects.create(person=person, team=team)
    return person


def write_in(company: SimpleNamespace, *, text: str, at: dt.datetime) -> Conversation:
    """Mia writes: the first words of a conversation, which customer service then has."""
    customer = Customer.objects.create(workspace=company.workspace, name="Mia")
    Identity.objects.create(
        workspace=company.workspace, customer=customer, network="Loopback", external_id=new_id().hex, handle="@mia"
    )
    conversation = Conversation.objects.create(
        workspace=company.workspace, channel=company.channel, customer=customer, thread_key=new_id().hex,
        state=State.OPEN, department=company.customer_service, team=company.customer_service_team,
        first_inbound_at=at, last_message_at=at, excerpt=text,
    )  # fmt: skip
    write_again(conversation, text=text, at=at)
    return conversation


def write_again(conversation: Conversation, *, text: str, at: dt.datetime | None = None) -> Message:
    """The customer adds something; the revision moves, as it does for everything a reply must have seen."""
    at = at or timezone.now()
    identity = conversation.customer.identities.get()
    mention = Mention.objects.create(
        workspace=conversation.workspace, channel=conversation.channel, identity=identity, kind="post", text=text,
        external_id=new_id().hex, posted_at=at, received_at=at,
    )  # fmt: skip
    message = Message.objects.create(
        workspace=conversation.workspace, conversation=conversation, direction=Direction.INBOUND, mention=mention,
        identity=identity, external_id=mention.external_id, text=text, at=at,
    )  # fmt: skip
    conversation.refresh_from_db()
    conversation.revision += 1
    conversation.messages_count += 1
    conversation.last_inbound_at = at
    conversation.waiting_since = conversation.waiting_since or at
    conversation.save()
    return message


def answer(conversation: Conversation, by: Any, text: str = "It leaves today.", **options: Any) -> Delivery:
    """Send a reply that has seen everything and needs no approval."""
    conversation.refresh_from_db()
    sent = send(conversation, text=text, seen_revision=conversation.revision, by=by, at=timezone.now(), **options)
    assert isinstance(sent, Delivery)
    return sent
