"""Imports: upload a file, see how it would be read, start it, watch it, and get what was set aside."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from choir.channels.importing import NoSuchChannelError, begin, import_channel
from choir.channels.imports.formats import (
    FIXED_FORMATS,
    Source,
    UnclearColumnsError,
    columns_of,
    guessed,
    samples,
    source,
)
from choir.channels.imports.opening import Opened, WrongFileError, opened
from choir.channels.imports.said import FIELDS, ReadRow
from choir.channels.imports.times import Clockwork
from choir.channels.models import Arrival, FileImport
from choir.channels.uploads import TooLargeUploadError, keep_upload, upload_path
from choir.legible import legible
from choir.people.policy import Permission, Reach
from choir.wake import Step, wake
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.imports.forms import MappingForm, UploadForm
from choir.web.settings.frame import frame
from choir.web.taking import at_most

ROWS_TRIED = 2000
ROWS_SHOWN = 8
ASIDE_SHOWN = 100
IMPORTS_SHOWN = 50
DATES = {"day-first": True, "month-first": False}
FORMULAE = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Preview:
    """How the beginning of a file would be read."""

    shown: list[ReadRow]
    aside: list[ReadRow]
    rows_count: int
    aside_count: int
    remarks: list[str]


@requires(Permission.IMPORT_RUN, at_least=Reach.WORKSPACE)
def imports(request: WorkspaceRequest) -> HttpResponseBase:
    """All imports, and the form that begins one by uploading its file."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            stored_as = keep_upload(request.workspace.pk, name=file.name, chunks=file.chunks())
        except TooLargeUploadError as error:
            form.add_error("file", str(error))
        else:
            asked = urlencode({name: form.cleaned_data[name] for name in ("format", "channel")})
            address = reverse("import_mapping", kwargs={"workspace": request.workspace.slug, "file": stored_as})
            return redirect(f"{address}?{asked}")
    found = FileImport.objects.filter(workspace=request.workspace).select_related("channel", "by")
    found = found[: at_most(request, IMPORTS_SHOWN)]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "imports/imports.html", frame(request, "imports", imports=found, form=form), status=status)


@requires(Permission.IMPORT_RUN, at_least=Reach.WORKSPACE)
def mapping(request: WorkspaceRequest, file: str) -> HttpResponseBase:
    """What the columns hold, with how the first rows would be read; posting starts the import."""
    path = upload_path(request.workspace.pk, file)
    if path is None:
        raise Http404("That file is no longer here. Upload it again.")
    format, channel = request.GET.get("format", "csv"), request.GET.get("channel", "").strip()
    context = frame(request, "imports", file_name=file.partition("--")[2], channel=channel, format=format)
    try:
        look = opened(path)
        form = _mapping_form(request, look, format)
        context |= {"form": form}
        if form.is_bound and not form.is_valid():
            return answer(request, "imports/mapping.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        read = _source(request, look, format, form)
        if request.method == "POST":
            return _start(request, read, channel=channel, file=file)
        context |= {"preview": _preview(read)}
    except UnclearColumnsError as error:
        context |= {"missing": [FIELDS[one] for one in error.missing]}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
        return answer(request, "imports/mapping.html", context, status=status)
    except (WrongFileError, NoSuchChannelError) as error:
        context |= {"problem": str(error).replace(path.name, context["file_name"])}
        return answer(request, "imports/mapping.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return answer(request, "imports/mapping.html", context)


@requires(Permission.IMPORT_RUN, at_least=Reach.WORKSPACE)
def one(request: WorkspaceRequest, run: uuid.UUID) -> HttpResponse:
    """One import: how far it is, what it came to, what was set aside."""
    found = _import(request, run)
    aside = _set_aside(found)
    context = frame(
        request, "imports", run=found, aside=aside[:ASIDE_SHOWN], aside_count=aside.count(), lines=found.rows_expected
    )
    return answer(request, "imports/import.html", context, parts=["import-progress"])


@requires(Permission.IMPORT_RUN, at_least=Reach.WORKSPACE)
def set_aside(request: WorkspaceRequest, run: uuid.UUID) -> StreamingHttpResponse:
    """Every row that was set aside, with its line, the reason and what was in it, as CSV."""
    found = _import(request, run)
    response = StreamingHttpResponse(list(_lines(found)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="set-aside-{found.pk}.csv"'
    return response


def _mapping_form(request: WorkspaceRequest, look: Opened, format: str) -> MappingForm:
    columns = columns_of(look, format)
    chosen = request.POST if request.method == "POST" else request.GET
    return MappingForm(
        chosen if "zone" in chosen else None,
        columns=columns,
        guessed=guessed(columns),
        samples=samples(look, format),
        is_fixed=format in FIXED_FORMATS,
        zone=request.workspace.organisation.time_zone,
    )


def _source(request: WorkspaceRequest, look: Opened, format: str, form: MappingForm) -> Source:
    chosen = form.cleaned_data if form.is_bound else {}
    zone = ZoneInfo(chosen.get("zone") or request.workspace.organisation.time_zone)
    columns = form.mapping() if form.is_bound else guessed(form.columns)
    return source(look, format=format, columns=columns, clockwork=Clockwork(zone, DATES.get(chosen.get("dates", ""))))


def _preview(read: Source) -> Preview:
    rows = list(islice(read.rows(), ROWS_TRIED))
    aside = [row for row in rows if row.said is None]
    remarks = list(read.opened.remarks)
    if read.clockwork.zoneless_count:
        remarks.append(f"Times without a zone are read as {read.clockwork.zone}.")
    readable = [row for row in rows if row.said is not None]
    return Preview(readable[:ROWS_SHOWN], aside[:ROWS_SHOWN], len(rows), len(aside), remarks)


def _start(request: WorkspaceRequest, read: Source, *, channel: str, file: str) -> HttpResponse:
    now = timezone.now()
    into = import_channel(request.workspace, name=channel or "Import", format=read.format, at=now)
    run = begin(into, read, by=request.person, at=now, stored_as=file)
    run.stored_as, run.failure = file, ""
    run.save(update_fields=["stored_as", "failure"])
    wake(Step.IMPORT)
    return redirect("import", workspace=request.workspace.slug, run=run.pk)


def _import(request: WorkspaceRequest, run: uuid.UUID) -> FileImport:
    found = FileImport.objects.filter(workspace=request.workspace).select_related("channel", "by")
    return get_object_or_404(found, pk=run)


def _set_aside(run: FileImport) -> QuerySet[Arrival]:
    return Arrival.objects.filter(file_import=run).exclude(set_aside_because="").order_by("line")


def _lines(run: FileImport) -> Iterator[str]:
    """CSV lines. A cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    writer = csv.writer(_Echo())
    yield writer.writerow(["line", "because", "row"])
    for arrival in _set_aside(run).iterator(chunk_size=500):
        row = legible(bytes(arrival.payload).decode("utf-8", "replace"))
        cells = [str(arrival.line or ""), arrival.set_aside_because, row]
        yield writer.writerow([f"'{cell}" if cell.startswith(FORMULAE) else cell for cell in cells])


class _Echo:
    """A file for `csv.writer` that gives back what is written."""

    def write(self, line: str) -> str:
        return line
