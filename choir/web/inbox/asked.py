"""Which list was asked for: the query string, understood. Empty fields of a form are no filter."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict

from choir.inbox.models import ConversationLabel, State
from choir.inbox.queries.listing import Order, Place, place_from
from choir.inbox.queries.wanted import Wanted
from choir.people.models import Person, Workspace
from choir.web.inbox.filters import FILTERS, FilterForm
from choir.web.inbox.standing import STANDING, StandingView, first_view

LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Asked:
    """One list: a view, what it is narrowed to, words looked for, an order, and where to read on."""

    workspace: Workspace
    person: Person
    view: StandingView
    filters: dict[str, str]
    words: str
    order: Order
    after: Place | None
    before: Place | None

    @cached_property
    def query(self) -> str:
        """The list's query string, without where to read on."""
        named = {"view": self.view.name, **self.filters, "q": self.words}
        if self.order is not Order.NEWEST:
            named["sort"] = self.order.value
        return urlencode({name: value for name, value in named.items() if value})

    def but(self, **changed: str) -> str:
        """The query string with some fields changed; an empty value leaves one out."""
        fields = QueryDict(self.query, mutable=True)
        for name, value in changed.items():
            fields[name] = value
        return urlencode({name: value for name, value in fields.items() if value})

    @cached_property
    def wanted(self) -> Wanted:
        """The question to the inbox. A state filtered for takes the place of a view's states, as lists are walked by
        states; one that the view leaves out is a condition that nothing fulfils."""
        wanted = self.view.wanted(self.workspace, self.person)
        filters = dict(self.filters)
        if "state" in filters and (not wanted.states or filters["state"] in wanted.states):
            wanted = replace(wanted, states=(State(filters.pop("state")),))
        return wanted.narrowed(*conditions(filters, self.person))

    @property
    def is_narrowed(self) -> bool:
        """Whether more than a view was asked for."""
        return bool(self.filters or self.words)


def asked(query: QueryDict, workspace: Workspace, person: Person) -> Asked:
    """The list a query string asks for. What it does not understand it leaves out, so that an old link still opens
    a list."""
    words = " ".join(query.get("q", "").replace("\0", " ").split())[:LONGEST_SEARCH]
    view = STANDING.get(query.get("view", "")) or (STANDING["all"] if words else first_view(workspace, person))
    sort = query.get("sort", "")
    return Asked(
        workspace=workspace,
        person=person,
        view=view,
        filters=_filters(query),
        words=words,
        order=Order(sort) if sort in {order.value for order in Order} else Order.NEWEST,
        after=place_from(query.get("after", "")),
        before=place_from(query.get("before", "")),
    )


def _filters(query: QueryDict) -> dict[str, str]:
    """The filters that are filled in and understood."""
    typed = {name: words for name in FILTERS if (words := query.get(name, "").strip())}
    if not typed:
        return {}
    form = FilterForm(typed)
    form.is_valid()
    return {name: str(value) for name in FILTERS if (value := form.cleaned_data.get(name))}


def conditions(filters: dict[str, str], person: Person) -> list[Q]:
    """What the filters mean."""
    simple = {
        "objective": "objective__slug",
        "department": "department__slug",
        "channel": "channel_id",
        "network": "channel__network",
        "language": "language",
        "sentiment": "sentiment",
        "state": "state",
        "customer": "customer_id",
        "theme": "reading__theme_id",
    }
    found = [Q(**{simple[name]: value}) for name, value in filters.items() if name in simple]
    if since := filters.get("since"):
        found.append(Q(last_message_at__gte=_midnight(since, person)))
    if until := filters.get("until"):
        found.append(Q(last_message_at__lt=_midnight(until, person) + dt.timedelta(days=1)))
    if assignee := filters.get("assignee"):
        found.append(Q(assignee={"me": person.pk, "nobody": None}.get(assignee, assignee)))
    if label := filters.get("label"):
        put = ConversationLabel.objects.filter(conversation=OuterRef("pk"), label__name__iexact=label)
        found.append(Q(Exists(put)))
    return found


def _midnight(day: str, person: Person) -> dt.datetime:
    """When a day begins where the person is."""
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), ZoneInfo(person.time_zone))
