"""Queries: the list, writing one with a preview of what it finds, and removing it."""

from __future__ import annotations

import datetime as dt
import uuid
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from choir.listening.language.fields import FIELDS
from choir.listening.language.parsing import LONGEST_QUERY, QueryError, parse
from choir.listening.models import Query, Volume
from choir.listening.preview import DAYS, preview
from choir.listening.seeking import QueryRefusedError, Sought, add_query, change_query, remove_query
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.insights.lens import zone_of
from choir.web.listening.filters import EVERYTHING, pointed
from choir.web.listening.frame import CHANGES, READS, frame


class QueryForm(forms.Form):
    """A query's words, name and group."""

    text = forms.CharField(
        label=gettext_lazy("Look for"),
        max_length=LONGEST_QUERY,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "dir": "auto"}),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    group = forms.CharField(
        label=gettext_lazy("Group"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Groups are held against each other as share of voice: our brand, each competitor."),
    )
    alerts = forms.BooleanField(
        label=gettext_lazy("Tell us of spikes"),
        required=False,
        help_text=gettext_lazy("When far more is said than is usual at that hour of the week."),
    )
    is_paused = forms.BooleanField(
        label=gettext_lazy("Paused"), required=False, help_text=gettext_lazy("Finds nothing new until it goes on.")
    )

    def clean_text(self) -> str:
        """The query itself; an error names the character."""
        typed: str = self.cleaned_data["text"].strip()
        try:
            parse(typed)
        except QueryError as error:
            raise forms.ValidationError(pointed(typed, error)) from None
        return typed

    @property
    def sought(self) -> Sought:
        """The query as the action takes it."""
        chosen = self.cleaned_data
        return Sought(
            name=" ".join(chosen["name"].split()),
            text=chosen["text"],
            group=" ".join(chosen["group"].split()),
            alerts=chosen["alerts"],
            is_paused=chosen["is_paused"],
        )


@require_safe
@READS
def queries(request: WorkspaceRequest) -> HttpResponse:
    """Every query: what it looks for, how much it found in the last days, how far its past is matched."""
    since = timezone.now() - dt.timedelta(days=DAYS)
    rows = list(Query.objects.filter(workspace=request.workspace).order_by("group", "name"))
    counted = Volume.objects.filter(workspace=request.workspace, hour__gte=since).order_by().values("query")
    counts = {one["query"]: one["total"] for one in counted.annotate(total=Sum("count"))}
    context = frame(
        request,
        "queries",
        rows=[{"query": one, "count": counts.get(one.pk, 0)} for one in rows],
        days=DAYS,
        is_matching=any(one.past_matched_at is None and not one.is_paused for one in rows),
    )
    return answer(request, "listening/queries.html", context, parts=["query-list"])


@CHANGES
def new_query(request: WorkspaceRequest) -> HttpResponse:
    """A form for a new query, with a preview; a valid POST saves it."""
    return _writing(request, None, {"alerts": True})


@CHANGES
def one_query(request: WorkspaceRequest, query: uuid.UUID) -> HttpResponse:
    """A query's form, with a preview; a valid POST changes it."""
    known = get_object_or_404(Query, workspace=request.workspace, pk=query)
    values = {name: getattr(known, name) for name in ("text", "name", "group", "alerts", "is_paused")}
    return _writing(request, known, values)


@require_POST
@CHANGES
def removal(request: WorkspaceRequest, query: uuid.UUID) -> HttpResponse:
    """POST: the query is gone with what it found; the mentions stay."""
    known = get_object_or_404(Query, workspace=request.workspace, pk=query)
    remove_query(known, by=request.person, at=timezone.now())
    messages.success(request, _("“%s” is removed. What it found is still in the stream.") % known.name)
    return redirect("listening_queries", workspace=request.workspace.slug)


def _writing(request: WorkspaceRequest, known: Query | None, values: dict[str, Any]) -> HttpResponse:
    is_sent = request.method == "POST"
    form = QueryForm(request.POST if is_sent else None, initial=values)
    tried = str(form["text"].value() or "")
    if is_sent and "preview" not in request.POST and form.is_valid():
        try:
            saved = _save(request, known, form.sought)
        except QueryRefusedError as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(
                request, _("Saved. “%s” is being looked for in the past; it shows how far that is.") % saved
            )
            return redirect("listening_queries", workspace=request.workspace.slug)
    is_refused = is_sent and "preview" not in request.POST
    context = frame(
        request, "queries", form=form, query=known, fields=FIELDS, days=DAYS,
        groups=Query.objects.filter(workspace=request.workspace).exclude(group="").values_list("group", flat=True)
        .distinct().order_by("group"), **_preview(request, tried),
    )  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
    return answer(request, "listening/query.html", context, parts=["query-preview"], status=status)


def _save(request: WorkspaceRequest, known: Query | None, sought: Sought) -> Query:
    at = timezone.now()
    if known is None:
        return add_query(request.workspace, sought=sought, by=request.person, at=at)
    return change_query(known, sought=sought, by=request.person, at=at)


def _preview(request: WorkspaceRequest, tried: str) -> dict[str, Any]:
    """What the text finds, or what is wrong with it."""
    if not tried.strip():
        return {"found": None, "wrong": ""}
    try:
        tree = parse(tried.strip())
    except QueryError as error:
        return {"found": None, "wrong": pointed(tried.strip(), error)}
    found = preview(request.workspace, tree, zone=zone_of(request.person), at=timezone.now())
    drawing = reverse("listening_volume", args=[request.workspace.slug])
    looked = urlencode({"q": tried.strip(), "query": EVERYTHING, "copies": "on"})
    return {"found": found, "wrong": "", "chart_url": f"{drawing}?{looked}"}
