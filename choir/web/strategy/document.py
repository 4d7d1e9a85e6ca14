"""The strategy as a document: goals, what hangs on each, where it stands, went and may end: the page's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from choir.people.models import Workspace
from choir.web.charts.drawing import printed
from choir.web.printing.cells import cell
from choir.web.printing.setting import pdf_of
from choir.web.strategy.course import course
from choir.web.strategy.reading import ShownBranch, ShownGap, ShownKPI

TEMPLATE = Path(__file__).parent / "strategy.typ"
WIDTH = 420  # of a KPI's way, two side by side


def document(
    request: HttpRequest,
    workspace: Workspace,
    branches: Sequence[ShownBranch],
    gaps: Sequence[ShownGap],
    *,
    counted_at: dt.datetime,
) -> bytes:
    """The PDF."""
    moment = counted_at.astimezone(ZoneInfo(workspace.organisation.time_zone))
    values = {
        "title": gettext("Strategy"),
        "place": str(workspace),
        "said": gettext("Figures as of %s") % date_format(moment, "j F Y, H:i T"),
        "language": get_language() or "en",
        "words": {
            "gaps": gettext("Where what is done and what is wanted do not meet"),
            "none": gettext("No KPI: nobody will see whether it is reached."),
            "ahead": gettext("Likely at the end: four of five cases, if the coming weeks are like the last eight."),
        },
        "headings": [
            gettext("KPI"), gettext("Stands"), gettext("Was"), gettext("Now"), gettext("Target"),
            gettext("Likely at the end"), gettext("Owner"),
        ],
        "gaps": [cell(request, one.words, one.url) for one in gaps],
        "goals": [_goal(request, one, workspace, counted_at) for one in branches],
    }  # fmt: skip
    return pdf_of(TEMPLATE, values)


def _goal(request: HttpRequest, shown: ShownBranch, workspace: Workspace, at: dt.datetime) -> dict[str, Any]:
    goal = shown.branch.goal
    about = (
        [str(goal.get_purpose_display()), str(goal.owner or gettext("nobody answers for it")),
         gettext("until %s") % date_format(goal.ends_on, "j F Y")]
        if goal else []
    )  # fmt: skip
    return {
        "name": goal.name if goal else gettext("Serves no goal"),
        "about": " · ".join(about),
        "statement": goal.statement if goal else "",
        "status": str(shown.status.label) if shown.status else "",
        "look": shown.look[0] or "text-quiet",
        "objectives": ", ".join(str(one) for one in shown.branch.objectives),
        "kpis": [_kpi(request, one) for one in shown.kpis],
        "ways": [way for one in shown.kpis if (way := _way(one, at)) is not None],
        "initiatives": [
            cell(request, one.name, quiet=" · ".join(filter(None, [
                f"{date_format(one.starts_on, 'j M')} – {date_format(one.ends_on, 'j M Y')}",
                str(one.objective or ""), str(one.department or ""),
                f"{one.budget:,.0f} {workspace.organisation.currency}" if one.budget else "",
            ])))
            for one in shown.branch.initiatives
        ],
    }  # fmt: skip


def _kpi(request: HttpRequest, one: ShownKPI) -> list[dict[str, str]]:
    metric = one.metric.title if one.metric else ""
    return [
        cell(request, one.kpi.name, one.url, " · ".join(filter(None, [metric, one.scope]))),
        cell(request, one.status.label if one.status else "–"),
        cell(request, one.baseline or "–"),
        cell(request, one.value, one.rows_url),
        cell(request, one.target),
        cell(request, one.ahead or "–", quiet=one.chance),
        cell(request, one.kpi.owner or gettext("Nobody")),
    ]


def _way(one: ShownKPI, at: dt.datetime) -> dict[str, str] | None:
    """How it went so far, with its target and where it may end."""
    found = course(one.kpi, at=at) if one.metric else None
    if found is None or not found.steps:
        return None
    spec = found.spec(one)
    words = str(spec.pop("description", one.kpi.name))
    return {"name": one.kpi.name, "words": words, "svg": printed(spec, WIDTH)}
