"""The register of decisions, and one decision: what it changed, when, why, and what came of it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse as address
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from choir.events.models import Event
from choir.governance.changing.kinds import REFUSALS, in_words
from choir.governance.models import Decision
from choir.governance.reversing import reverse
from choir.governance.wording import said
from choir.measurement.metrics import catalogue
from choir.measurement.question import NOT, OUR_DAYS
from choir.web.access import WorkspaceRequest, may_open
from choir.web.answers import answer
from choir.web.committee.frame import READS_DECISIONS, RUNS, committee_of, decision_of, frame
from choir.web.committee.home import listed
from choir.web.committee.showing import department_names, effect_sentence, kind_title, sentence, stands
from choir.web.insights.lens import Names

SIDES = ("before", "after")
DAYS = ("before_from", "before_to", "after_from", "after_to")
HAPPENED = {
    "decision.made": gettext_lazy("Decided"),
    "decision.enacted": gettext_lazy("Came into force"),
    "decision.not_enacted": gettext_lazy("Could not come into force"),
    "decision.reviewed": gettext_lazy("Its effect was worked out"),
    "decision.reversed": gettext_lazy("Taken back"),
}


@require_safe
@READS_DECISIONS
def register(request: WorkspaceRequest) -> HttpResponse:
    """Every decision, the newest first."""
    found = committee_of(request)
    rows = listed(found, timezone.now()) if found else []
    return answer(request, "committee/register.html", frame(request, "decisions", rows=rows))


@require_safe
@READS_DECISIONS
def one(request: WorkspaceRequest, decision: uuid.UUID) -> HttpResponse:
    """One decision."""
    return _page(request, decision_of(request, decision))


@require_POST
@RUNS
def reversal(request: WorkspaceRequest, decision: uuid.UUID) -> HttpResponse:
    """A decision is taken back."""
    found = decision_of(request, decision)
    try:
        reverse(found, because=request.POST.get("because", ""), by=request.person, at=timezone.now())
    except REFUSALS as refused:
        return _page(request, decision_of(request, decision), refused=str(refused))
    messages.success(request, _("%s is taken back: what it changed is as it was before.") % found)
    return redirect("committee_decision", workspace=request.workspace.slug, decision=found.pk)


def _page(request: WorkspaceRequest, found: Decision, *, refused: str = "") -> HttpResponse:
    at = timezone.now()
    review = getattr(found, "review", None)
    reversible = not hasattr(found, "reversal") and not hasattr(found, "superseded_by")
    context: dict[str, Any] = {
        "decision": found,
        "stands": stands(found, at=at),
        "kind_title": kind_title(found),
        "words": sentence(in_words(request.workspace, found.change)),
        "effect": _effect(request, review.effect) if review else None,
        "review": review,
        "votes": _votes(found),
        "present": _present(found),
        "happened": [
            (HAPPENED.get(one.verb, one.verb), one)
            for one in Event.objects.about("decision", found.pk).order_by("at", "id")
        ],
        "reversible": reversible,
        "refused": refused,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return answer(request, "committee/decision.html", frame(request, "decisions", **context), status=status)


def _effect(request: WorkspaceRequest, effect: dict[str, Any]) -> dict[str, Any]:
    """An effect in words, before and after beside the control; what was decided upon opens its rows."""
    metric = catalogue().get(str(effect.get("metric")))
    if not effect or metric is None:
        return {}
    control = effect.get("control_before") is not None
    return {
        **effect,
        "sentence": effect_sentence(effect),
        "title": metric.title,
        "scope": [(said(metric, effect[side]), effect[side], _rows_url(request, effect, side)) for side in SIDES],
        "control": [
            (
                said(metric, effect[f"control_{side}"]),
                effect[f"control_{side}"],
                _rows_url(request, effect | {"narrowed": _others(effect)}, side),
            )
            for side in SIDES
        ]
        if control
        else [],
        **{name: dt.date.fromisoformat(effect[name]) for name in DAYS},
        "in_doubt": (effect.get("drift_low") or 0) > 0 or (effect.get("drift_high") or 0) < 0,
    }


def _others(effect: Mapping[str, Any]) -> dict[str, str]:
    """What the control is narrowed to: all but what was decided on, whatever the topic."""
    about = {name: value for name, value in (effect.get("narrowed") or {}).items() if name != "topic"}
    return about | {effect["against"]: NOT + about[effect["against"]]}


def _rows_url(request: WorkspaceRequest, effect: Mapping[str, Any], side: str) -> str:
    """Where the rows of one side of an effect are; empty where the person sees no figures."""
    where = {"workspace": request.workspace.slug, "metric": str(effect["metric"])}
    url = address("insights-metric", kwargs=where)
    names = Names(request.workspace, request.person)
    about = {name: names.slug(name, value) for name, value in (effect.get("narrowed") or {}).items()}
    days = {"since": effect[f"{side}_from"], "until": effect[f"{side}_to"], **OUR_DAYS}
    return f"{url}?{urlencode({**about, **days})}" if may_open(request.person, request.workspace, url) else ""


def _votes(found: Decision) -> list[tuple[str, str]]:
    names = department_names(found.workspace)
    return [(names.get(slug, slug), choice) for slug, choice in (found.agreement.get("votes") or {}).items()]


def _present(found: Decision) -> list[str]:
    names = department_names(found.workspace)
    return [names.get(slug, slug) for slug in found.agreement.get("present") or []]
