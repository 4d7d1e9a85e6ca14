"""The record of a workspace: every verb, who, when, on what, why."""

from __future__ import annotations

import json
import uuid
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from choir.events.chain import Chain
from choir.events.models import Event, Seal
from choir.events.verify import Finding, verify_chain
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.audit.exporting import csv_lines, json_lines, stated
from choir.web.audit.forms import RecordFilter
from choir.web.files import as_file
from choir.web.settings.frame import frame

PAGE = 100
VERIFIED_ON_THE_PAGE = 300_000  # events; more take longer than a page may, and have a command

may_read = requires(Permission.AUDIT_READ, at_least=Reach.WORKSPACE)


@require_GET
@may_read
def audit(request: WorkspaceRequest) -> HttpResponse:
    """The record, newest first, filtered by the address."""
    return _page(request)


@require_POST
@may_read
def verification(request: WorkspaceRequest) -> HttpResponse:
    """Recompute this workspace's chain and show what was found."""
    chain = _chain(request)
    newest = Seal.objects.filter(chain.rows).order_by("-last_position").first()
    if newest is not None and newest.last_position > VERIFIED_ON_THE_PAGE:
        return _page(request, too_long=True)
    return _page(request, finding=verify_chain(chain))


@require_GET
@may_read
def as_csv(request: WorkspaceRequest) -> HttpResponse | StreamingHttpResponse:
    """What the filters leave, as a table."""
    return _file(request, csv_lines, "text/csv; charset=utf-8", "csv")


@require_GET
@may_read
def as_jsonl(request: WorkspaceRequest) -> HttpResponse | StreamingHttpResponse:
    """What the filters leave, one JSON object a line, with what anybody needs to recompute the chain."""
    return _file(request, json_lines, "application/x-ndjson", "jsonl")


@require_GET
@may_read
def as_parquet(request: WorkspaceRequest) -> HttpResponse | StreamingHttpResponse:
    """What the filters leave, as a table with columns that have types."""
    form = RecordFilter(request.GET)
    if not form.is_valid():
        return _page(request)
    events = form.applied_to(_events(request)).order_by("id").iterator(chunk_size=2_000)
    rows = ({**one, "facts": json.dumps(one["facts"], ensure_ascii=False)} for one in map(stated, events))
    return as_file(request, rows, "parquet", name=_name(request))


def _name(request: WorkspaceRequest) -> str:
    return f"record-{request.workspace.slug}-{timezone.now():%Y%m%d}"


def _file(request: WorkspaceRequest, lines: Any, kind: str, ending: str) -> HttpResponse | StreamingHttpResponse:
    form = RecordFilter(request.GET)
    if not form.is_valid():
        return _page(request)
    events = form.applied_to(_events(request)).order_by("id")
    response = StreamingHttpResponse(lines(events), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{_name(request)}.{ending}"'
    return response


def _page(request: WorkspaceRequest, *, finding: Finding | None = None, too_long: bool = False) -> HttpResponse:
    form = RecordFilter(request.GET)
    events = form.applied_to(_events(request)) if form.is_valid() else Event.objects.none()
    before = request.GET.get("before", "")
    rows = list(_older_than(events, before).select_related(None).order_by("-id")[: PAGE + 1])
    filters = {name: str(value) for name, value in request.GET.items() if name in form.fields and value}
    chain = _chain(request)
    context = {
        **frame(request, "audit"),
        "form": form,
        "rows": rows[:PAGE],
        "query": urlencode(filters),
        "first_url": f"?{urlencode(filters)}" if before else "",
        "older_url": f"?{urlencode(filters | {'before': str(rows[PAGE - 1].pk)})}" if len(rows) > PAGE else "",
        "seal": Seal.objects.filter(chain.rows).order_by("-last_position").first(),
        "unsealed_count": Event.objects.unsealed().filter(chain.rows).count(),
        "finding": finding,
        "too_long": too_long,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "audit/audit.html", context, status=status)


def _older_than(events: QuerySet[Event], before: str) -> QuerySet[Event]:
    """Keyset paging; an address with nonsense in it shows the first page."""
    try:
        return events.filter(pk__lt=uuid.UUID(before)) if before else events
    except ValueError:
        return events


def _events(request: WorkspaceRequest) -> QuerySet[Event]:
    return Event.objects.filter(workspace=request.workspace)


def _chain(request: WorkspaceRequest) -> Chain:
    return Chain(request.workspace.organisation_id, request.workspace.pk)
