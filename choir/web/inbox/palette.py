"""What the palette finds on the server: people, customers and conversations that the person may see."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from choir.inbox.queries import searching
from choir.inbox.queries.wanted import Wanted
from choir.people.models import Person
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.inbox.lists import list_url, marked

SHORTEST = 2
SHOWN = 5


@requires(Permission.CONVERSATION_READ)
def palette(request: WorkspaceRequest) -> HttpResponse:
    """Options for what was typed; none for a single letter."""
    typed = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:100]
    context: dict[str, Any] = {"typed": typed, "search_url": f"{list_url(request.workspace)}?{urlencode({'q': typed})}"}
    if len(typed) >= SHORTEST:
        context |= _found(request, typed)
    return render(request, "inbox/palette.html", context)


def _found(request: WorkspaceRequest, typed: str) -> dict[str, Any]:
    base, wanted = list_url(request.workspace), Wanted(request.workspace.pk)
    people = Person.objects.filter(organisation=request.workspace.organisation_id, is_active=True)
    people = people.filter(Q(name__icontains=typed) | Q(email__istartswith=typed))[:SHOWN]
    customers = searching.customers(typed, request.person, wanted, size=SHOWN)
    found = searching.search(typed, wanted, request.person, size=SHOWN)
    return {
        "people": [
            {"person": one, "url": f"{base}?{urlencode({'view': 'all', 'assignee': one.pk})}"} for one in people
        ],
        "customers": [
            {"customer": one, "url": f"{base}?{urlencode({'view': 'all', 'customer': one.pk})}"} for one in customers
        ],
        "hits": [
            {
                "hit": hit,
                "fragment": marked(hit.fragment),
                "url": reverse("conversation", args=[request.workspace.slug, hit.conversation.pk]),
            }
            for hit in found.hits
        ],
    }
