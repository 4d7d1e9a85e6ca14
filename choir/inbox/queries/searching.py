"""Finding conversations by what was said in them and by who said it, newest first."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db.models import F, Q

from choir.customers.models import Customer, Identity
from choir.customers.searching import tsquery
from choir.inbox.models import Conversation, Message
from choir.inbox.queries.listing import PAGE_SIZE, Place, rows_of
from choir.inbox.queries.wanted import Wanted, visible
from choir.people.models import Person

MESSAGES_READ = 150  # at a time; several of them may lie in one conversation
ROUNDS = 8
OPENED, CLOSED = "\ue000", "\ue001"  # around what was found; private characters, so that no text has them


@dataclass(frozen=True, slots=True)
class Hit:
    """One conversation and its newest message with the words. `fragment` is some text around them, the words between
    OPENED and CLOSED."""

    conversation: Conversation
    message_id: uuid.UUID
    fragment: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits; `after` is the place to read on from, None at the end."""

    hits: list[Hit]
    after: Place | None


def search(typed: str, wanted: Wanted, person: Person, *, after: Place | None = None, size: int = PAGE_SIZE) -> Found:
    """Conversations in which the words were said, each once, at its newest message that has them."""
    words = tsquery(typed)
    if not words:
        return Found([], None)
    query = SearchQuery(words, config="simple", search_type="raw")
    chosen: list[tuple[dt.datetime, uuid.UUID, uuid.UUID]] = []
    start, has_more = after, True
    for _ in range(ROUNDS):
        read = _messages(query, wanted, person, start)
        chosen += _newest_of_each(read, query)
        has_more = len(read) == MESSAGES_READ
        if len(chosen) > size or not has_more:
            break
        start = Place(read[-1][0], read[-1][1])
    has_more = has_more or len(chosen) > size
    chosen = chosen[:size]
    end = Place(chosen[-1][0], chosen[-1][1]) if chosen else start
    return Found(_hits(chosen, query, person), end if has_more else None)


def customers(typed: str, person: Person, wanted: Wanted, *, size: int = 6) -> list[Customer]:
    """Customers by name or handle, of whom the person may see at least one conversation."""
    words = tsquery(f"{typed} " if typed.endswith('"') else typed)
    if not words:
        return []
    query = SearchQuery(words, config="simple", search_type="raw")
    known = Identity.objects.filter(workspace_id=wanted.workspace_id, search=query).values("customer")[: size * 20]
    named = Customer.objects.filter(workspace_id=wanted.workspace_id, search=query).values("pk")[: size * 20]
    candidates = {row["customer"] for row in known} | {row["pk"] for row in named}
    seen = visible(Wanted(wanted.workspace_id), person).filter(customer__in=candidates).order_by("customer")
    ids = list(seen.values_list("customer", flat=True).distinct()[:size])
    return list(Customer.objects.filter(pk__in=ids).prefetch_related("identities").order_by("name", "pk"))


def _messages(
    query: SearchQuery, wanted: Wanted, person: Person, start: Place | None
) -> list[tuple[dt.datetime, uuid.UUID, uuid.UUID]]:
    """Time, id and conversation of the newest messages with the words, behind a start."""
    rows = Message.objects.filter(workspace_id=wanted.workspace_id, search=query)
    rows = rows.filter(conversation__in=visible(wanted, person).order_by())
    if start is not None:
        rows = rows.filter(Q(at__lte=start.time) & (Q(at__lt=start.time) | Q(pk__lt=start.id)))
    return list(rows.order_by("-at", "-id").values_list("at", "id", "conversation_id")[:MESSAGES_READ])


def _newest_of_each(
    read: list[tuple[dt.datetime, uuid.UUID, uuid.UUID]], query: SearchQuery
) -> list[tuple[dt.datetime, uuid.UUID, uuid.UUID]]:
    """Of the messages read, those that are their conversation's newest with the words: one that has a newer was
    shown at that one, perhaps on a page before."""
    newest = dict(
        Message.objects.filter(conversation__in={row[2] for row in read}, search=query)
        .order_by("conversation", "-at", "-id")
        .distinct("conversation")
        .values_list("conversation", "id")
    )
    return [row for row in read if newest.get(row[2]) == row[1]]


def _hits(chosen: list[tuple[dt.datetime, uuid.UUID, uuid.UUID]], query: SearchQuery, person: Person) -> list[Hit]:
    headline = SearchHeadline(
        "text", query, config="simple", start_sel=OPENED, stop_sel=CLOSED, max_words=24, min_words=10, max_fragments=1
    )
    fragments = dict(
        Message.objects.filter(pk__in=[row[1] for row in chosen])
        .annotate(fragment=headline, whole=F("text"))
        .values_list("id", "fragment")
    )
    rows = {row.pk: row for row in rows_of([row[2] for row in chosen], person)}
    return [
        Hit(rows[conversation], message, fragments[message], at)
        for at, message, conversation in chosen
        if conversation in rows
    ]
