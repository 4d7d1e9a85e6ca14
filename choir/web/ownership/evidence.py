"""The evidence page of an objective: which department does best at it, how sure that is, and what it rests on."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.core.cache import caches
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from choir.measurement.figures import Figure
from choir.measurement.metrics import catalogue
from choir.people.models import Department
from choir.people.policy import Permission, Reach
from choir.routing.models import Objective
from choir.strategy.evidence import RECORD, Evidence, Scope, evidence, scopes_of
from choir.strategy.fit import Fit
from choir.web.access import WorkspaceRequest, may_open, requires
from choir.web.answers import answer
from choir.web.charts.drawing import drawn
from choir.web.files import FORMATS, as_file
from choir.web.insights.lens import Lens, lens
from choir.web.insights.wording import said
from choir.web.ownership.abilities import Ability, abilities_of, moods_of
from choir.web.ownership.drafts import Change, draft_url, pilot_url
from choir.web.ownership.fit_chart import USUAL_PERIOD, fits_chart, had_first_url, percent, points, rows_url

READS = requires(Permission.STRATEGY_READ, at_least=Reach.WORKSPACE)
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
    well_url: str


@require_safe
@READS
def page(request: WorkspaceRequest, objective: str) -> HttpResponse:
    """The advice in a sentence, every department's fit as a drawing and a table, and its record."""
    scopes, found, looked, names = asked_of(request, objective)
    shown = _evidence(found, looked, names)
    context = {
        "section": "ownership", "objective": found.objective, "scope": found, "evidence": shown,
        "scopes": [(one.words, here(request, one), one == found) for one in scopes] if len(scopes) > 1 else [],
        "drawing_url": here(request, found, "ownership_evidence_drawing"),
        "sentences": sentences(shown, names) if shown.advice else [],
        "lines": [_line(one, shown, names, found, looked) for one in shown.fits],
        "rows_url": had_first_url(looked, found, None),
        "few": [(names[pk], n, had_first_url(looked, found, names[pk])) for pk, n in shown.few.items()],
        "without": [
            one for pk, one in names.items() if pk not in {fit.department_id for fit in shown.fits} | shown.few.keys()
        ],
        "titles": [_title(slug) for slug in RECORD],
        "abilities": _abilities(found, looked, [names[one.department_id] for one in shown.fits]),
        "exports": [(form.upper(), here(request, found, "ownership_evidence_export", form=form)) for form in FORMATS],
        "what_if_url": _what_if_url(request, found, shown, names),
        "pilot_url": _pilot_url(request, found, shown, names),
    }  # fmt: skip
    return answer(request, "ownership/evidence.html", context)


@require_safe
@READS
def drawing(request: WorkspaceRequest, objective: str) -> HttpResponse:
    """The fits as intervals, SVG; `width` is the room in pixels."""
    _scopes, found, looked, names = asked_of(request, objective)
    width = request.GET.get("width", "")
    spec = fits_chart(_evidence(found, looked, names), names, found, looked)
    return HttpResponse(drawn(spec, int(width) if width.isdecimal() else 0), content_type="image/svg+xml")


@require_safe
@READS
def export(request: WorkspaceRequest, objective: str, form: str) -> HttpResponseBase:
    """The table, to take away: shares from 0 to 1, and each department's record in the units of its metrics."""
    if form not in FORMATS:
        raise Http404(_("Exports are CSV, JSON or Parquet."))
    _scopes, found, looked, names = asked_of(request, objective)
    shown = _evidence(found, looked, names)
    rows = (_row(one, shown, names) for one in shown.fits)
    about = {
        "objective": found.objective.slug,
        "topic": found.topic,
        "rows_count": shown.rows_count,
        "first_day": looked.asked.period.first.isoformat(),
    }
    return as_file(request, rows, form, name=f"{found.words.replace(' ', '-')}-evidence", about=about)


def _row(fit: Fit, shown: Evidence, names: Mapping[uuid.UUID, Department]) -> dict[str, Any]:
    record = {slug: shown.record[slug].get(fit.department_id) for slug in RECORD}
    return {
        "department": names[fit.department_id].name, "is_owner": _is_owner(fit, shown), "conversations": fit.n,
        "went_well": fit.went_well, "goes_well": fit.share.middle, "at_least": fit.share.low,
        "at_most": fit.share.high,
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
            % {name: points(getattr(gain, name)) for name in ("low", "middle", "high")}
        )
    return told


Asked = tuple[list[Scope], Scope, Lens, dict[uuid.UUID, Department]]


def asked_of(request: WorkspaceRequest, slug: str) -> Asked:
    """The objective's scopes, the one that is looked at (its widest where none is named), the period and the names."""
    found = get_object_or_404(Objective, organisation=request.workspace.organisation_id, slug=slug)
    sent = {"period": USUAL_PERIOD, **{key: value for key, value in request.GET.items() if key in ("period",)}}
    looked = lens(request.person, request.workspace, sent, at=timezone.now())
    names = {one.pk: one for one in Department.objects.filter(organisation=request.workspace.organisation_id)}
    scopes = scopes_of(found, at=looked.asked.period.end)
    chosen = next((one for one in scopes if one.topic == request.GET.get("topic", "")), None)
    if chosen is None:
        raise Http404(_("The matrix does not split this objective by that topic."))
    return scopes, chosen, looked, names


def here(request: WorkspaceRequest, scope: Scope, name: str = "ownership_evidence", **more: str) -> str:
    """An address of the evidence of a scope."""
    where = {"workspace": request.workspace.slug, "objective": scope.objective.slug, **more}
    return reverse(name, kwargs=where) + (f"?{urlencode({'topic': scope.topic})}" if scope.topic else "")


def _title(slug: str) -> str:
    return _("Cost of an answer") if slug == "cost" else catalogue()[slug].title


def _what_if_url(
    request: WorkspaceRequest, scope: Scope, shown: Evidence, names: Mapping[uuid.UUID, Department]
) -> str:
    """The replay of what the evidence advises, or of nothing yet."""
    change = _advised(scope, shown, names)
    if change is None:
        about = urlencode({"objective": scope.objective.slug, "topic": scope.topic})
        return f"{draft_url(request.workspace, [])}?{about}"
    return draft_url(request.workspace, [change])


def _pilot_url(request: WorkspaceRequest, scope: Scope, shown: Evidence, names: Mapping[uuid.UUID, Department]) -> str:
    """Where what the evidence advises is tried; empty where it advises nothing or the person begins no pilots."""
    change = _advised(scope, shown, names)
    url = pilot_url(request.workspace, change) if change is not None else ""
    return url if url and may_open(request.person, request.workspace, url) else ""


def _advised(scope: Scope, shown: Evidence, names: Mapping[uuid.UUID, Department]) -> Change | None:
    best = shown.advice.best.department_id if shown.advice else None
    if best is None or (shown.owner is not None and shown.owner.pk == best):
        return None
    return Change(scope.objective.slug, scope.topic, "", "", "", "", names[best].slug)


def _evidence(scope: Scope, looked: Lens, names: Mapping[uuid.UUID, Department]) -> Evidence:
    found = _kept("evidence", scope, looked, partial(evidence, scope, looked.asked, list(names.values())))
    assert isinstance(found, Evidence)
    return found


def _abilities(scope: Scope, looked: Lens, departments: Sequence[Department]) -> list[Ability]:
    moods = _kept("moods", scope, looked, partial(moods_of, scope, looked.asked))
    return abilities_of(scope, looked.asked, departments, moods=moods)


def _kept(name: str, scope: Scope, looked: Lens, made: Callable[[], Any]) -> Any:
    """Worked out once for each measuring, and for each set of departments whose figures somebody may see."""
    owner = scope.owner.pk if scope.owner else ""
    seen = "all" if looked.asked.departments is None else ",".join(sorted(map(str, looked.asked.departments)))
    about = f"{scope.objective.pk}:{scope.topics}:{owner}:{seen}:{looked.asked.period.first}:{looked.counted_at}"
    return caches["local"].get_or_set(f"{name}:{looked.workspace.pk}:{about}".replace(" ", "_"), made, KEPT_SECONDS)


def _is_owner(fit: Fit, shown: Evidence) -> bool:
    return shown.owner is not None and shown.owner.pk == fit.department_id


def _line(fit: Fit, shown: Evidence, names: Mapping[uuid.UUID, Department], scope: Scope, looked: Lens) -> Line:
    department = names[fit.department_id]
    record = []
    for slug in RECORD:
        figure = shown.record[slug].get(fit.department_id)
        words = _figure_words(slug, figure, looked) if figure else "–"
        record.append((words, rows_url(looked, slug, scope, department), bool(figure and figure.is_small)))
    against = fit.against_owner
    return Line(
        department=department,
        fit=fit,
        is_owner=_is_owner(fit, shown),
        share=percent(fit.share.middle, fit.share.low, fit.share.high),
        chance=f"{fit.chance_best * 100:.0f}\u202f%",
        against="" if against is None else points(against.middle),
        record=record,
        rows_url=had_first_url(looked, scope, department),
        well_url=had_first_url(looked, scope, department, side="well"),
    )


def _figure_words(slug: str, figure: Figure, looked: Lens) -> str:
    each = figure.value / figure.n if slug == "cost" and figure.value is not None and figure.n else figure.value
    return str(said(catalogue()[slug], each, looked.currency))
