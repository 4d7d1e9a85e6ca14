"""The customers that a person may see, and one of them."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from choir.alphabet import PAGE_SIZE, leaf
from choir.customers.models import Customer
from choir.inbox.queries.customers import contacts_of, found, history_of, visible_customers
from choir.people.models import Person
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.customers.forms import CustomerFilter
from choir.web.customers.wording import mood_in_words
from choir.web.inbox.panel import STAGES, stages_of
from choir.web.journey.wording import may_correct, shown_moves
from choir.web.taking import at_once

READS = requires(Permission.CUSTOMER_READ)


@READS
def customers(request: WorkspaceRequest) -> HttpResponse:
    """Customers in the order of their names, narrowed by words and stage: six queries however many there are."""
    form = CustomerFilter(request.GET.dict())
    form.is_valid()
    asked = form.cleaned_data
    rows = visible_customers(request.person, request.workspace.pk)
    rows = found(rows, asked.get("q", ""), request.workspace.pk)
    if stage := asked.get("stage"):
        rows = rows.filter(stage=stage)
    if asked.get("important"):
        rows = rows.filter(is_vip=True)
    rows = rows.prefetch_related("identities")
    shown = leaf(rows, by="name", after=asked.get("after"), size=at_once(request, PAGE_SIZE))
    kept = {name: value for name in ("q", "stage", "important") if (value := asked.get(name))}
    here = reverse("customers", args=[request.workspace.slug])
    context = {
        "section": "customers",
        "form": form,
        "is_narrowed": bool(kept),
        "rows": _rows(shown.rows, request.person),
        "first_url": f"{here}?{urlencode(kept)}" if asked.get("after") else "",
        "next_url": f"{here}?{urlencode(kept | {'after': shown.after})}" if shown.after else "",
    }
    return answer(request, "customers/customers.html", context, parts=["customer-list"])


@READS
def customer(request: WorkspaceRequest, customer: uuid.UUID) -> HttpResponse:
    """One customer: who they are, where they stand, what happened, how they felt."""
    shown = get_object_or_404(visible_customers(request.person, request.workspace.pk), pk=customer)
    history = history_of(shown, request.person)
    inbox = f"{reverse('inbox', args=[request.workspace.slug])}?{urlencode({'view': 'all', 'customer': shown.pk})}"
    context = {
        "section": "customers",
        "customer": shown,
        "identities": shown.identities.order_by("first_seen_at"),
        "stages": stages_of(shown),
        "moves": shown_moves(shown, request.person, request.workspace),
        "may_correct": may_correct(request.person, shown),
        "choices": STAGES,
        "history": history,
        "mood_words": mood_in_words(history.moods),
        "inbox_url": inbox,
        "has_more": history.count > len(history.conversations),
    }
    return answer(request, "customers/customer.html", context)


def _rows(shown: list[Customer], person: Person) -> list[dict[str, Any]]:
    contacts, stages = contacts_of(shown, person), dict(STAGES)
    return [
        {"customer": one, "contact": contacts.get(one.pk), "stage": stages.get(one.stage, one.stage)} for one in shown
    ]
