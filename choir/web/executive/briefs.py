"""The week's brief: on the page, on one printed page, and by e-mail for whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from choir.executive.models import Brief
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.committee.showing import ShownFact
from choir.web.executive.frame import READS, brief_of, frame
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
    return answer(
        request, "executive/brief.html", frame(request, "brief", shown=shown, brief=found, briefs=list(briefs))
    )


@require_safe
@READS
def document(request: WorkspaceRequest, day: str) -> HttpResponse:
    """The brief on one printed page."""
    found = brief_of(request, day)
    if found is None:
        raise Http404("No brief was written of that week.")
    shown = shown_brief(found, request.workspace, request.person)
    response = HttpResponse(pdf_of(TEMPLATE, told(request, shown)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="brief-{found.last_on.isoformat()}.pdf"'
    return response


def told(request: WorkspaceRequest, shown: ShownBrief) -> dict[str, Any]:
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
            "nothing": _("Nothing."), "weeks": _("nine weeks"),
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
            {"title": one.title, "question": one.question, "day": date_format(one.begins_at.astimezone(zone), "j F")}
            for one in shown.waiting
        ],
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


def _links(facts: Iterable[ShownFact], request: HttpRequest) -> list[dict[str, str]]:
    return [{"words": one.words, "url": request.build_absolute_uri(one.url) if one.url else ""} for one in facts]
