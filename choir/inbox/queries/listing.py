"""Pages of conversations by keyset: no offset and no total, so page 4,000 costs what page 1 costs, and a
conversation that moves while somebody reads on is never shown twice on the way nor keeps another one from being
shown."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import OuterRef, Q, Subquery
from django.db.models.expressions import RawSQL

from choir.inbox.models import Conversation, Visit
from choir.inbox.queries.wanted import Wanted, pieces, states_one_by_one
from choir.people.models import Person

PAGE_SIZE = 50
NOTHING = "SELECT NULL::timestamptz, NULL::uuid WHERE false"  # when a person sees none of what is wanted
EACH_STATE = "SELECT found.* FROM unnest(%s::text[]) AS each (state) CROSS JOIN LATERAL ({}) AS found"


class Order(StrEnum):
    """How a list is sorted."""

    NEWEST = "newest"
    OLDEST = "oldest"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation stands in a list: a time and its id. Sorted by due time, those without a clock come
    after all others, newest first; `is_due` tells which of the two times it is."""

    time: dt.datetime
    id: uuid.UUID
    is_due: bool = False

    def __str__(self) -> str:
        return f"{'due' if self.is_due else 'at'}~{self.time.isoformat()}~{self.id}"


def place_from(text: str) -> Place | None:
    """A place as it stands in an address; None for anything else."""
    try:
        kind, time, identifier = text.split("~")
        place = Place(dt.datetime.fromisoformat(time), uuid.UUID(identifier), kind == "due")
    except ValueError:
        return None
    return place if place.time.tzinfo is not None else None


@dataclass(frozen=True, slots=True)
class Page:
    """Some conversations in order. `before` and `after` are places to read on from, None at an end."""

    rows: list[Conversation]
    before: Place | None
    after: Place | None


def page(
    wanted: Wanted,
    person: Person,
    *,
    order: Order = Order.NEWEST,
    after: Place | None = None,
    before: Place | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """One page: behind a place, before a place, or the first. Two queries."""
    backwards = before is not None
    start = before if backwards else after
    found = _places(wanted, person, order, start, backwards=backwards, limit=size + 1)
    has_more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    rows = rows_of([place.id for place in found], person)
    has_before, has_after = (has_more, True) if backwards else (start is not None, has_more)
    return Page(
        rows,
        before=found[0] if found and has_before else None,
        after=found[-1] if found and has_after else None,
    )


def neighbour(wanted: Wanted, person: Person, *, order: Order, of: Place) -> uuid.UUID | None:
    """The conversation that comes after a place, or else the first of the list: what opens when one is done."""
    found = _places(wanted, person, order, of, backwards=False, limit=1) or _places(
        wanted, person, order, None, backwards=False, limit=1
    )
    return next((place.id for place in found if place.id != of.id), None)


def place_of(conversation: Conversation, order: Order) -> Place:
    """Where a conversation stands in a list sorted so."""
    if order is Order.DUE and conversation.due_at is not None:
        return Place(conversation.due_at, conversation.pk, is_due=True)
    return Place(conversation.last_message_at, conversation.pk)


def rows_of(ids: list[uuid.UUID], person: Person) -> list[Conversation]:
    """The conversations with these ids, in this order, with what a row of a list shows. `visited_at` is when the
    person last looked."""
    visits = Visit.objects.filter(conversation=OuterRef("pk"), workspace=OuterRef("workspace"), person=person)
    rows = (
        Conversation.objects.filter(pk__in=ids)
        .select_related("customer", "channel", "objective", "assignee")
        .annotate(visited_at=Subquery(visits.values("at")[:1]))
        .only(
            *("state", "snoozed_until", "excerpt", "language", "sentiment", "is_private", "is_unsure", "has_problem"),
            *("last_message_at", "last_inbound_at", "waiting_since", "due_at", "workspace_id", "department_id"),
            *("customer__name", "customer__is_vip", "channel__network", "assignee__name"),
            *("objective__slug", "objective__name"),
        )
        .in_bulk(ids)
    )
    return [rows[identifier] for identifier in ids if identifier in rows]


def is_unread(conversation: Any) -> bool:
    """Whether the customer waits and said something since the person last looked (a row of `rows_of`)."""
    if conversation.waiting_since is None or conversation.last_inbound_at is None:
        return False
    return conversation.visited_at is None or conversation.last_inbound_at > conversation.visited_at


def _places(
    wanted: Wanted, person: Person, order: Order, start: Place | None, *, backwards: bool, limit: int
) -> list[Place]:
    """The places behind (or, backwards, before) a start; backwards they come in reverse."""
    if order is not Order.DUE:
        return _walk(wanted, person, "last_message_at", start, down=(order is Order.NEWEST) != backwards, limit=limit)
    with_clock, without = wanted.narrowed(Q(due_at__isnull=False)), wanted.narrowed(Q(due_at=None))
    stretches = [(with_clock, "due_at", backwards), (without, "last_message_at", not backwards)]
    if backwards:
        stretches.reverse()
    if start is not None and start.is_due == backwards:
        stretches.pop(0)  # the start lies in the second stretch
    found: list[Place] = []
    for stretch, column, down in stretches:
        inside = start if start is not None and start.is_due == (column == "due_at") else None
        found += _walk(stretch, person, column, inside, down=down, limit=limit - len(found))
        if len(found) == limit:
            break
    return found


def _walk(wanted: Wanted, person: Person, column: str, start: Place | None, *, down: bool, limit: int) -> list[Place]:
    """Places in the order of one column and the id, behind a start."""
    statement, values = walk(wanted, person, column, start, down=down, limit=limit)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Place(time, identifier, column == "due_at") for time, identifier in cursor.fetchall()]


def walk(
    wanted: Wanted, person: Person, column: str, start: Place | None, *, down: bool, limit: int
) -> tuple[str, list[Any]]:
    """A statement, and its values, that finds the times and ids behind a start: each piece walked once for each of
    its states, put together."""
    states = states_one_by_one(wanted, person)
    sign, direction = ("-", "DESC") if down else ("", "ASC")
    statements: list[str] = [NOTHING]
    values: list[Any] = []
    for piece in pieces(wanted, person):
        rows = piece.filter(state=RawSQL("each.state", [])) if states else piece
        rows = rows if start is None else rows.filter(behind(column, start, down=down))
        ordered = rows.order_by(sign + column, f"{sign}id").values_list(column, "id")[:limit]
        with suppress(EmptyResultSet):
            statement, given = ordered.query.sql_with_params()
            statements.append(EACH_STATE.format(statement) if states else f"({statement})")
            values += [[state.value for state in states], *given] if states else given
    together = " UNION ALL ".join(statements)
    return f"{together} ORDER BY 1 {direction}, 2 {direction} LIMIT {limit}", values


def behind(column: str, start: Place, *, down: bool) -> Q:
    """Past the start in walking direction. The first condition is the index's, the second settles equal times."""
    word = "lt" if down else "gt"
    reached = Q(**{f"{column}__{word}e": start.time})
    return reached & (Q(**{f"{column}__{word}": start.time}) | Q(**{f"pk__{word}": start.id}))
