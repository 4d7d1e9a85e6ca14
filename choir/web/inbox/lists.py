"""The list: a page of conversations, the views with their counts, the filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.cache import caches
from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from choir.inbox.models import Conversation, SavedView
from choir.inbox.queries import counting, listing, searching
from choir.inbox.queries.listing import Row
from choir.inbox.queries.wanted import visible
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.prepared import Slot, prepared
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.inbox.asked import Asked, asked
from choir.web.inbox.filters import FilterForm, filter_words
from choir.web.inbox.standing import STANDING, StandingView

ORDERS = (
    ("newest", gettext_lazy("Newest first")),
    ("oldest", gettext_lazy("Oldest first")),
    ("due", gettext_lazy("Next due first")),
)
LEAD = 14  # characters shown before what was found, so that it is seen in a narrow row
MOST_SAVED = 30  # views that are shown
LISTS = ("list", "views")
LIST_CONTEXT = ("groups", "orders", "chips", "rows", "found_customers", "newer_url", "older_url")


@requires(Permission.CONVERSATION_READ)
def inbox(request: WorkspaceRequest) -> HttpResponse:
    """The list, and beside it room for a conversation."""
    wish = asked(request.GET, request.workspace, request.person)
    is_fresh = request.headers.get("HX-Target") == "views"  # something changed, and the page asks what
    context = {"section": "inbox", "showing": request.GET.get("showing", "list")}
    context |= list_context(wish, is_fresh=is_fresh)
    return answer(request, "inbox/inbox.html", context, parts=LISTS)


@requires(Permission.CONVERSATION_READ)
def filters(request: WorkspaceRequest) -> HttpResponse:
    """The form that narrows the list; a page of its own without JavaScript."""
    wish = asked(request.GET, request.workspace, request.person)
    form = FilterForm(initial=wish.filters)
    form.offer(request.workspace, request.person)
    context = {"section": "inbox", "wish": wish, "form": form, "orders": ORDERS, "list_url": list_url(wish.workspace)}
    return answer(request, "inbox/narrowing/page.html", context, parts=["asking"])


@requires(Permission.CONVERSATION_READ)
def rows(request: WorkspaceRequest) -> HttpResponse:
    """Some rows by id, for an open page that heard of a change: those that still belong in the list are shown as
    they are now, the others are gone."""
    wish = asked(request.GET, request.workspace, request.person)
    ids = [value for value in request.GET.getlist("id")[: listing.PAGE_SIZE] if len(value) == 36]
    belonging = visible(wish.wanted, request.person).filter(pk__in=ids).order_by("-last_message_at", "-id")
    found = listing.rows_of(list(belonging.values_list("pk", flat=True)), request.person)
    return render(request, "inbox/rows.html", {"rows": row_list(found, wish)})


def list_url(workspace: Workspace) -> str:
    """Where the workspace's list is."""
    return f"/w/{workspace.slug}/inbox/"


def list_context(wish: Asked, chosen: Conversation | None = None, *, is_fresh: bool = False) -> dict[str, Any]:
    """What the list and the views show; the views are worked out where they are drawn."""
    return {
        "wish": wish,
        "list_url": list_url(wish.workspace),
        "groups": lambda: view_groups(wish, is_fresh=is_fresh),
        "orders": ORDERS,
        "chips": _chips(wish),
        "now": timezone.now(),
        **(_found(wish, chosen) if wish.words else _listed(wish, chosen)),
    }


def lazily(wish: Asked, chosen: Conversation) -> dict[str, Any]:
    """The list's context, worked out only if the list is drawn: a conversation asked for alone costs no list."""
    worked_out: dict[str, Any] = {}

    def piece(name: str) -> Callable[[], Any]:
        def value() -> Any:
            if not worked_out:
                worked_out.update(list_context(wish, chosen))
            found = worked_out.get(name)
            return found() if callable(found) else found

        return value

    return {name: piece(name) for name in LIST_CONTEXT}


def row_list(conversations: list[Row], wish: Asked, chosen: Conversation | None = None) -> list[dict[str, Any]]:
    """Rows as the template takes them."""
    return [
        {
            "conversation": conversation,
            "url": conversation_url(conversation, wish),
            "chosen": chosen is not None and conversation.pk == chosen.pk,
        }
        for conversation in conversations
    ]


def conversation_url(conversation: Conversation | Row, wish: Asked) -> str:
    """A conversation's address, with the list that stays beside it."""
    return f"/w/{wish.workspace.slug}/conversations/{conversation.pk}/?{wish.query}"


def _listed(wish: Asked, chosen: Conversation | None) -> dict[str, Any]:
    page = listing.page(wish.wanted, wish.person, order=wish.order, after=wish.after, before=wish.before)
    base = list_url(wish.workspace)
    return {
        "rows": row_list(page.rows, wish, chosen),
        "newer_url": f"{base}?{wish.query}&{urlencode({'before': page.before})}" if page.before else "",
        "older_url": f"{base}?{wish.query}&{urlencode({'after': page.after})}" if page.after else "",
    }


def _found(wish: Asked, chosen: Conversation | None) -> dict[str, Any]:
    found = searching.search(wish.words, wish.wanted, wish.person, after=wish.after)
    rows = row_list([hit.conversation for hit in found.hits], wish, chosen)
    for row, hit in zip(rows, found.hits, strict=True):
        row["fragment"] = marked(hit.fragment)
        row["url"] += f"#message-{hit.message_id}"
    people = [] if wish.after else searching.customers(wish.words, wish.person, wish.wanted)
    older = f"{list_url(wish.workspace)}?{wish.query}&{urlencode({'after': found.after})}" if found.after else ""
    return {
        "rows": rows,
        "found_customers": [
            {"customer": one, "url": f"{list_url(wish.workspace)}?{urlencode({'view': 'all', 'customer': one.pk})}"}
            for one in people
        ],
        "newer_url": f"{list_url(wish.workspace)}?{wish.query}" if wish.after else "",
        "older_url": older,
    }


def marked(fragment: str) -> tuple[tuple[str, bool], ...]:
    """A fragment as pieces of text, each with whether it was looked for; the template escapes them."""
    pieces: list[tuple[str, bool]] = []
    for part in fragment.split(searching.OPENED):
        found, closed, rest = part.partition(searching.CLOSED)
        pieces += [(found, True), (rest, False)] if closed else [(part, False)]
    pieces = [piece for piece in pieces if piece[0]]
    if len(pieces) > 1 and not pieces[0][1] and len(pieces[0][0]) > LEAD:
        pieces[0] = (f"…{pieces[0][0][-LEAD:]}", False)
    return tuple(pieces)


def view_groups(wish: Asked, *, is_fresh: bool = False) -> list[dict[str, Any]]:
    """The views with their counts, standing ones and saved ones. At most two queries; counts may be a few seconds old
    unless they are asked for fresh, since open pages ask again when something changes."""
    person, workspace = wish.person, wish.workspace
    views = [view for view in STANDING.values() if view.name != "department" or person.access.department_ids]
    saved = _saved_views(person=person.pk, workspace=workspace.pk)
    wishes = {str(view.pk): _saved_wish(view, wish) for view in saved}
    found = _counts(views, {key: one for key, one in wishes.items() if not one.words}, wish, is_fresh=is_fresh)
    base = list_url(workspace)
    current = "" if wish.is_narrowed and wish.query in {one.query for one in wishes.values()} else wish.view.name
    standing = [
        {
            "name": view.title,
            "icon": view.icon,
            "url": f"{base}?view={view.name}",
            "key": VIEW_KEYS.get(view.name, ""),
            "count": counting.in_words(found[view.name]),
            "late": counting.in_words(count) if (count := found.get(f"{view.name} late", 0)) else 0,
            "chosen": view.name == current,
        }
        for view in views
    ]
    kept = [
        {
            "name": view.name,
            "icon": "team" if view.is_shared else "filter",
            "url": f"{base}?{wishes[str(view.pk)].query}",
            "count": counting.in_words(found[str(view.pk)]) if str(view.pk) in found else None,
            "late": 0,
            "chosen": not current and wishes[str(view.pk)].query == wish.query,
        }
        for view in saved
    ]
    groups: list[dict[str, Any]] = [{"title": "", "views": standing}]
    return [*groups, {"title": _("Saved"), "views": kept}] if kept else groups


@prepared
def _saved_views(person: Slot, workspace: Slot) -> QuerySet[SavedView]:
    return SavedView.objects.filter(Q(person=person) | Q(is_shared=True), workspace=workspace)[:MOST_SAVED]


def _counts(views: list[StandingView], saved: dict[str, Asked], wish: Asked, *, is_fresh: bool) -> dict[str, int]:
    """Counts by a view's name, by its name and "late", and by a saved view's id."""
    known: dict[str, int] | None = None if is_fresh else caches["local"].get(_counts_key(wish.person, wish.workspace))
    if known is None or not saved.keys() <= known.keys():
        questions = {view.name: view.wanted(wish.workspace, wish.person) for view in views}
        late = Q(due_at__lt=timezone.now())
        questions |= {f"{view.name} late": questions[view.name].narrowed(late) for view in views if view.counts_late}
        questions |= {key: one.wanted for key, one in saved.items()}
        known = counting.counts(questions, wish.person)
        caches["local"].set(_counts_key(wish.person, wish.workspace), known, COUNTS_KEPT_SECONDS)
    return known


def forget_counts(person: Person, workspace: Workspace) -> None:
    """The person did something: their next page counts afresh."""
    caches["local"].delete(_counts_key(person, workspace))


def _counts_key(person: Person, workspace: Workspace) -> str:
    return f"inbox-counts-{workspace.pk}-{person.pk}"


COUNTS_KEPT_SECONDS = 5
VIEW_KEYS = {"mine": "g 1", "department": "g 2", "unassigned": "g 3", "mentioned": "g 4", "approval": "g 5"}


def _saved_wish(view: SavedView, wish: Asked) -> Asked:
    return asked(QueryDict(view.query), wish.workspace, wish.person)


def _chips(wish: Asked) -> list[dict[str, str]]:
    """The filters in force, each with the address without it."""
    base = list_url(wish.workspace)
    return [
        {"words": filter_words(name, value, wish.workspace), "url": f"{base}?{wish.but(**{name: ''})}"}
        for name, value in wish.filters.items()
    ]
