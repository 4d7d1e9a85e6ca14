"""Finding conversations by what was said in them and by who said it, newest first."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from choir.customers.models import Customer, Identity
from choir.customers.searching import tsquery
from choir.inbox.models import Message
from choir.inbox.queries import listing
from choir.inbox.queries.listing import PAGE_SIZE, Place, Row, rows_of
from choir.inbox.queries.wanted import Sight, Wanted, sight, visible
from choir.people.models import Person
from choir.prepared import Named, Slot, one_of, prepared

FIRST_WALK = 150  # conversations; a common word fills a page from these
WALKED_AT_ONCE = (200, 400, 800, 1600)  # so few, that each statement is written once
MOST_WALKED = 4000
COMMON = 40  # words in one conversation of so many are common
MOST_CANDIDATES = 120  # customers with the words in their name, of whom those that a person may see are shown
MOST_SAID = 5000  # messages with the words: up to so many, all of them are looked at
EVERY = 2**31
OPENED, CLOSED = "\ue000", "\ue001"  # around what was found; private characters, so that no text has them


@dataclass(frozen=True, slots=True)
class Hit:
    """One conversation and its newest message with the words. `fragment` is some text around them, the words between
    OPENED and CLOSED."""

    conversation: Row
    message_id: uuid.UUID
    fragment: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits; `after` is the place to read on from, None at the end."""

    hits: list[Hit]
    after: Place | None


def search(typed: str, wanted: Wanted, person: Person, *, after: Place | None = None, size: int = PAGE_SIZE) -> Found:
    """Conversations in which the words were said, each once, with its newest message that has them; in the order of
    a list, the last active first.

    There are two ways, and the database cannot know which is short: it takes words for independent of each other. So
    the newest conversations are looked through first, which soon fills a page with common words. If they prove not
    to be common, the messages with the words are counted, but no further than MOST_SAID; when there are not more,
    they are the answer. In between, looking through goes on for a bounded way, and a page may be shorter than others.
    """
    words = tsquery(typed)
    if not words:
        return Found([], None)
    chosen, end = _walk(words, wanted, person, after, FIRST_WALK)
    walked, all_said, is_counted = FIRST_WALK, None, False
    while len(chosen) <= size and end is not None and walked < MOST_WALKED:
        if not is_counted and len(chosen) * COMMON < walked:
            all_said, is_counted = _by_words(words, wanted, person, after, size + 1, most=MOST_SAID), True
            if all_said is not None:
                break
        further = _next_walk(walked, len(chosen), size)
        more, end = _walk(words, wanted, person, end, further)
        chosen, walked = chosen + more, walked + further
    if all_said is None and not chosen and end is not None:  # they were all said long ago
        all_said = _by_words(words, wanted, person, after, size + 1, most=None)
    if all_said is not None:
        chosen, end = all_said, None
    has_more = len(chosen) > size
    chosen = chosen[:size]
    return Found(_hits(chosen, words, person), chosen[-1].place if has_more else end)


def customers(typed: str, person: Person, wanted: Wanted, *, size: int = 6) -> list[Customer]:
    """Customers by name or handle, of whom the person may see at least one conversation."""
    words = tsquery(f"{typed} " if typed.endswith('"') else typed)
    if not words:
        return []
    asked = {"workspace": wanted.workspace_id, "words": words}
    candidates = {pk for (pk,) in (*_known_as(**asked), *_named(**asked))}
    if not candidates:
        return []
    seen = visible(Wanted(wanted.workspace_id), person).filter(customer__in=candidates).order_by("customer")
    ids = list(seen.values_list("customer", flat=True).distinct()[:size])
    return list(Customer.objects.filter(pk__in=ids).prefetch_related("identities").order_by("name", "pk"))


@prepared
def _known_as(workspace: Slot, words: Slot) -> QuerySet[Identity, Any]:
    """Customers by a handle or a name that a network knows them by."""
    known = Identity.objects.filter(workspace_id=workspace, search=_query(words))
    return known.values_list("customer")[:MOST_CANDIDATES]


@prepared
def _named(workspace: Slot, words: Slot) -> QuerySet[Customer, Any]:
    """Customers by their name here."""
    return Customer.objects.filter(workspace_id=workspace, search=_query(words)).values_list("pk")[:MOST_CANDIDATES]


def _query(words: Slot) -> SearchQuery:
    return SearchQuery(words, config="simple", search_type="raw")


@dataclass(frozen=True, slots=True)
class _Choice:
    """A conversation found, where it stands in the order, and its newest message with the words."""

    place: Place
    message_id: uuid.UUID


NEWEST_SAID = """SELECT message.id FROM inbox_message AS message WHERE message.conversation_id = found.id
    AND message.search @@ to_tsquery('simple', %s) ORDER BY message.at DESC, message.id DESC LIMIT 1"""


def _walk(
    words: str, wanted: Wanted, person: Person, start: Place | None, steps: int
) -> tuple[list[_Choice], Place | None]:
    """Of so many conversations behind a start, in order, those with the words; and where the way ended, None when
    there is nothing further."""
    statement, values = listing.walk(wanted, person, "last_message_at", start, down=True, limit=steps)
    walking = (
        f"WITH walked AS MATERIALIZED (SELECT at, id, ({NEWEST_SAID}) AS said FROM ({statement}) AS found (at, id)) "  # noqa: S608 -- Django's own SQL
        "SELECT at, id, said FROM walked WHERE said IS NOT NULL UNION ALL "
        "(SELECT at, id, NULL FROM walked WHERE (SELECT count(*) FROM walked) = %s ORDER BY at, id LIMIT 1) "
        "ORDER BY at DESC, id DESC, said"  # of the last one the message comes before the end, which has none
    )
    with connection.cursor() as cursor:
        cursor.execute(walking, [words, *values, steps])
        found = cursor.fetchall()
    end = Place(*found.pop()[:2]) if found and found[-1][2] is None else None
    return [_Choice(Place(at, conversation), message) for at, conversation, message in found], end


def _next_walk(walked: int, found: int, size: int) -> int:
    """How many conversations to look through next: as many as should fill the page, as far as one can tell."""
    expected = walked * (size + 1 - found) * 5 // (4 * max(found, 1))
    return next((steps for steps in WALKED_AT_ONCE if steps >= expected), WALKED_AT_ONCE[-1])


def _by_words(
    words: str, wanted: Wanted, person: Person, start: Place | None, limit: int, *, most: int | None
) -> list[_Choice] | None:
    """The first conversations behind a start with the words, out of all messages that have them; None when those are
    more than `most`.

    The parts are kept apart (MATERIALIZED, LATERAL with a limit), so that no estimate makes PostgreSQL look through
    conversations here.
    """
    written = _one_of_said.__wrapped__ if wanted.conditions else _one_of_said
    statement, named = written(wanted, sight(wanted, person), person, has_start=start is not None)
    place: dict[str, Any] = {"time": start.time, "id": start.id} if start is not None else {}
    values: list[Any] = [place[value] if type(value) is Named else value for value in named]
    reading = (
        "WITH every AS MATERIALIZED (SELECT conversation_id FROM inbox_message "  # noqa: S608 -- Django's own SQL
        "WHERE workspace_id = %s AND search @@ to_tsquery('simple', %s)), "
        "few AS MATERIALIZED (SELECT conversation_id FROM every LIMIT %s), "
        "amount AS MATERIALIZED (SELECT count(*) AS said FROM few) "
        f"SELECT amount.said, found.at, found.id, ({NEWEST_SAID}) FROM amount LEFT JOIN ("
        "SELECT one.* FROM (SELECT DISTINCT conversation_id FROM few WHERE (SELECT said FROM amount) <= %s) AS said "
        f"CROSS JOIN LATERAL ({statement}) AS one (at, id) ORDER BY one.at DESC, one.id DESC LIMIT %s"
        ") AS found ON true ORDER BY found.at DESC, found.id DESC"
    )
    enough = EVERY if most is None else most
    with connection.cursor() as cursor:
        cursor.execute(reading, [wanted.workspace_id, words, enough + 1, words, enough, *values, limit])
        read = cursor.fetchall()
    if read[0][0] > enough:
        return None
    return [_Choice(Place(at, conversation), message) for _said, at, conversation, message in read if message]


@lru_cache(maxsize=256)
def _one_of_said(wanted: Wanted, _seen: Sight, person: Person, *, has_start: bool) -> tuple[str, tuple[Any, ...]]:
    """What finds `said.conversation_id` if it is wanted and visible, its start's time and id still to come: the same
    for a person as long as they see as far, so that it is written once."""
    rows = visible(wanted, person).order_by().filter(pk=RawSQL("said.conversation_id", []))
    if has_start:
        rows = rows.filter(listing.behind("last_message_at", Slot("time"), Slot("id"), down=True))
    statement, values = rows.values_list("last_message_at", "id")[:1].query.sql_with_params()
    return statement, tuple(values)


def _hits(chosen: list[_Choice], words: str, person: Person) -> list[Hit]:
    said = _fragments(messages=[choice.message_id for choice in chosen], words=words)
    fragments = {message: (fragment, at) for message, fragment, at in said}
    rows = {row.pk: row for row in rows_of([choice.place.id for choice in chosen], person)}
    return [
        Hit(rows[choice.place.id], choice.message_id, *fragments[choice.message_id])
        for choice in chosen
        if choice.place.id in rows and choice.message_id in fragments
    ]


@prepared
def _fragments(messages: Slot, words: Slot) -> QuerySet[Message, Any]:
    headline = SearchHeadline(
        "text", _query(words), config="simple",
        start_sel=OPENED, stop_sel=CLOSED, max_words=24, min_words=10, max_fragments=1,
    )  # fmt: skip
    return (
        Message.objects.filter(one_of("pk", messages)).annotate(fragment=headline).values_list("id", "fragment", "at")
    )
