"""The chief customer officer's page: the flow between stages, where customers leave, how they felt, whom they met, in
cohorts; what they speak of at each stage."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from choir.journey.cohorts import Cohort
from choir.journey.meetings import Met, begun, examples
from choir.journey.models import Stage
from choir.journey.panorama import cohorts_of, met_of
from choir.journey.queries import GONE, UNTOLD
from choir.people.models import Department
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.files import FORMATS, as_file
from choir.web.journey.looking import READS, Look, frame, look
from choir.web.journey.sankey import drawing
from choir.web.journey.wording import ORDER, WORDS

SHOWN = 50


@require_safe
@READS
def journey(request: WorkspaceRequest) -> HttpResponse:
    """The whole way, of one period."""
    shown = look(request)
    found = shown.flow
    context = frame(
        shown, **_flow(shown), total=found.total,
        left=[(WORDS[one], found.left[one], shown.url("journey_people", left=one))
              for one in (*Stage.values, UNTOLD) if found.left.get(one)],
        left_url=shown.people_url("", GONE),
        met=_met(shown), stages=Stage.choices,
        cohorts=[_cohort(shown, one) for one in cohorts_of(shown.panorama)], flow_url=shown.url("journey_flow"),
        exports=[(one.upper(), shown.url("journey_export", {"form": one})) for one in FORMATS],
    )  # fmt: skip
    return answer(request, "journey/journey.html", context)


def _flow(shown: Look) -> dict[str, Any]:
    """The cells as a table: a row for each stage where somebody was, a column for each where somebody is."""
    found = shown.flow
    starts, ends = found.at_start(), found.at_end()
    columns = [one for one in ORDER if ends[one]]
    rows = [
        {"name": WORDS[start], "total": starts[start], "url": shown.people_url(start, ""),
         "cells": [(found.cells.get((start, end), 0), shown.people_url(start, end), start == end) for end in columns]}
        for start in ORDER if starts[start]
    ]  # fmt: skip
    return {"rows": rows, "columns": [(WORDS[one], ends[one], shown.people_url("", one)) for one in columns]}


def _met(shown: Look) -> list[dict[str, Any]]:
    """What happened at each stage; the example of a topic is one that the person may read."""
    workspace, person = shown.request.workspace, shown.request.person
    found = met_of(shown.panorama)
    read = examples(begun(workspace, shown.period, seen_by=person), found)
    return [_met_at(shown, one, read) for one in found]


def _met_at(shown: Look, one: Met, read: dict[tuple[str, str], Any]) -> dict[str, Any]:
    def url(department: str = "") -> str:
        return shown.url("journey_conversations", stage=one.stage, department=department)

    return {
        "met": one, "name": WORDS[one.stage], "url": url(),
        "departments": [(name, n, url(slug)) for slug, name, n in one.departments],
        "voices": [(voice.topic.replace("_", " "), voice, read.get((one.stage, voice.topic))) for voice in one.voices],
    }  # fmt: skip


def _cohort(shown: Look, one: Cohort) -> dict[str, Any]:
    month = f"{one.month:%Y-%m}"
    return {
        "month": one.month, "total": one.total, "url": shown.url("journey_people", month=month),
        "reached": [(n, shown.url("journey_people", month=month, reached=stage))
                    for stage, n in zip(Stage.values, one.by_stage, strict=True)],
        "heard": one.heard, "heard_url": shown.url("journey_people", month=month, heard="lately"),
    }  # fmt: skip


@require_safe
@READS
def flow_drawing(request: WorkspaceRequest) -> HttpResponse:
    """The flow as SVG; `width` is the room it has in pixels."""
    shown, width = look(request), request.GET.get("width", "")
    svg = drawing(shown.flow, shown.people_url, int(width[:5]) if width.isdecimal() else 0)
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


def _counted(shown: Look, stage: str, department: str) -> int:
    """How many conversations were begun at a stage, or met one department there."""
    for one in met_of(shown.panorama):
        if one.stage == stage:
            met_by = {slug: n for slug, _name, n in one.departments}
            return met_by.get(department, 0) if department else one.conversations
    return 0


@require_safe
@READS
def conversations(request: WorkspaceRequest) -> HttpResponse:
    """The conversations that customers at a stage began, last heard of first."""
    shown = look(request)
    stage, department, found = _begun(request, shown)
    rows = list(found.select_related("customer", "department")[:SHOWN])
    slug = department.slug if department is not None else ""
    context = frame(
        shown, title=WORDS[stage], department=department, rows=rows, count=_counted(shown, stage, slug),
        exports=[(one.upper(), shown.url("journey_conversations_export", {"form": one}, stage=stage, department=slug))
                 for one in FORMATS],
    )  # fmt: skip
    return answer(request, "journey/conversations.html", context)


@require_safe
@READS
def export_conversations(request: WorkspaceRequest, form: str) -> HttpResponseBase:
    """All of the same as a file: ids, times and places, no customer's words."""
    if form not in FORMATS:
        raise Http404("There is no such kind of file.")
    stage, _department, found = _begun(request, look(request))
    values = found.values_list("pk", "first_inbound_at", "last_message_at", "sentiment", "department__name")
    rows = (
        {"conversation": str(pk), "stage": stage, "began_at": began.isoformat(), "last_at": last.isoformat(),
         "sentiment": sentiment, "department": department}
        for pk, began, last, sentiment, department in values.iterator(chunk_size=2_000)
    )  # fmt: skip
    return as_file(request, rows, form, name="journey-conversations")


def _begun(request: WorkspaceRequest, shown: Look) -> tuple[str, Department | None, QuerySet[Any]]:
    """The stage and the department that the address asks for, and what was begun there, last heard of first: the order
    that has an index, so that a page of it needs no look at all the others."""
    stage = request.GET.get("stage", "")
    if stage not in (*Stage.values, UNTOLD):
        raise Http404("There is no such stage.")
    found = begun(request.workspace, shown.period, seen_by=request.person).filter(
        stage_then=stage, last_message_at__gte=shown.period.start
    )
    department = Department.objects.filter(
        organisation=request.workspace.organisation_id, slug=request.GET.get("department", "")[:60]
    ).first()
    if department is not None:
        found = found.filter(department=department)
    return stage, department, found.order_by("-last_message_at", "-pk")
