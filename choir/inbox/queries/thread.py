"""One conversation as a page shows it: its newest messages, and what colleagues wrote and what happened between
them. As many queries for a thread of ten thousand as for one of two."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.db import models
from django.db.models import Q

from choir.customers.models import Identity
from choir.events.models import Event
from choir.inbox.models import Assignment, Consult, Conversation, Message, Note, Visit
from choir.inbox.queries.customers import Met, departments_met
from choir.inbox.queries.listing import Place
from choir.people.models import Department, Person

WINDOW = 50
SIDE_LIMIT = 200  # notes, consults and events in one window of messages
SHOWN = (
    *("conversation_id", "direction", "author_name", "text", "url", "at", "person__name", "identity__handle"),
    *("edited_at", "removed_at", "mention__media", "mention__stars", "mention__visibility", "mention__content_warning"),
    *("mention__quoted", "mention__automatic_because"),
)
Row = TypeVar("Row", bound=models.Model)
SPOKEN = ("message.received", "message.sent")  # the message itself stands in the thread


@dataclass(frozen=True, slots=True)
class Window:
    """Some consecutive messages and everything that happened among them. `before` and `after` are places to read
    on from, None at an end."""

    messages: list[Message]
    notes: list[Note]
    consults: list[Consult]
    events: list[Event]
    before: Place | None
    after: Place | None


def window(conversation: Conversation, *, before: Place | None = None, holding: uuid.UUID | None = None) -> Window:
    """The newest messages, those before a place, or those up to and including a message and a little further."""
    rows = conversation.messages.select_related("identity", "person", "mention").only(*SHOWN)
    end = before
    if holding is not None:
        end = _just_after(conversation, holding)
    chosen = rows if end is None else rows.filter(Q(at__lt=end.time) | Q(at=end.time, pk__lt=end.id))
    found = list(chosen.order_by("-at", "-id")[: WINDOW + 1])
    has_before, found = len(found) > WINDOW, found[:WINDOW][::-1]
    since = found[0].at if found and has_before else None
    until = end.time if end is not None else None
    return Window(
        messages=found,
        notes=list(_within(conversation.notes.select_related("person"), "at", since, until)),
        consults=list(
            _within(
                conversation.consults.select_related("asked_by", "expert", "department", "answered_by"),
                *("asked_at", since, until),
            )
        ),
        events=list(
            _within(Event.objects.about("conversation", conversation.pk).exclude(verb__in=SPOKEN), "at", since, until)
        ),
        before=Place(found[0].at, found[0].pk) if found and has_before else None,
        after=Place(found[-1].at, found[-1].pk) if found and end is not None else None,
    )


def _within(
    rows: models.QuerySet[Row], column: str, since: dt.datetime | None, until: dt.datetime | None
) -> Iterator[Row]:
    """The newest rows of a stretch of time, oldest first."""
    if since is not None:
        rows = rows.filter(**{f"{column}__gte": since})
    if until is not None:
        rows = rows.filter(**{f"{column}__lt": until})
    return reversed(rows.order_by(f"-{column}", "-id")[:SIDE_LIMIT])


def _just_after(conversation: Conversation, message_id: uuid.UUID) -> Place | None:
    """The place some messages after one, so that it is shown with what followed; None when that is the end."""
    message = conversation.messages.filter(pk=message_id).first()
    if message is None:
        return None
    later = conversation.messages.filter(Q(at__gt=message.at) | Q(at=message.at, pk__gt=message.pk))
    places = list(later.order_by("at", "id").values_list("at", "id")[: WINDOW // 2])
    return Place(*places[-1]) if len(places) == WINDOW // 2 else None


def present_assignment(conversation: Conversation) -> Assignment | None:
    """Who has it, and why."""
    rows = conversation.assignments.filter(ended_at=None).select_related("ownership__objective", "by")
    return rows.first()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a customer, as far as one person may see it."""

    identities: list[Identity]
    conversations: list[Conversation]
    departments: list[Met]


def known_of(conversation: Conversation, person: Person) -> Known:
    """The customer's identities, other conversations that the person may see, and the departments of those."""
    theirs = Conversation.objects.visible_to(person).filter(customer_id=conversation.customer_id)
    return Known(
        identities=list(Identity.objects.filter(customer_id=conversation.customer_id).order_by("first_seen_at")[:12]),
        conversations=list(
            theirs.exclude(pk=conversation.pk).select_related("objective").order_by("-last_message_at")[:8]
        ),
        departments=departments_met(theirs, size=8),
    )


def departments_of(person: Person) -> list[Department]:
    """Every department of the person's organisation, in its order."""
    return list(Department.objects.filter(organisation=person.organisation_id))


def visited(conversation: Conversation, person: Person, *, at: dt.datetime) -> None:
    """Remember that the person has looked, so that lists no longer show it as new to them."""
    known = Visit.objects.filter(workspace=conversation.workspace_id, conversation=conversation, person=person)
    if known.update(at=at):
        return
    Visit.objects.bulk_create(
        [Visit(workspace_id=conversation.workspace_id, conversation=conversation, person=person, at=at)],
        update_conflicts=True,
        unique_fields=["workspace", "conversation", "person"],
        update_fields=["at"],
    )
