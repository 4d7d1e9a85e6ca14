"""Pages of conversations by keyset: no offset and no total, so page 4,000 costs what page 1 costs, and a
conversation that moves while somebody reads on is never shown twice on the way nor keeps another one from being
shown."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from choir.inbox.models import Conversation, Visit
from choir.inbox.queries.wanted import Sight, Wanted, pieces, sight, states_one_by_one
from choir.people.models import Person
from choir.prepared import Named, Slot, answered, one_of, prepared

PAGE_SIZE = 50
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
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


class Row(NamedTuple):
    """What a list shows of one conversation. It is unread when the customer waits and said something since the person
    it is shown to last looked."""

    pk: uuid.UUID
    customer: str
    network: str
    is_private: bool
    state: str
    snoozed_until: dt.datetime | None
    excerpt: str
    sentiment: str
    is_unsure: bool
    has_problem: bool
    last_message_at: dt.datetime
    due_at: dt.datetime | None
    objective_slug: str | None
    objective_name: str | None
    assignee: str | None
    is_unread: bool


COLUMNS = (
    *("pk", "customer__name", "channel__network", "is_private", "state", "snoozed_until", "excerpt", "sentiment"),
    *("is_unsure", "has_problem", "last_message_at", "due_at"),
    *("objective__slug", "objective__name", "assignee__name"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """Some conversations in order. `before` and `after` are places to read on from, None at an end."""

    rows: list[Row]
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


def place_of(conversation: Conversation | Row, order: Order) -> Place:
    """Where a conversation stands in a list sorted so."""
    if order is Order.DUE and conversation.due_at is not None:
        return Place(conversation.due_at, conversation.pk, is_due=True)
    return Place(conversation.last_message_at, conversation.pk)


@prepared
def _rows(ids: Slot, person: Slot) -> QuerySet[Any, Any]:
    visits = Visit.objects.filter(conversation=OuterRef("pk"), workspace=OuterRef("workspace"), person=person)
    looked_at = Coalesce(Subquery(visits.values("at")[:1]), Value(NEVER))
    is_unread = Q(waiting_since__isnull=False, last_inbound_at__isnull=False, last_inbound_at__gt=looked_at)
    rows = Conversation.objects.filter(one_of("pk", ids))
    return rows.values_list(*COLUMNS, ExpressionWrapper(is_unread, output_field=BooleanField()))


def rows_of(ids: list[uuid.UUID], person: Person) -> list[Row]:
    """The conversations with these ids, in this order."""
    rows = {row[0]: Row(*row) for row in _rows(ids=ids, person=person.pk)} if ids else {}
    return [rows[identifier] for identifier in ids if identifier in rows]


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
    found = answered(*walk(wanted, person, column, start, down=down, limit=limit), often=not wanted.conditions)
    return [Place(time, identifier, column == "due_at") for time, identifier in found]


def walk(
    wanted: Wanted, person: Person, column: str, start: Place | None, *, down: bool, limit: int
) -> tuple[str, tuple[Any, ...]]:
    """A statement, and its values, that finds the times and ids behind a start: each piece walked once for each of
    its states, put together, each place once."""
    written = _written.__wrapped__ if wanted.conditions else _written
    statement, values = written(wanted, sight(wanted, person), column, start is not None, down=down, limit=limit)
    place = {"time": start.time, "id": start.id} if start is not None else {}
    return statement, tuple(place[value] if type(value) is Named else value for value in values)


@lru_cache(maxsize=1024)
def _written(
    wanted: Wanted, seen: Sight, column: str, has_start: bool, *, down: bool, limit: int
) -> tuple[str, tuple[Any, ...]]:
    """The statement of `walk`, its start's time and id still to come: the same for the same person and list, so that
    it is written once."""
    states = states_one_by_one(wanted, seen)
    sign, direction = ("-", "DESC") if down else ("", "ASC")
    statements: list[str] = [NOTHING]
    values: list[Any] = []
    for piece in pieces(wanted, seen, apart=False):
        rows = piece.filter(state=RawSQL("each.state", [])) if states else piece
        rows = rows.filter(behind(column, Slot("time"), Slot("id"), down=down)) if has_start else rows
        ordered = rows.order_by(sign + column, f"{sign}id").values_list(column, "id")[:limit]
        with suppress(EmptyResultSet):
            statement, given = ordered.query.sql_with_params()
            statements.append(EACH_STATE.format(statement) if states else f"({statement})")
            values += [[state.value for state in states], *given] if states else given
    together = " UNION ".join(statements)  # not ALL: a conversation may be in two pieces
    return f"{together} ORDER BY 1 {direction}, 2 {direction} LIMIT {limit}", tuple(values)


def behind(column: str, time: dt.datetime | Slot, identifier: uuid.UUID | Slot, *, down: bool) -> Q:
    """Past a start in walking direction. The first condition is the index's, the second settles equal times."""
    word = "lt" if down else "gt"
    reached = Q(**{f"{column}__{word}e": time})
    return reached & (Q(**{f"{column}__{word}": time}) | Q(**{f"pk__{word}": identifier}))
