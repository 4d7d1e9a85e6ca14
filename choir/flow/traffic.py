"""Past traffic under two matrices, decided by the code that routes.

Conversations that the matrix cannot tell apart are counted together in SQL, so that the work grows with how many sorts
there are and not with the history. What the matrix did not place stays out of it: what a rule caught, what was unsure,
what was nobody's work.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import BooleanField, Case, Count, Exists, Func, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from choir.flow.owning import DEFAULT_FLOOR, NEVER_SORTED
from choir.inbox.models import Assignment, Conversation
from choir.people.models import Workspace
from choir.routing.decide import Cell, Contact, owning_cell, products_of, regions_of
from choir.routing.models import RoutingPolicy

LOOKS_BACK = dt.timedelta(days=90)  # how much of the past a proposed matrix is tried on
READ_AS = ("reading__objective", "reading__topic", "reading__language", "channel_id", "named")


@dataclass(frozen=True, slots=True)
class Sort:
    """Conversations that the matrix cannot tell apart."""

    objective: str
    topic: str
    language: str
    channel_id: uuid.UUID
    named: str = "[]"  # places and products, as JSON; only where a cell is about such

    @property
    def key(self) -> str:
        """As `behind` finds it."""
        return "|".join((self.objective, self.topic, self.language, str(self.channel_id), self.named))

    def contact(self, workspace: Workspace) -> Contact:
        """As the matrix looks at it."""
        entities = [{"kind": kind, "name": name} for kind, name in json.loads(self.named)]
        return Contact(
            self.objective, 1.0, self.topic, self.language, workspace.pk, self.channel_id,
            regions_of(entities, workspace.market), products_of(entities),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placed:
    """Conversations of one sort, how many, and whose they are under both matrices. What nobody owned was placed by no
    cell (`by_matrix` is false); a draft that gives it an owner would place it."""

    sort: Sort
    by_matrix: bool
    n: int
    before: uuid.UUID | None
    after: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Traffic:
    """The whole of it. `tells_names` where a cell is about a place or a product."""

    placed: Sequence[Placed]
    tells_names: bool

    @property
    def looked_at(self) -> int:
        """Conversations that a matrix places."""
        return sum(one.n for one in self.placed)

    @property
    def moves(self) -> Counter[tuple[uuid.UUID | None, uuid.UUID | None]]:
        """From which department to which how many go; also those that stay."""
        found: Counter[tuple[uuid.UUID | None, uuid.UUID | None]] = Counter()
        for one in self.placed:
            found[one.before, one.after] += one.n
        return found

    @property
    def moved(self) -> int:
        """Conversations that would have gone elsewhere."""
        return sum(one.n for one in self.placed if one.before != one.after)


def traffic(
    workspace: Workspace, *, before: Sequence[Cell], after: Sequence[Cell], since: dt.datetime, until: dt.datetime
) -> Traffic:
    """Place the workspace's conversations of a time under both matrices: two queries, nothing changes."""
    tells_names = any(one.region or one.product for one in (*before, *after))
    rows = past(workspace, since=since, until=until).annotate(
        named=_named(tells_names),
        by_matrix=_by_matrix(),
        is_sure=Case(When(_is_sure(workspace), then=Value(True)), default=Value(False), output_field=BooleanField()),
    )
    counted = rows.values_list(*READ_AS, "by_matrix", "is_sure").annotate(n=Count("pk"))
    found = []
    for *read, by_matrix, is_sure, n in counted.order_by():
        sort = Sort(*read)
        contact = sort.contact(workspace)
        old, new = owning_cell(before, contact), owning_cell(after, contact)
        if by_matrix or (old is None and is_sure):
            places = [cell.responsible_id if cell else None for cell in (old, new)]
            found.append(Placed(sort, by_matrix, n, *places))
    return Traffic(found, tells_names)


def past(workspace: Workspace, *, since: dt.datetime, until: dt.datetime) -> QuerySet[Conversation]:
    """Conversations that began in a time, were read, and became a department's work."""
    return Conversation.objects.filter(
        workspace=workspace, reading__isnull=False, department__isnull=False,
        last_message_at__gte=since,  # true of all that began since; an index knows it
        first_inbound_at__gte=since, first_inbound_at__lt=until,
    )  # fmt: skip


def behind(
    workspace: Workspace, found: Traffic, placed: Iterable[Placed], *, since: dt.datetime, until: dt.datetime
) -> QuerySet[Conversation]:
    """The conversations that some of the counts are made of."""
    keys: dict[bool, list[str]] = {True: [], False: []}
    for one in placed:
        keys[one.by_matrix].append(one.sort.key)
    parts = [part for path in READ_AS for part in (Cast(path, TextField()), Value("|"))][:-1]
    rows = past(workspace, since=since, until=until).annotate(named=_named(found.tells_names))
    rows = rows.annotate(sort_key=Concat(*parts, output_field=TextField()))
    owned = Q(_by_matrix(), sort_key__in=keys[True])
    return rows.filter(owned | Q(~_by_matrix(), _is_sure(workspace), sort_key__in=keys[False]))


class _Named(Func):
    template = (
        "(SELECT coalesce(jsonb_agg(jsonb_build_array(one->>'kind', one->>'name')), '[]') "
        "FROM jsonb_array_elements(%(expressions)s) AS one WHERE one->>'kind' IN ('place', 'product'))::text"
    )
    output_field = TextField()


def _named(tells_names: bool) -> Combinable:
    return _Named("reading__entities") if tells_names else Value("[]", output_field=TextField())


def _by_matrix() -> Exists:
    return Exists(Assignment.objects.filter(conversation=OuterRef("pk"), ownership__isnull=False))


def _is_sure(workspace: Workspace) -> Q:
    policy = RoutingPolicy.objects.filter(workspace=workspace).values_list("confidence_floor", flat=True).first()
    floor = DEFAULT_FLOOR if policy is None else policy
    return Q(reading__objective_confidence__gte=floor) | Q(reading__objective__in=NEVER_SORTED)
