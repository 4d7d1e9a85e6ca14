"""Form and maturity: committee, team or both; people needed by hour of the week; how far the organisation is; next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from choir.governance.form import (
    Assumed,
    Staffed,
    Volume,
    advise,
    enablement,
    period_of,
    promised_seconds,
    staffed,
    volume_of,
)
from choir.governance.hub import name_hub
from choir.governance.maturity import LEVELS, maturity_of
from choir.measurement.question import OUR_DAYS
from choir.people.models import Team, Workspace
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, may_open
from choir.web.answers import answer
from choir.web.charts.drawing import drawn
from choir.web.charts.shapes import line_of_days
from choir.web.committee.frame import READS, RUNS, frame

FORMS = {
    "committee": _("A committee"),
    "team": _("A dedicated team"),
    "both": _("A committee and a dedicated team"),
}
DAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
USUAL = Assumed()


class HubForm(forms.Form):
    """The teams at the centre."""

    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(), label=_("The hub"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("The teams at the centre, whose work is to enable the rest. None: the sorting team's department."),
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(department__organisation=workspace.organisation_id).select_related("department")
        self.fields["teams"].queryset = teams  # type: ignore[attr-defined]


class AssumedForm(forms.Form):
    """What nothing in the record tells."""

    minutes = forms.FloatField(label=_("Minutes per conversation"), min_value=0.5, max_value=480, required=False)
    hours = forms.FloatField(label=_("Hours a week per full-time person"), min_value=1, max_value=60, required=False)
    share = forms.IntegerField(label=_("Per cent in time"), min_value=50, max_value=99, required=False)


@dataclass(frozen=True, slots=True)
class HourRow:
    """An hour of the day with the people needed on each day (None: closed), and how much comes in, in four steps."""

    hour: int
    cells: list[tuple[int | None, int, str]]


@require_safe
@READS
def form(request: WorkspaceRequest) -> HttpResponse:
    """The page; assumptions stand in its address."""
    at = timezone.now()
    sent = AssumedForm(request.GET or None, initial=_initial())
    assumed = assumed_in(sent)
    volume = volume_of(request.workspace, at=at)
    found = staffed(request.workspace, volume, assumed)
    mature = maturity_of(request.workspace, volume, at=at)
    advice = advise(volume, found)
    context: dict[str, Any] = {
        "advice": advice,
        "form_title": FORMS[advice.form],
        "volume": volume,
        "found": found,
        "assumed": assumed,
        "assumed_form": sent,
        "promised": int(promised_seconds(request.workspace)),
        "rows": _rows(request, found, volume),
        "days": DAYS,
        "mature": mature,
        "levels": list(enumerate(LEVELS, start=1)),
        "facts": [(one, _url(request, one.page)) for one in mature.facts],
        "trend": [(*one, _week(request, one[0])) for one in enablement(request.workspace, at=at)],
        "hub_form": HubForm(workspace=request.workspace, initial={"teams": request.workspace.hub_teams.all()}),
        "enablement_url": _metric(request, "enablement", period_of(request.workspace, at=at).first),
        "arrived_url": reverse("committee_arrived", kwargs={"workspace": request.workspace.slug}),
        "may_change": request.person.access.allows(Permission.COMMITTEE_RUN, workspace_id=request.workspace.pk),
    }
    return answer(request, "committee/form.html", frame(request, "form", **context))


@require_POST
@RUNS
def hub(request: WorkspaceRequest) -> HttpResponse:
    """Names the teams at the centre."""
    sent = HubForm(request.POST, workspace=request.workspace)
    if sent.is_valid():
        name_hub(request.workspace, teams=sent.cleaned_data["teams"], by=request.person, at=timezone.now())
        messages.success(request, _("Kept. Enablement is counted anew, for the past as well."))
    else:
        messages.error(request, _("One of these teams is gone. Choose again."))
    return redirect("committee_form", workspace=request.workspace.slug)


@require_safe
@READS
def trend(request: WorkspaceRequest) -> HttpResponse:
    """The enablement trend as SVG; `width` is the room in pixels."""
    at = timezone.now()
    shown = enablement(request.workspace, at=at)
    rows = [
        {
            "day": week.isoformat(),
            "value": share,
            "words": f"{week:%-d %B}: {share:.0%} of {count}",
            "url": _week(request, week),
        }
        for week, share, count in shown
    ]
    width = request.GET.get("width", "")
    spec = line_of_days(rows, title=str(_("Share of first answers given outside the hub, by week")), unit="share")
    return HttpResponse(drawn(spec, int(width) if width.isdecimal() else 0), content_type="image/svg+xml")


def _initial() -> dict[str, Any]:
    return {"minutes": USUAL.handle_minutes, "hours": USUAL.productive_hours, "share": round(100 * USUAL.share)}


def assumed_in(sent: AssumedForm) -> Assumed:
    """What the address assumes, the usual where it says nothing."""
    if not sent.is_bound or not sent.is_valid():
        return USUAL
    told = sent.cleaned_data
    return Assumed(
        handle_minutes=told["minutes"] or USUAL.handle_minutes,
        productive_hours=told["hours"] or USUAL.productive_hours,
        share=(told["share"] or round(100 * USUAL.share)) / 100,
    )


def _rows(request: WorkspaceRequest, found: Staffed, volume: Volume) -> list[HourRow]:
    query = urlencode({name: value for name, value in request.GET.items() if name in AssumedForm.base_fields})
    most = max(volume.by_hour.values(), default=1.0)
    rows, by_hour = [], found.by_hour
    for hour in range(24):
        hours = [24 * day + hour for day in range(7)]
        if any(one in by_hour for one in hours):
            cells = [
                (by_hour.get(one), -int(-4 * volume.by_hour.get(one, 0.0) // most), hour_url(request, one, query))
                for one in hours
            ]
            rows.append(HourRow(hour, cells))
    return rows


def hour_url(request: WorkspaceRequest, hour: int, query: str) -> str:
    """How the people of an hour of the week are worked out, under the same assumptions."""
    url = reverse("committee_hour", kwargs={"workspace": request.workspace.slug, "hour": hour})
    return f"{url}?{query}" if query else url


def _metric(request: WorkspaceRequest, slug: str, first: dt.date, last: dt.date | None = None) -> str:
    """The page of a metric in days of the organisation, until now or to a last day."""
    url = reverse("insights-metric", kwargs={"workspace": request.workspace.slug, "metric": slug})
    if not may_open(request.person, request.workspace, url):
        return ""
    days = {"since": first.isoformat(), **({"until": last.isoformat()} if last else {})}
    return f"{url}?{urlencode(days | OUR_DAYS)}"


def _week(request: WorkspaceRequest, first: dt.date) -> str:
    """Enablement of seven days."""
    return _metric(request, "enablement", first, first + dt.timedelta(days=6))


def _url(request: WorkspaceRequest, page: str) -> str:
    url = reverse(page, kwargs={"workspace": request.workspace.slug})
    return url if may_open(request.person, request.workspace, url) else ""
