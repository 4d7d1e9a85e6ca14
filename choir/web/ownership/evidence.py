"""The evidence page of an objective: which department does best at it, how sure that is, and what it rests on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import altair as alt
from django.core.cache import caches
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from choir.measurement.metrics import catalogue
from choir.people.models import Department
from choir.people.policy import Permission, Reach
from choir.routing.models import Objective
from choir.strategy.evidence import RECORD, Evidence, evidence
from choir.strategy.fit import Fit
from choir.web.access import WorkspaceRequest, may_open, requires
from choir.web.answers import answer
from choir.web.charts.drawing import drawn
from choir.web.charts.palette import hue
from choir.web.files import FORMATS, as_file
from choir.web.insights.lens import Lens, lens
from choir.web.insights.wording import said
from choir.web.ownership.drafts import Change, draft_url, pilot_url

READS = requires(Permission.STRATEGY_READ, at_least=Reach.WORKSPACE)
USUAL_PERIOD = "90"
KEPT_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class Line:
    """One department: its fit in words, and its record, each figure with its rows."""

    department: Department
    fit: Fit
    is_owner: bool
    share: str
    chance: str
    against: str
    record: list[tuple[str, str, bool]]
    rows_url: str


@require_safe
@READS
def page(request: WorkspaceRequest, objective: str) -> HttpResponse:
    """The advice in a sentence, every department's fit as a drawing and a table, and its record."""
    found, looked, names = _asked(request, objective)
    shown = _evidence(found, looked, names)
    context = {
        "section": "ownership", "objective": found, "lens": looked, "evidence": shown, "as_of": looked.counted_at,
        "sentences": sentences(shown, names) if shown.advice else [],
        "lines": [_line(one, shown, names, found, looked) for one in shown.fits],
        "without": [one for pk, one in names.items() if pk not in {fit.department_id for fit in shown.fits}],
        "titles": [catalogue()[slug].title for slug in RECORD],
        "exports": [
            (form.upper(), reverse("ownership_evidence_export", args=[request.workspace.slug, found.slug, form]))
            for form in FORMATS
        ],
        "what_if_url": _what_if_url(request, found, shown, names),
        "pilot_url": _pilot_url(request, found, shown, names),
    }  # fmt: skip
    return answer(request, "ownership/evidence.html", context)


@require_safe
@READS
def drawing(request: WorkspaceRequest, objective: str) -> HttpResponse:
    """The fits as intervals, SVG; `width` is the room in pixels."""
    found, looked, names = _asked(request, objective)
    width = request.GET.get("width", "")
    spec = _spec(_evidence(found, looked, names), names, found, looked)
    return HttpResponse(drawn(spec, int(width) if width.isdecimal() else 0), content_type="image/svg+xml")


@require_safe
@READS
def export(request: WorkspaceRequest, objective: str, form: str) -> HttpResponseBase:
    """The table, to take away: shares from 0 to 1, and each department's record in the units of its metrics."""
    if form not in FORMATS:
        raise Http404(_("Exports are CSV, JSON or Parquet."))
    found, looked, names = _asked(request, objective)
    shown = _evidence(found, looked, names)
    rows = (_row(one, shown, names) for one in shown.fits)
    about = {
        "objective": found.slug,
        "rows_count": shown.rows_count,
        "first_day": looked.asked.period.first.isoformat(),
    }
    return as_file(request, rows, form, name=f"{found.slug}-evidence", about=about)


def _row(fit: Fit, shown: Evidence, names: Mapping[uuid.UUID, Department]) -> dict[str, Any]:
    record = {slug: shown.record[slug].get(fit.department_id) for slug in RECORD}
    return {
        "department": names[fit.department_id].name, "is_owner": _is_owner(fit, shown), "conversations": fit.n,
        "goes_well": fit.share.middle, "at_least": fit.share.low, "at_most": fit.share.high,
        "chance_best": fit.chance_best, **{slug: one.value if one else None for slug, one in record.items()},
    }  # fmt: skip


def sentences(shown: Evidence, names: Mapping[uuid.UUID, Department]) -> list[str]:
    """What the evidence amounts to, in words: the verdict, then what it rests on."""
    given = shown.advice
    assert given is not None
    best, gain = names[given.best.department_id].name, given.best.against_owner
    owner = shown.owner.name if shown.owner else ""
    if given.verdict == "change":
        first = _("%(best)s would likely do better than %(owner)s.") if owner else _("%(best)s would likely do best.")
    elif given.verdict == "keep":
        first = _("%(owner)s owns it and does as well as anybody would.")
    elif given.verdict == "pilot":
        first = _("%(best)s may do better, but this is not enough to say: a pilot would tell.")
    else:
        first = _("There is too little to go by.")
    told = [first % {"best": best, "owner": owner}]
    if gain is not None and given.verdict in ("change", "pilot"):
        told.append(
            _("Of 100 conversations, %(middle)s more would go well (%(low)s to %(high)s in four of five cases).")
            % {name: _points(getattr(gain, name)) for name in ("low", "middle", "high")}
        )
    return told


def _asked(request: WorkspaceRequest, slug: str) -> tuple[Objective, Lens, dict[uuid.UUID, Department]]:
    found = get_object_or_404(Objective, organisation=request.workspace.organisation_id, slug=slug)
    sent = {"period": USUAL_PERIOD, **{key: value for key, value in request.GET.items() if key in ("period",)}}
    looked = lens(request.person, request.workspace, sent, at=timezone.now())
    names = {one.pk: one for one in Department.objects.filter(organisation=request.workspace.organisation_id)}
    return found, looked, names


def _what_if_url(
    request: WorkspaceRequest, objective: Objective, shown: Evidence, names: Mapping[uuid.UUID, Department]
) -> str:
    """The replay of what the evidence advises, or of nothing yet."""
    change = _advised(objective, shown, names)
    if change is None:
        return f"{draft_url(request.workspace, [])}?objective={objective.slug}"
    return draft_url(request.workspace, [change])


def _pilot_url(
    request: WorkspaceRequest, objective: Objective, shown: Evidence, names: Mapping[uuid.UUID, Department]
) -> str:
    """Where what the evidence advises is tried; empty where it advises nothing or the person begins no pilots."""
    change = _advised(objective, shown, names)
    url = pilot_url(request.workspace, change) if change is not None else ""
    return url if url and may_open(request.person, request.workspace, url) else ""


def _advised(objective: Objective, shown: Evidence, names: Mapping[uuid.UUID, Department]) -> Change | None:
    best = shown.advice.best.department_id if shown.advice else None
    if best is None or (shown.owner is not None and shown.owner.pk == best):
        return None
    return Change(objective.slug, "", "", "", "", "", names[best].slug)


def _evidence(objective: Objective, looked: Lens, names: Mapping[uuid.UUID, Department]) -> Evidence:
    """Worked out once for each measuring."""
    key = f"evidence:{looked.workspace.pk}:{objective.pk}:{looked.asked.period.first}:{looked.counted_at}"
    made = partial(evidence, objective, looked.asked, list(names.values()), at=looked.asked.period.end)
    found = caches["local"].get_or_set(key.replace(" ", "_"), made, KEPT_SECONDS)
    assert isinstance(found, Evidence)
    return found


def _is_owner(fit: Fit, shown: Evidence) -> bool:
    return shown.owner is not None and shown.owner.pk == fit.department_id


def _line(fit: Fit, shown: Evidence, names: Mapping[uuid.UUID, Department], objective: Objective, looked: Lens) -> Line:
    department = names[fit.department_id]
    record = []
    for slug in RECORD:
        figure = shown.record[slug].get(fit.department_id)
        words = str(said(catalogue()[slug], figure.value)) if figure else "–"
        record.append((words, _rows_url(looked, slug, objective, department), bool(figure and figure.is_small)))
    against = fit.against_owner
    return Line(
        department=department,
        fit=fit,
        is_owner=_is_owner(fit, shown),
        share=_percent(fit.share.middle, fit.share.low, fit.share.high),
        chance=f"{fit.chance_best * 100:.0f}\u202f%",
        against="" if against is None else _points(against.middle),
        record=record,
        rows_url=_rows_url(looked, "conversations", objective, department),
    )


def _rows_url(looked: Lens, slug: str, objective: Objective, department: Department) -> str:
    return looked.metric_url(slug, period=USUAL_PERIOD, objective=objective.slug, department=department.slug)


def _points(share: float) -> str:
    """A difference of shares in points of a hundred, with its sign."""
    points = round(share * 100)
    return f"{points:+d}".replace("-", "−") if points else "0"


def _percent(middle: float, low: float, high: float) -> str:
    return f"{middle * 100:.0f}\u202f% ({low * 100:.0f}–{high * 100:.0f})"


def _spec(shown: Evidence, names: Mapping[uuid.UUID, Department], objective: Objective, looked: Lens) -> dict[str, Any]:
    """A disc at the expected share, a line over the range that holds four of five; the owner's disc is ringed."""
    rows = [
        {
            "name": names[one.department_id].name, "low": one.share.low, "value": one.share.middle,
            "high": one.share.high, "owner": _is_owner(one, shown),
            "words": f"{names[one.department_id].name}: {_percent(one.share.middle, one.share.low, one.share.high)}",
            "url": _rows_url(looked, "conversations", objective, names[one.department_id]),
        }
        for one in shown.fits
    ]  # fmt: skip
    title = _("How much would go well, by department")
    base = alt.Chart(alt.InlineData(rows))
    order = [names[one.department_id].name for one in sorted(shown.fits, key=lambda one: -one.share.middle)]
    y = alt.Y("name:N", title=None, sort=order, axis=alt.Axis(labelLimit=170))
    x = alt.X(
        "value:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", grid=True, tickCount=5)
    )
    known = {"y": y, "description": "words:N", "href": "url:N"}
    rule = base.mark_rule(color=hue("line-strong"), strokeWidth=3).encode(x=alt.X("low:Q"), x2="high:Q", y=y)
    disc = base.mark_point(filled=True, color=hue("accent"), size=90, opacity=1).encode(x=x, **known)
    ring = base.transform_filter("datum.owner").mark_point(
        filled=False, stroke=hue("text-quiet"), size=260, strokeWidth=2
    ).encode(x=x, y=y)  # fmt: skip
    chart = alt.layer(rule, disc, ring).properties(height=max(60, 30 * len(rows)), description=title)
    plain: dict[str, Any] = chart.to_dict(validate=False)
    plain.pop("config", None)
    return plain
