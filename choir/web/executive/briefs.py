"""The week's brief: on the page, on one printed page, and by e-mail for whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from choir.executive.actions import ask_for_briefs, write_on
from choir.executive.models import FRIDAY, Brief, BriefPolicy, BriefReader
from choir.governance.telling import can_send
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.committee.forms import WEEKDAYS
from choir.web.committee.showing import ShownFact
from choir.web.executive.forms import WeekdayForm
from choir.web.executive.frame import MANAGES, READS, brief_of, frame
from choir.web.executive.hearings import ShownHearing, heard_with
from choir.web.executive.showing import ShownBrief, ShownFigure, shown_brief
from choir.web.printing.setting import pdf_of

TEMPLATE = Path(__file__).parent / "brief.typ"
EARLIER = 12


@require_safe
@READS
def brief(request: WorkspaceRequest, day: str = "") -> HttpResponse:
    """The newest brief, or an earlier one."""
    found = brief_of(request, day)
    if found is None:
        return answer(request, "executive/none.html", frame(request, "brief"))
    briefs = Brief.objects.filter(workspace=request.workspace).order_by("-last_on")[:EARLIER]
    shown = shown_brief(found, request.workspace, request.person)
    is_reader = BriefReader.objects.filter(workspace=request.workspace, person=request.person).exists()
    policy = BriefPolicy.objects.filter(workspace=request.workspace).first()
    context = frame(
        request, "brief", shown=shown, brief=found, briefs=list(briefs), hearings=heard_with(found, request),
        is_reader=is_reader, can_send=can_send(), weekday=dict(WEEKDAYS)[policy.weekday if policy else FRIDAY],
        weekday_form=WeekdayForm(initial={"weekday": policy.weekday if policy else FRIDAY}),
    )  # fmt: skip
    return answer(request, "executive/brief.html", context)


@require_POST
@READS
def mailing(request: WorkspaceRequest) -> HttpResponse:
    """Sends each brief by e-mail from now on (`wanted=yes`), or no longer."""
    is_wanted = request.POST.get("wanted") == "yes"
    ask_for_briefs(request.workspace, wanted=is_wanted, by=request.person, at=timezone.now())
    words = _("The next brief comes to %s as well.") % request.person.email if is_wanted else _("No more e-mails.")
    messages.success(request, words)
    return redirect("executive", workspace=request.workspace.slug)


@require_POST
@MANAGES
def weekday(request: WorkspaceRequest) -> HttpResponse:
    """The day on which briefs are written."""
    form = WeekdayForm(request.POST)
    if form.is_valid():
        write_on(request.workspace, weekday=form.cleaned_data["weekday"], by=request.person, at=timezone.now())
        messages.success(request, _("Kept. The next brief tells of the seven days before that day."))
    else:
        messages.error(request, _("Choose one of the seven days."))
    return redirect("executive", workspace=request.workspace.slug)


@require_safe
@READS
def document(request: WorkspaceRequest, day: str) -> HttpResponse:
    """The brief on one printed page."""
    found = brief_of(request, day)
    if found is None:
        raise Http404("No brief was written of that week.")
    shown, heard = shown_brief(found, request.workspace, request.person), heard_with(found, request)
    response = HttpResponse(pdf_of(TEMPLATE, told(request, shown, heard)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="brief-{found.last_on.isoformat()}.pdf"'
    return response


def told(request: WorkspaceRequest, shown: ShownBrief, heard: Sequence[ShownHearing]) -> dict[str, Any]:
    """Everything the printed page says, as plain values; its links lead back here."""
    zone = ZoneInfo(request.workspace.organisation.time_zone)
    return {
        "title": _("The week"),
        "place": str(request.workspace),
        "period": shown.title,
        "said": _("Figures as of %s") % date_format(shown.brief.counted_at.astimezone(zone), "j F Y, H:i T"),
        "language": get_language() or "en",
        "words": {
            "sentences": _("In five sentences"), "risks": _("In the way"), "waiting": _("To be decided"),
            "nothing": _("Nothing."), "hearings": _("Customers to hear"),
        },
        "figures": [_figure(one, request) for one in shown.figures],
        "sentences": [
            {"parts": _links(one.parts, request), "is_good": one.is_good}
            for one in shown.sentences
        ],
        "risks": [
            {"title": one.title, "kind": one.kind, "facts": _links(one.facts, request)}
            for one in shown.risks
        ],
        "waiting": [
            {
                "title": one.title,
                "question": Truncator(one.question).chars(130),
                "day": date_format(one.begins_at.astimezone(zone), "j F"),
            }
            for one in shown.waiting
        ],
        "hearings": [_heard(one, request) for one in heard],
    }  # fmt: skip


def _figure(one: ShownFigure, request: HttpRequest) -> dict[str, Any]:
    tile, change = one.tile, one.tile.change
    return {
        "title": tile.metric.title, "figure": tile.said.figure, "unit": tile.said.unit,
        "url": request.build_absolute_uri(tile.url), "note": tile.note,
        "change": change.words if change else "", "is": change.is_ if change else "",
        "few": _("Few: chance moves it") if tile.is_small else "",
        "points": [[float(x) for x in pair.split(",")] for pair in one.line.points.split()] if one.line else [],
    }  # fmt: skip


def _heard(one: ShownHearing, request: WorkspaceRequest) -> dict[str, Any]:
    where = {"workspace": request.workspace.slug, "hearing": one.hearing.pk}
    because = one.hearing.because
    return {
        "name": str(one.hearing.conversation.customer), "words": Truncator(" ".join(one.words.split())).chars(88),
        "because": because[0] if because else "",
        "url": request.build_absolute_uri(reverse("executive_hearing", kwargs=where)),
    }  # fmt: skip


def _links(facts: Iterable[ShownFact], request: HttpRequest) -> list[dict[str, str]]:
    return [{"words": one.words, "url": request.build_absolute_uri(one.url) if one.url else ""} for one in facts]
