"""One conversation as a page shows it: its newest messages, and what colleagues wrote and what happened between
them. As many queries for a thread of ten thousand as for one of two."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TypedDict

from django.db import connection, models
from django.db.models import Q

from choir.customers.models import Identity
from choir.events.models import Event
from choir.ids import new_id
from choir.inbox.models import Assignment, Clock, Consult, Conversation, ConversationLabel, Message, Note
from choir.inbox.queries.customers import Met, met_by
from choir.inbox.queries.listing import Place
from choir.inbox.queries.seeing import seen, sight_of
from choir.people.models import Person
from choir.prepared import Slot, prepared

WINDOW = 50
LATEST = 8  # other conversations, and departments met, that a page shows
SIDE_LIMIT = 200  # notes, consults and events in one window of messages
SHOWN = (
    *("conversation_id", "direction", "author_name", "text", "url", "at", "person__name", "identity__handle"),
    "external_id",
    *("edited_at", "removed_at", "mention__media", "mention__stars", "mention__visibility", "mention__content_warning"),
    *("mention__quoted", "mention__automatic_because"),
)
UNSHOWN_OF_A_PERSON = (
    *("password", "last_login", "email", "title", "time_zone", "language", "theme", "hourly_cost", "capacity"),
    *("presence", "presence_changed_at", "seen_at", "created_at"),
)
EVER = dt.datetime.min.replace(tzinfo=dt.UTC)
END = Place(dt.datetime.max.replace(tzinfo=dt.UTC), uuid.UUID(int=2**128 - 1))  # behind everything
LOOKED = """INSERT INTO inbox_visit (id, workspace_id, conversation_id, person_id, at)
    SELECT %s, %s, %s, %s, %s FROM set_config('synchronous_commit', 'off', true)
    ON CONFLICT (workspace_id, conversation_id, person_id) DO UPDATE SET at = EXCLUDED.at"""
SPOKEN = ("message.received", "message.sent")  # the message itself stands in the thread


@dataclass(frozen=True, slots=True)
class Window:
    """Some consecutive messages, and the stretch of time in which belongs what happened among them. `before` and
    `after` are places to read on from, None at an end."""

    messages: list[Message]
    stretch: Stretch
    before: Place | None
    after: Place | None


class Stretch(TypedDict):
    """The time between two moments of a conversation, as questions take it."""

    conversation: uuid.UUID
    since: dt.datetime
    until: dt.datetime


def window(conversation: Conversation, *, before: Place | None = None, holding: uuid.UUID | None = None) -> Window:
    """The newest messages, those before a place, or those up to and including a message and a little further."""
    end = before if holding is None else _just_after(conversation, holding)
    until = end or END
    found = _messages(conversation=conversation.pk, time=until.time, pk=until.id)
    has_before, found = len(found) > WINDOW, found[:WINDOW][::-1]
    since = found[0].at if found and has_before else EVER
    return Window(
        messages=found,
        stretch={"conversation": conversation.pk, "since": since, "until": until.time},
        before=Place(found[0].at, found[0].pk) if found and has_before else None,
        after=Place(found[-1].at, found[-1].pk) if found and end is not None else None,
    )


@prepared
def _messages(conversation: Slot, time: Slot, pk: Slot) -> models.QuerySet[Message]:
    """The messages before a place, newest first, one more than a window holds."""
    rows = Message.objects.filter(Q(at__lt=time) | Q(at=time, pk__lt=pk), at__lte=time, conversation=conversation)
    return rows.select_related("identity", "person", "mention").only(*SHOWN).order_by("-at", "-id")[: WINDOW + 1]


def notes_in(stretch: Stretch) -> list[Note]:
    """What colleagues noted then, oldest first; of very much the newest."""
    return _notes(**stretch)[::-1]


def consults_in(stretch: Stretch) -> list[Consult]:
    """What colleagues were asked then, oldest first; of very much the newest."""
    return _consults(**stretch)[::-1]


def events_in(stretch: Stretch) -> list[Event]:
    """What happened then besides what was said, oldest first; of very much the newest."""
    return _events(**stretch)[::-1]


@prepared
def _notes(conversation: Slot, since: Slot, until: Slot) -> models.QuerySet[Note]:
    rows = Note.objects.filter(conversation=conversation, at__gte=since, at__lt=until).select_related("person")
    return rows.order_by("-at", "-id")[:SIDE_LIMIT]


@prepared
def _consults(conversation: Slot, since: Slot, until: Slot) -> models.QuerySet[Consult]:
    rows = Consult.objects.filter(conversation=conversation, asked_at__gte=since, asked_at__lt=until)
    told = rows.select_related("asked_by", "expert", "department", "answered_by")
    return told.order_by("-asked_at", "-id")[:SIDE_LIMIT]


@prepared
def _events(conversation: Slot, since: Slot, until: Slot) -> models.QuerySet[Event]:
    rows = Event.objects.about("conversation", conversation).exclude(verb__in=SPOKEN)
    return rows.filter(at__gte=since, at__lt=until).order_by("-at", "-id")[:SIDE_LIMIT]


def _just_after(conversation: Conversation, message_id: uuid.UUID) -> Place | None:
    """The place some messages after one, so that it is shown with what followed; None when that is the end."""
    message = conversation.messages.filter(pk=message_id).first()
    if message is None:
        return None
    later = conversation.messages.filter(Q(at__gt=message.at) | Q(at=message.at, pk__gt=message.pk))
    places = list(later.order_by("at", "id").values_list("at", "id")[: WINDOW // 2])
    return Place(*places[-1]) if len(places) == WINDOW // 2 else None


@prepared
def _assignments(conversation: Slot) -> models.QuerySet[Assignment]:
    return Assignment.objects.filter(conversation=conversation, ended_at=None)[:1]


def present_assignment(conversation: Conversation) -> Assignment | None:
    """Who has it, and why."""
    return _assignments.first(conversation=conversation.pk)


@prepared
def _running(conversation: Slot) -> models.QuerySet[Clock]:
    return Clock.objects.filter(conversation=conversation, stopped_at=None).order_by("kind")


def running_clocks(conversation: Conversation) -> list[Clock]:
    """The promises that are being timed."""
    return _running(conversation=conversation.pk)


@prepared
def _labels(conversation: Slot) -> models.QuerySet[ConversationLabel]:
    rows = ConversationLabel.objects.filter(conversation=conversation)
    return rows.select_related("label").order_by("label__name")


def labels_on(conversation: Conversation) -> list[ConversationLabel]:
    """The labels put on it, by name."""
    return _labels(conversation=conversation.pk)


@prepared
def find(  # noqa: PLR0917 -- called by name
    pk: Slot, workspace: Slot, whole: Slot, owned: Slot, own: Slot, departments: Slot, person: Slot
) -> models.QuerySet[Conversation]:
    """A conversation of a workspace with all that its page shows of it, if the person may see it."""
    allowed = seen(whole, owned, own, departments, person)
    found = Conversation.objects.filter(allowed, pk=pk, workspace=workspace)
    related = found.select_related("customer", "channel", "objective", "reading", "department", "team", "assignee")
    return related.defer(*(f"assignee__{name}" for name in UNSHOWN_OF_A_PERSON))


@prepared
def _others(  # noqa: PLR0917 -- called by name
    but: Slot, customer: Slot, whole: Slot, owned: Slot, own: Slot, departments: Slot, person: Slot
) -> models.QuerySet[Conversation]:
    rows = Conversation.objects.filter(seen(whole, owned, own, departments, person), ~Q(pk=but), customer=customer)
    shown = ("excerpt", "state", "last_message_at", "objective__name")
    return rows.select_related("objective").only(*shown).order_by("-last_message_at")[:LATEST]


@prepared
def _met(  # noqa: PLR0917 -- called by name
    customer: Slot, whole: Slot, owned: Slot, own: Slot, departments: Slot, person: Slot
) -> models.QuerySet[Conversation, tuple[str, int, dt.datetime]]:
    theirs = Conversation.objects.filter(seen(whole, owned, own, departments, person), customer=customer)
    return met_by(theirs)[:LATEST]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a customer, as far as one person may see it."""

    identities: list[Identity]
    conversations: list[Conversation]
    departments: list[Met]


def known_of(conversation: Conversation, person: Person, *, has_others: bool) -> Known:
    """The customer's identities, other conversations that the person may see, and the departments of those and of
    this one. Where there are no others, only this one is looked at."""
    identities = _identities(customer=conversation.customer_id)
    if not has_others:
        here = conversation.department
        return Known(identities, [], [Met(here.name, 1, conversation.last_message_at)] if here else [])
    theirs = {"customer": conversation.customer_id, **sight_of(person)}
    others, met = _others(but=conversation.pk, **theirs), _met(**theirs)
    return Known(identities, others, [Met(*row) for row in met])


@prepared
def _identities(customer: Slot) -> models.QuerySet[Identity]:
    return Identity.objects.filter(customer=customer).order_by("first_seen_at")[:12]


def visited(conversation: Conversation, person: Person, *, looked_at: dt.datetime | None, at: dt.datetime) -> None:
    """Remember that the person has looked, so that lists no longer show it as new to them. Nothing is written when
    nothing came in since they last did. The page does not wait for the disk: after a crash it may be new once more."""
    heard_at = conversation.last_inbound_at
    if looked_at is not None and (heard_at is None or heard_at <= looked_at):
        return
    with connection.cursor() as cursor:
        cursor.execute(LOOKED, [new_id(), conversation.workspace_id, conversation.pk, person.pk, at])
