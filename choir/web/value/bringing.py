"""Where the numbers come from: spend, tracked links, kinds of conversions, webhooks and files."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from choir.channels.imports.opening import WrongFileError
from choir.channels.uploads import TooLargeUploadError, forget_upload, keep_upload, upload_path
from choir.conversions.bringing import BringingRefusedError, Sheet, add_kind, add_source, bring, end_source, look, sheet
from choir.conversions.columns import FIELDS
from choir.conversions.links import LinkRefusedError, address_of, make_link, retire_link
from choir.conversions.models import (
    ConversionAside,
    ConversionFile,
    ConversionKind,
    ConversionSource,
    TrackedLink,
)
from choir.people.policy import Permission, Reach
from choir.value.actions import SpendRefusedError, count_for, strike_out
from choir.value.actions import spend as enter_spend
from choir.value.models import CountsFor, Spend
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.insights.lens import zone_of
from choir.web.taking import at_most
from choir.web.value.entered import spent
from choir.web.value.forms import CountsForForm, FileForm, KindForm, LinkForm, SourceForm, SpendForm
from choir.web.value.looking import frame
from choir.web.value.looking import look as look_at

READS_AND_CHANGES = requires(Permission.STRATEGY_READ, at_least=Reach.WORKSPACE, to_post=Permission.STRATEGY_CHANGE)
CHANGES = requires(Permission.STRATEGY_CHANGE, at_least=Reach.WORKSPACE)
LINKS = requires(Permission.LINK_MAKE, at_least=Reach.WORKSPACE)
BRINGS = requires(Permission.CONVERSION_BRING, at_least=Reach.WORKSPACE)
SHOWN, SHOWN_FILES = 100, 20


@READS_AND_CHANGES
def spend(request: WorkspaceRequest) -> HttpResponse:
    """Everything spent, newest first, and (for whoever may) a form for more."""
    shown = look_at(request)
    form = SpendForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        try:
            enter_spend(request.workspace, **form.cleaned_data, by=request.person, at=timezone.now())
        except SpendRefusedError as refused:
            form.add_error("ends_on", str(refused))
        else:
            return redirect(shown.url("value_spend"))
    entered = spent(request, shown)
    context = frame(
        shown, "spend", rows=entered.rows[: at_most(request, SHOWN)], total=entered.total, narrowed=entered.words,
        form=form,
    )  # fmt: skip
    return _page(request, "value/spend.html", form, context)


@require_POST
@CHANGES
def striking(request: WorkspaceRequest, row: uuid.UUID) -> HttpResponse:
    """Strikes out an entry that was a mistake."""
    strike_out(get_object_or_404(Spend, pk=row, workspace=request.workspace), by=request.person, at=timezone.now())
    return redirect("value_spend", workspace=request.workspace.slug)


@LINKS
def links(request: WorkspaceRequest) -> HttpResponse:
    """Tracked links with what came of each, and a form for another."""
    form = LinkForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        try:
            made = make_link(request.workspace, **form.cleaned_data, by=request.person, at=timezone.now())
        except LinkRefusedError as refused:
            form.add_error("target", str(refused))
        else:
            messages.success(request, _("The link is %s") % address_of(made))
            return redirect("value_links", workspace=request.workspace.slug)
    found = (
        TrackedLink.objects.filter(workspace=request.workspace)
        .select_related("channel", "by")
        .annotate(clicks_count=Count("clicks"))
        .order_by("ended_at", "-created_at")[: at_most(request, SHOWN)]
    )
    rows = [{"link": one, "address": address_of(one)} for one in found]
    return _page(request, "value/links.html", form, frame(look_at(request), "links", rows=rows, form=form))


@require_POST
@LINKS
def retirement(request: WorkspaceRequest, link: uuid.UUID) -> HttpResponse:
    """Ends the counting of a link; it leads on."""
    found = get_object_or_404(TrackedLink, pk=link, workspace=request.workspace)
    retire_link(found, by=request.person, at=timezone.now())
    return redirect("value_links", workspace=request.workspace.slug)


@BRINGS
def sources(request: WorkspaceRequest) -> HttpResponse:
    """Kinds of conversions, the systems that tell of them, files, and what was set aside; a new system by form."""
    form = SourceForm(request.POST or None)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = add_source(request.workspace, **form.cleaned_data, by=request.person, at=timezone.now())
        except BringingRefusedError as refused:
            form.add_error("name", str(refused))
        else:
            context = {"made": made, "secret": secret, "made_url": _hook_url(made)}
            form = SourceForm()
    return _sources(request, source_form=form, **context)


@require_POST
@BRINGS
def kinds(request: WorkspaceRequest) -> HttpResponse:
    """Adds a kind of conversion."""
    form = KindForm(request.POST)
    if form.is_valid():
        try:
            add_kind(request.workspace, **form.cleaned_data, by=request.person, at=timezone.now())
        except BringingRefusedError as refused:
            form.add_error("slug", str(refused))
        else:
            return redirect("value_sources", workspace=request.workspace.slug)
    return _sources(request, kind_form=form)


@require_POST
@CHANGES
def goals_of_kinds(request: WorkspaceRequest) -> HttpResponse:
    """Says which goal each kind counts for."""
    for kind in ConversionKind.objects.filter(workspace=request.workspace).select_related("workspace"):
        form = CountsForForm(request.POST, workspace=request.workspace, kind=kind)
        if f"{kind.slug}-goal" in request.POST and form.is_valid():
            count_for(kind, goal=form.cleaned_data["goal"], by=request.person, at=timezone.now())
    return redirect("value_sources", workspace=request.workspace.slug)


@require_POST
@BRINGS
def source_ending(request: WorkspaceRequest, source: uuid.UUID) -> HttpResponse:
    """Ends listening to a system."""
    found = get_object_or_404(ConversionSource, pk=source, workspace=request.workspace)
    end_source(found, by=request.person, at=timezone.now())
    return redirect("value_sources", workspace=request.workspace.slug)


@require_POST
@BRINGS
def upload(request: WorkspaceRequest) -> HttpResponse:
    """Keeps an uploaded file and goes on to how it would be read."""
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data["file"]
        try:
            kept = keep_upload(request.workspace.pk, name=given.name, chunks=given.chunks())
        except TooLargeUploadError as error:
            form.add_error("file", str(error))
        else:
            return redirect("value_file", workspace=request.workspace.slug, file=kept)
    return _sources(request, file_form=form)


@BRINGS
def file(request: WorkspaceRequest, file: str) -> HttpResponse:
    """What the columns hold, with how the first rows would be taken; posting takes the file in."""
    path = upload_path(request.workspace.pk, file)
    if path is None:
        raise Http404("That file is no longer here. Upload it again.")
    context = frame(look_at(request), "sources", file_name=file.partition("--")[2], fields=FIELDS.items())
    try:
        read = _sheet(request, file)
        if request.method == "POST":
            brought = bring(request.workspace, read, by=request.person, at=timezone.now())
            forget_upload(request.workspace.pk, file)
            told = {"new": brought.taken_count, "known": brought.known_count, "aside": brought.aside_count}
            messages.success(request, _("%(new)s new, %(known)s known already, %(aside)s set aside.") % told)
            return redirect("value_sources", workspace=request.workspace.slug)
        context |= {"looked": look(request.workspace, read, at=timezone.now()), "remarks": read.remarks,
                    "usual_kind": read.usual_kind,
                    "kinds": ConversionKind.objects.filter(workspace=request.workspace),
                    "columns": [(number, name, read.columns.get(name, ""))
                                for number, name in enumerate(read.table.columns)]}  # fmt: skip
    except (WrongFileError, BringingRefusedError) as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return answer(request, "value/file.html", context | {"problem": str(error)}, status=status)
    return answer(request, "value/file.html", context)


def _sheet(request: WorkspaceRequest, file: str) -> Sheet:
    """The file with its columns as the form says, or as they are guessed. Each field is held by one column."""
    path = upload_path(request.workspace.pk, file)
    assert path is not None
    told = request.POST if request.method == "POST" else request.GET
    zone, usual = zone_of(request.person), told.get("kind", "")
    read = sheet(path, zone=zone, usual_kind=usual)
    if "read" not in told:
        return read
    chosen: dict[str, str] = {}
    for number, name in enumerate(read.table.columns):
        to = told.get(f"column-{number}", "")
        if to in FIELDS and to not in chosen.values():
            chosen[name] = to
    return sheet(path, zone=zone, columns=chosen, usual_kind=usual)


def _sources(request: WorkspaceRequest, **context: Any) -> HttpResponse:
    workspace, shown = request.workspace, look_at(request)
    counts = dict(CountsFor.objects.filter(kind__workspace=workspace).values_list("kind_id", "goal_id"))
    standing = Count("conversions", filter=Q(conversions__taken_back_at=None))
    kinds = ConversionKind.objects.filter(workspace=workspace).annotate(conversions_count=standing)
    forms = {"source_form": SourceForm(), "kind_form": KindForm(), "file_form": FileForm(), **context}
    given = [one for name, one in forms.items() if name.endswith("_form")]
    listening = ConversionSource.objects.filter(workspace=workspace, ended_at=None).order_by("name")
    aside = ConversionAside.objects.filter(workspace=workspace).select_related("file", "source").order_by("-at", "-id")
    whole = frame(
        shown, "sources",
        kinds=[{"kind": one, "form": CountsForForm(workspace=workspace, kind=one, initial={"goal": counts.get(one.pk)})}
               for one in kinds],
        sources=[(one, _hook_url(one)) for one in listening],
        files=ConversionFile.objects.filter(workspace=workspace).select_related("by").order_by("-at")[:SHOWN_FILES],
        aside=aside[: at_most(request, SHOWN_FILES)], aside_count=aside.count(), **forms,
    )  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY if any(one.errors for one in given) else HTTPStatus.OK
    return answer(request, "value/sources.html", whole, status=status)


def _hook_url(source: ConversionSource) -> str:
    return f"{settings.PUBLIC_URL}/hooks/conversions/{source.pk}"


def _page(request: WorkspaceRequest, page: str, form: Any, context: dict[str, Any]) -> HttpResponse:
    return answer(request, page, context, status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK)
