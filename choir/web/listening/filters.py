"""Which part of the stream is looked at: from the address and back into it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from choir.channels.models import Channel
from choir.listening.language.folding import folded
from choir.listening.language.parsing import QueryError, parse
from choir.listening.language.tree import Node
from choir.listening.models import Query, Volume
from choir.listening.stream import Asked
from choir.measurement.question import Period
from choir.people.models import Person, Workspace
from choir.routing.choose import language_name
from choir.web.insights.lens import LONGEST, zone_of

PERIODS = [("1", _("Today")), ("7", _("Last 7 days")), ("28", _("Last 28 days")), ("90", _("Last 90 days"))]
DEFAULT_PERIOD = "28"
SENTIMENTS = [("", _("Any")), ("negative", _("Unhappy")), ("neutral", _("Neutral")), ("positive", _("Happy"))]
COLUMNS = ("network", "language", "sentiment", "topic")
EVERYTHING, FOUND = "all", ""


class StreamForm(forms.Form):
    """The stream's filters; an empty one does not filter, and what is not understood is left out and said."""

    q = forms.CharField(label=_("Words"), required=False, max_length=1000)
    query = forms.ChoiceField(label=_("Query"), required=False)
    period = forms.ChoiceField(label=_("Period"), choices=PERIODS, required=False)
    sentiment = forms.ChoiceField(label=_("Mood"), choices=SENTIMENTS, required=False)
    network = forms.ChoiceField(label=_("Network"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    copies = forms.BooleanField(label=_("Every copy"), required=False)
    family = forms.UUIDField(required=False, widget=forms.HiddenInput)
    since = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    until = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    tree: Node | None = None

    def clean_q(self) -> str:
        """Words in the language of queries; an error names the character."""
        typed: str = self.cleaned_data["q"].strip()
        if typed:
            try:
                self.tree = parse(typed)
            except QueryError as error:
                raise forms.ValidationError(pointed(typed, error)) from None
        return typed


def pointed(typed: str, error: QueryError) -> str:
    """What is wrong with a query and where: “…” stands for what comes before."""
    before = typed[max(0, error.position - 12) : error.position]
    mark = typed[error.position : error.position + 12]
    where = f"{'…' if error.position > 12 else ''}{before}▸{mark}" if mark else _("the end")
    return str(_("Character %(place)s (%(where)s): %(what)s")) % {
        "place": error.position + 1, "where": where, "what": error,
    }  # fmt: skip


@dataclass(frozen=True)
class View:
    """A checked set of filters and what they ask for."""

    person: Person
    workspace: Workspace
    form: StreamForm
    asked: Asked
    period: Period
    chosen: Mapping[str, str]
    queries: list[Query]

    def url(self, name: str = "listening", *, kwargs: Mapping[str, str] | None = None, **changes: object) -> str:
        """The address of a page with these filters, some of them changed (empty: dropped)."""
        query = {key: str(value) for key, value in (dict(self.chosen) | changes).items() if value not in ("", None)}
        path = reverse(name, kwargs={"workspace": self.workspace.slug, **(kwargs or {})})
        return f"{path}?{urlencode(query)}" if query else path


def view_of(person: Person, workspace: Workspace, sent: Mapping[str, Any], *, at: dt.datetime) -> View:
    """Read the filters of an address."""
    queries = list(Query.objects.filter(workspace=workspace))
    form = StreamForm({"period": DEFAULT_PERIOD, **{key: value for key, value in sent.items() if value}})
    _offer(form, workspace, queries, sent)
    form.is_valid()
    cleaned = {key: value for key, value in form.cleaned_data.items() if value}
    zone = zone_of(person)
    period = Period.days_to(at, zone, int(cleaned.get("period") or DEFAULT_PERIOD))
    since, until = period.start, at + dt.timedelta(minutes=1)
    if "since" in cleaned or "until" in cleaned:
        until = min(cleaned.get("until") or until, until)
        since = max(cleaned.get("since") or until - dt.timedelta(days=1), until - LONGEST)
        period = Period.between(since.astimezone(zone).date(), until.astimezone(zone).date(), zone, until)
    asked = Asked(
        workspace.pk,
        since,
        until,
        tree=form.tree,
        query_ids=_query_ids(cleaned.get("query", FOUND), queries),
        values=tuple((name, _column(name, cleaned[name])) for name in COLUMNS if name in cleaned),
        family=cleaned.get("family"),
        is_folded="copies" not in cleaned,
    )
    return View(person, workspace, form, asked, period, _chosen(cleaned), queries)


def _column(name: str, value: str) -> str:
    return folded(value).strip() if name == "network" else value


def _query_ids(chosen: str, queries: list[Query]) -> tuple[uuid.UUID, ...] | None:
    if chosen == EVERYTHING or not queries:
        return None
    if chosen.startswith("group:"):
        return tuple(one.pk for one in queries if one.group == chosen.removeprefix("group:"))
    return tuple(one.pk for one in queries if chosen in (FOUND, str(one.pk)))


def _offer(form: StreamForm, workspace: Workspace, queries: list[Query], sent: Mapping[str, Any]) -> None:
    """What the choices of this workspace are."""
    groups = sorted({one.group for one in queries if one.group})
    networks = Channel.objects.filter(workspace=workspace).order_by("network").values_list("network", flat=True)
    topics = Volume.objects.filter(workspace=workspace).exclude(topic="").order_by("topic")
    choices: dict[str, list[tuple[str, Any]]] = {
        "query": [
            (FOUND, _("Any query")),
            *((f"group:{group}", _("All of %s") % group) for group in groups),
            *((str(one.pk), one.name) for one in queries),
            (EVERYTHING, _("Everything heard")),
        ],
        "network": [("", _("Any")), *((one, one.capitalize()) for one in networks.distinct())],
        "language": [("", _("Any")), *((code, language_name(code)) for code in workspace.languages)],
        "topic": [
            ("", _("Any")),
            *((one, one.replace("_", " ").capitalize()) for one in topics.values_list("topic", flat=True).distinct()),
        ],
    }
    for name, offered in choices.items():
        field = form.fields[name]
        assert isinstance(field, forms.ChoiceField)
        extra = str(sent.get(name, ""))
        if name in ("language", "topic") and extra and len(extra) <= 40 and extra not in dict(offered):
            offered.append((extra, extra))
        field.choices = offered


def _chosen(cleaned: Mapping[str, Any]) -> dict[str, str]:
    chosen = {
        key: value.isoformat() if isinstance(value, dt.datetime) else "on" if value is True else str(value)
        for key, value in cleaned.items()
    }
    if chosen.get("period") == DEFAULT_PERIOD or "since" in chosen or "until" in chosen:
        chosen.pop("period", None)
    return chosen
