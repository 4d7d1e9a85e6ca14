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

from choir.channels.models import Channel
from choir.listening.inquiring import asking, searchable
from choir.listening.language.fields import FIELDS
from choir.listening.language.parsing import LONGEST_QUERY, QueryError, parse
from choir.listening.models import Query, Volume
from choir.listening.preview import DAYS, preview
from choir.listening.seeking import QueryRefusedError, Sought, add_query, change_query, remove_query
from choir.people.models import Workspace
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.insights.lens import zone_of
from choir.web.listening.filters import EVERYTHING, pointed
from choir.web.listening.frame import CHANGES, READS, frame
from choir.web.listening.reaching import asked_of, reach_counts, reaches_of

DAYS_BACK = [
    (0, gettext_lazy("Not at all: only what comes from now on")),
    (7, gettext_lazy("7 days")),
    (30, gettext_lazy("30 days")),
    (90, gettext_lazy("90 days")),
    (365, gettext_lazy("A year")),
]


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
    is_ours = forms.BooleanField(
        label=gettext_lazy("This group is us"),
        required=False,
        help_text=gettext_lazy("Share of voice is our groups’ part of what all groups’ queries find."),
    )
    alerts = forms.BooleanField(
        label=gettext_lazy("Tell us of spikes"),
        required=False,
        help_text=gettext_lazy(
            "When far more is said than is usual at that hour of the week. In trials on days of real posts a query was "
            "alarmed without cause about once in ten weeks at 3,000 mentions a week, and hardly ever at 500 or fewer. "
            "It needs two weeks of history."
        ),
    )
    brings_work = forms.BooleanField(
        label=gettext_lazy("Bring what asks for an answer to the inbox"),
        required=False,
        help_text=gettext_lazy(
            "For your own name, say: a question about you that was not said to you becomes somebody’s work."
        ),
    )
    asked = forms.ModelMultipleChoiceField(
        Channel.objects.none(),
        label=gettext_lazy("Put to these networks"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("A channel connected later is asked too."),
    )
    days_back = forms.TypedChoiceField(
        label=gettext_lazy("Search the networks back"),
        choices=DAYS_BACK,
        coerce=int,
        empty_value="30",
        required=False,
        help_text=gettext_lazy("Not every network lets one look so far back; the query’s page says how far it came."),
    )
    is_paused = forms.BooleanField(
        label=gettext_lazy("Paused"), required=False, help_text=gettext_lazy("Finds nothing new until it goes on.")
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channels = [one.channel for one in asking(searchable(workspace.pk))]
        asked: Any = self.fields["asked"]
        asked.queryset = Channel.objects.filter(pk__in=[one.pk for one in self.channels]).order_by("name")
        if not self.channels:
            del self.fields["asked"], self.fields["days_back"]

    def clean_text(self) -> str:
        """The query itself; an error names the character."""
        typed: str = self.cleaned_data["text"].strip()
        try:
            parse(typed)
        except QueryError as error:
            raise forms.ValidationError(pointed(typed, error)) from None
        return typed

    def clean(self) -> dict[str, Any]:
        """Whoever is us is a group."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("is_ours") and not cleaned.get("group", "").strip():
            self.add_error("group", _("Name the group that is us, so that it can be held against others."))
        return cleaned

    @property
    def sought(self) -> Sought:
        """The query as the action takes it."""
        chosen = self.cleaned_data
        return Sought(
            name=" ".join(chosen["name"].split()),
            text=chosen["text"],
            group=" ".join(chosen["group"].split()),
            is_ours=chosen["is_ours"],
            alerts=chosen["alerts"],
            is_paused=chosen["is_paused"],
            brings_work=chosen["brings_work"],
            spared=tuple(one.pk for one in self.channels if one not in chosen.get("asked", ())),
            days_back=int(chosen.get("days_back", 30)),
        )


@require_safe
@READS
def queries(request: WorkspaceRequest) -> HttpResponse:
    """Every query: what it looks for, how much it found in the last days, how far its past is matched."""
    since = timezone.now() - dt.timedelta(days=DAYS)
    rows = list(Query.objects.filter(workspace=request.workspace).order_by("group", "name"))
    counted = Volume.objects.filter(workspace=request.workspace, hour__gte=since).order_by().values("query")
    counts = {one["query"]: one["total"] for one in counted.annotate(total=Sum("count"))}
    reaches = reach_counts(request.workspace.pk)
    context = frame(
        request,
        "queries",
        rows=[{"query": one, "count": counts.get(one.pk, 0), "reach": reaches.get(one.pk)} for one in rows],
        days=DAYS,
        is_matching=any(one.past_matched_at is None and not one.is_paused for one in rows),
    )
    return answer(request, "listening/queries.html", context, parts=["query-list"])


@CHANGES
def new_query(request: WorkspaceRequest) -> HttpResponse:
    """A form for a new query, with a preview; a valid POST saves it."""
    asked = [one.channel for one in asking(searchable(request.workspace.pk))]
    return _writing(request, None, {"alerts": True, "asked": asked, "days_back": 30})


@CHANGES
def one_query(request: WorkspaceRequest, query: uuid.UUID) -> HttpResponse:
    """A query's form, with a preview; a valid POST changes it."""
    known = get_object_or_404(Query, workspace=request.workspace, pk=query)
    names = ("text", "name", "group", "is_ours", "alerts", "brings_work", "is_paused", "days_back")
    values = {name: getattr(known, name) for name in names}
    spared = set(known.spared.values_list("pk", flat=True))
    values["asked"] = [one.channel for one in asking(searchable(request.workspace.pk)) if one.channel.pk not in spared]
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
    form = QueryForm(request.POST if is_sent else None, initial=values, workspace=request.workspace)
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
        .distinct().order_by("group"), **_reach(known), **_preview(request, tried),
    )  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
    return answer(request, "listening/query.html", context, parts=["query-preview", "query-reach"], status=status)


def _save(request: WorkspaceRequest, known: Query | None, sought: Sought) -> Query:
    at = timezone.now()
    if known is None:
        return add_query(request.workspace, sought=sought, by=request.person, at=at)
    return change_query(known, sought=sought, by=request.person, at=at)


def _reach(known: Query | None) -> dict[str, Any]:
    """The networks a query is put to, and what of that still moves."""
    reaches = reaches_of(known) if known is not None else []
    return {
        "reaches": reaches,
        "is_looking_back": any(one.inquiry.is_looking_back for one in reaches),
        "is_stopped": any(one.inquiry.past and one.inquiry.past_stopped_at for one in reaches),
        "is_reaching": any(one.is_moving for one in reaches),
    }


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
    asked = asked_of(Query(workspace=request.workspace, text=tried.strip()))
    return {"found": found, "wrong": "", "chart_url": f"{drawing}?{looked}", "asked": asked}
