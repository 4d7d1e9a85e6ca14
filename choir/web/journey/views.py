"""The chief customer officer's page: the flow between stages, where customers leave, how they felt, whom they met, in
cohorts; what they speak of at each stage; and putting one customer's stage right."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from choir.alphabet import leaf
from choir.customers.models import Customer
from choir.inbox.models import Conversation
from choir.inbox.queries.customers import visible_customers
from choir.journey.following import correct_stage, last_followed
from choir.journey.models import Stage
from choir.journey.queries import GONE, UNTOLD, begun, cohorts, flow, left_from, met, placed, voices
from choir.measurement.question import Period
from choir.people.access import NotAllowedError
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.charts.drawing import drawn
from choir.web.files import FORMATS, as_file
from choir.web.insights.lens import zone_of
from choir.web.journey.sankey import drawing
from choir.web.journey.wording import ORDER, WORDS

READS = requires(Permission.CUSTOMER_READ, at_least=Reach.WORKSPACE)
CORRECTS = requires(Permission.CONVERSATION_CORRECT)
PERIODS = {"28": _("Last 28 days"), "90": _("Last 90 days"), "365": _("Last 365 days")}
USUAL = "28"
SHOWN = 50


@dataclass(frozen=True)
class Look:
    """One look at one period."""

    request: WorkspaceRequest
    chosen: str
    period: Period

    def url(self, name: str, kwargs: Mapping[str, str] | None = None, /, **asked: str) -> str:
        """Another page of the journey, of the same period."""
        query = {key: one for key, one in {**asked, "period": self.chosen}.items() if one}
        path = reverse(name, kwargs={"workspace": self.request.workspace.slug, **(kwargs or {})})
        return f"{path}?{urlencode(query)}"

    def people_url(self, start: str, end: str) -> str:
        """The people of a cell, a row or a column of the flow."""
        return self.url("journey_people", start=start, end=end)

    @cached_property
    def flow(self) -> Any:
        """Everybody, by where they were and are."""
        return flow(self.request.workspace, self.period)


def look(request: WorkspaceRequest) -> Look:
    """The period that the address asks for; what is not understood is the usual one."""
    chosen = request.GET.get("period", USUAL)
    chosen = chosen if chosen in PERIODS else USUAL
    return Look(request, chosen, Period.days_to(timezone.now(), zone_of(request.person), int(chosen)))


def _frame(shown: Look, **context: Any) -> dict[str, Any]:
    periods = [(key, words, key == shown.chosen) for key, words in PERIODS.items()]
    return {"section": "customers", "look": shown, "periods": periods, **context}


@require_safe
@READS
def journey(request: WorkspaceRequest) -> HttpResponse:
    """The whole way, of one period."""
    shown, workspace = look(request), request.workspace
    found = shown.flow
    columns = [one for one in ORDER if found.at_end()[one]]
    rows = [
        {"name": WORDS[start], "total": found.at_start()[start], "url": shown.people_url(start, ""),
         "cells": [(found.cells.get((start, end), 0), shown.people_url(start, end), start == end) for end in columns]}
        for start in ORDER if found.at_start()[start]
    ]  # fmt: skip
    left = left_from(workspace, shown.period)
    said = voices(workspace, shown.period)
    context = _frame(
        shown, rows=rows, total=found.total, everybody=Customer.objects.filter(workspace=workspace).count(),
        columns=[(WORDS[one], found.at_end()[one], shown.people_url("", one)) for one in columns],
        left=[(WORDS[one], left[one], shown.url("journey_people", left=one)) for one in (*Stage.values, UNTOLD)
              if left.get(one)],
        left_count=sum(left.values()), left_url=shown.people_url("", GONE),
        met=[{"met": one, "name": WORDS[one.stage], "url": shown.url("journey_conversations", stage=one.stage),
              "voices": [(voice.topic.replace("_", " "), voice, _conversation(request, voice.example))
                         for voice in said.get(one.stage, [])]}
             for one in met(workspace, shown.period)],
        cohorts=cohorts(workspace, at=timezone.now(), zone=shown.period.zone), stages=Stage.choices,
        flow_url=shown.url("journey_flow"), followed_at=last_followed(workspace),
        exports=[(one.upper(), shown.url("journey_export", {"form": one})) for one in FORMATS],
    )  # fmt: skip
    return answer(request, "journey/journey.html", context)


@require_safe
@READS
def flow_drawing(request: WorkspaceRequest) -> HttpResponse:
    """The flow as SVG; `width` is the room it has in pixels."""
    shown, width = look(request), request.GET.get("width", "")
    svg = drawn(drawing(shown.flow, shown.people_url), int(width) if width.isdecimal() else 0)
    response = HttpResponse(svg, content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=60"
    return response


@require_safe
@READS
def export_flow(request: WorkspaceRequest, form: str) -> HttpResponseBase:
    """The cells of the flow as a file."""
    if form not in FORMATS:
        raise Http404("There is no such kind of file.")
    rows = ({"from": start, "to": end, "customers": n} for (start, end), n in sorted(look(request).flow.cells.items()))
    return as_file(request, rows, form, name="journey-flow")


@require_safe
@READS
def people(request: WorkspaceRequest) -> HttpResponse:
    """The people of one cell of the flow, by name; together they are everybody, each once."""
    shown = look(request)
    found, asked, title = _people(request, shown)
    after = request.GET.get("after", "")
    page = leaf(found, by="name", after=_id(after))
    context = _frame(
        shown, title=title, count=found.count(),
        rows=[(one, WORDS.get(one.began, ""), WORDS.get(one.ended, "")) for one in page.rows],
        next_url=shown.url("journey_people", **asked, after=str(page.after)) if page.after else "",
        first_url=shown.url("journey_people", **asked) if after else "",
        exports=[(one.upper(), shown.url("journey_people_export", {"form": one}, **asked)) for one in FORMATS],
    )  # fmt: skip
    return answer(request, "journey/people.html", context)


@require_safe
@READS
def export_people(request: WorkspaceRequest, form: str) -> HttpResponseBase:
    """The same people as a file: their ids and stages, no names."""
    if form not in FORMATS:
        raise Http404("There is no such kind of file.")
    found, _asked, _title = _people(request, look(request))
    return as_file(request, _lines(found), form, name="journey-people")


def _lines(found: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    for pk, began, ended, known in found.order_by("pk").values_list("pk", "began", "ended", "created_at").iterator():
        yield {"customer": str(pk), "from": began, "to": ended, "known_since": known.isoformat()}


def _people(request: WorkspaceRequest, shown: Look) -> tuple[QuerySet[Any], dict[str, str], str]:
    found: QuerySet[Any] = placed(request.workspace, shown.period)
    asked = {name: one for name in ("start", "end", "left") if (one := request.GET.get(name, "")) in ORDER}
    words = []
    if start := asked.get("start"):
        found = found.filter(began=start)
        words.append(_("were: %s") % str(WORDS[start]).lower())
    if end := asked.get("end"):
        found = found.filter(ended=end)
        words.append(_("are: %s") % str(WORDS[end]).lower())
    if left := asked.get("left"):
        found = found.filter(ended=GONE, ended_stage="" if left == UNTOLD else left).exclude(began=GONE)
        words.append(_("left from: %s") % str(WORDS[left]).lower())
    return found, asked, _("Customers who %s") % ", ".join(words) if words else _("All customers")


@require_safe
@READS
def conversations(request: WorkspaceRequest) -> HttpResponse:
    """The conversations that customers at a stage began, newest first."""
    shown, stage = look(request), request.GET.get("stage", "")
    if stage not in (*Stage.values, UNTOLD):
        raise Http404("There is no such stage.")
    found = begun(request.workspace, shown.period).filter(stage_then=stage)
    readable = Conversation.objects.visible_to(request.person).filter(pk__in=found.values("pk"))
    rows = list(readable.select_related("customer", "department").order_by("-first_inbound_at", "-pk")[:SHOWN])
    context = _frame(shown, title=WORDS[stage], rows=rows, count=found.count())
    return answer(request, "journey/conversations.html", context)


@require_POST
@CORRECTS
def stage(request: WorkspaceRequest, customer: uuid.UUID) -> HttpResponse:
    """Puts a customer's stage right."""
    found = get_object_or_404(visible_customers(request.person, request.workspace.pk), pk=customer)
    wanted, because = request.POST.get("stage", ""), request.POST.get("because", "").strip()[:500]
    back = redirect("customer", workspace=request.workspace.slug, customer=found.pk)
    if wanted not in Stage.values or not because:
        messages.error(request, _("Choose a stage, and say why: others will want to know."))
        back.status_code = HTTPStatus.FOUND
        return back
    try:
        correct_stage(found, stage=wanted, because=because, by=request.person, at=timezone.now())
    except NotAllowedError as refused:
        raise PermissionDenied(str(refused)) from None
    messages.success(request, _("They are at “%s” now, until they say or do something else.") % WORDS[wanted])
    return back


def _conversation(request: WorkspaceRequest, pk: uuid.UUID) -> str:
    return reverse("conversation", kwargs={"workspace": request.workspace.slug, "conversation": pk})


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
