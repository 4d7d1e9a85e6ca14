"""Customers as far as one person may see them: through the conversations that they may see."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth

from choir.customers.models import Customer, Identity
from choir.customers.searching import tsquery
from choir.inbox.models import Conversation
from choir.inbox.models.conversation import ConversationQuerySet
from choir.people.models import Person
from choir.people.policy import Permission, Reach

LATEST = 20
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Met:
    """A department that had conversations with a customer: how many, and when last."""

    name: str
    count: int
    last_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer's visible conversations in short; `mood` is that of the last one, "" when nothing told."""

    count: int
    last_at: dt.datetime
    mood: str


@dataclass(frozen=True, slots=True)
class MoodOfMonth:
    """How most of a month's conversations felt: neutral only when most were, "mixed" when as many felt one way as
    another. `count` of the month's `total` conversations felt so."""

    month: dt.datetime
    mood: str
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class History:
    """A customer's conversations that a person may see. `elsewhere` counts those they may not, None for whom even
    their number is not."""

    conversations: list[Conversation]
    departments: list[Met]
    count: int
    first_at: dt.datetime | None
    elsewhere: int | None
    moods: list[MoodOfMonth]


def visible_customers(person: Person, workspace_id: uuid.UUID) -> QuerySet[Customer]:
    """Everybody of a workspace for whoever's reach it is; otherwise those with a conversation the person may see."""
    rows = Customer.objects.filter(workspace=workspace_id)
    reach = person.access.reach(Permission.CUSTOMER_READ, workspace_id)
    if reach is Reach.NOTHING:
        return rows.none()
    if reach is Reach.WORKSPACE:
        return rows
    theirs = Conversation.objects.visible_to(person, Permission.CUSTOMER_READ).filter(customer=OuterRef("pk"))
    return rows.filter(Exists(theirs))


def found(rows: QuerySet[Customer], typed: str, workspace_id: uuid.UUID) -> QuerySet[Customer]:
    """Those of `rows` whose name, or whose handle or name on a network, has the words; all of them without words."""
    words = tsquery(typed)
    if not words:
        return rows.none() if typed.strip() else rows
    query = SearchQuery(words, config="simple", search_type="raw")
    named = Customer.objects.filter(workspace=workspace_id, search=query).values("pk")
    known = Identity.objects.filter(workspace=workspace_id, search=query).values("customer")
    return rows.filter(pk__in=named.union(known))


def contacts_of(customers: Iterable[Customer], person: Person) -> dict[uuid.UUID, Contact]:
    """Each customer's visible conversations in short: two queries."""
    theirs = Conversation.objects.visible_to(person).filter(customer__in=[one.pk for one in customers]).order_by()
    counts = dict(theirs.values("customer").annotate(count=Count("pk")).values_list("customer", "count"))
    latest = theirs.order_by("customer", "-last_message_at").distinct("customer")
    return {
        customer: Contact(counts.get(customer, 1), last_at, mood)
        for customer, last_at, mood in latest.values_list("customer", "last_message_at", "sentiment")
    }


def departments_met(rows: ConversationQuerySet, *, size: int) -> list[Met]:
    """The departments that had these conversations, the last one first."""
    return [Met(*row) for row in met_by(rows)[:size]]


def met_by(rows: QuerySet[Conversation]) -> QuerySet[Conversation, tuple[str, int, dt.datetime]]:
    """The departments that had these conversations, how many, and when last."""
    counted = rows.filter(department__isnull=False).order_by().values("department__name")
    latest = counted.annotate(count=Count("pk"), last_at=Max("last_message_at")).order_by("-last_at")
    return latest.values_list("department__name", "count", "last_at")


def history_of(customer: Customer, person: Person) -> History:
    """What happened with a customer, as far as the person may see it. How many conversations lie elsewhere is told
    to those who read customers as their work, not to those brought into single conversations."""
    theirs = Conversation.objects.visible_to(person).filter(customer=customer)
    seen = theirs.order_by().aggregate(
        count=Count("pk"), first_at=Min("created_at"), first_inbound=Min("first_inbound_at")
    )
    tells = person.access.reach(Permission.CUSTOMER_READ, customer.workspace_id) >= Reach.DEPARTMENT
    latest = theirs.select_related("objective", "department", "assignee", "channel").order_by("-last_message_at", "-id")
    return History(
        conversations=list(latest[:LATEST]),
        departments=departments_met(theirs, size=50),
        count=seen["count"],
        first_at=seen["first_at"],
        elsewhere=Conversation.objects.filter(customer=customer).count() - seen["count"] if tells else None,
        moods=_moods(theirs),
    )


def _moods(theirs: ConversationQuerySet) -> list[MoodOfMonth]:
    """The last months in which somebody's mood was read, newest first."""
    rows = (
        theirs.exclude(sentiment="")
        .filter(Q(last_inbound_at__isnull=False))
        .order_by()
        .annotate(month=TruncMonth("last_inbound_at"))
        .values_list("month", "sentiment")
        .annotate(count=Count("pk"))
    )
    months: dict[dt.datetime, Counter[str]] = {}
    for month, mood, count in rows:
        months.setdefault(month, Counter())[mood] += count
    return [_prevailing(month, months[month]) for month in sorted(months, reverse=True)[:MONTHS]]


def _prevailing(month: dt.datetime, counted: Counter[str]) -> MoodOfMonth:
    total = counted.total()
    felt = Counter({mood: count for mood, count in counted.items() if mood != "neutral"})
    (mood, count), *others = felt.most_common() or [("neutral", total)]
    if counted["neutral"] > count:
        return MoodOfMonth(month, "neutral", counted["neutral"], total)
    if others and others[0][1] == count:
        return MoodOfMonth(month, "mixed", felt.total(), total)
    return MoodOfMonth(month, mood, count, total)
