"""The pilots' pages: which there are, what a new one would take, what one was set to be, and what it found."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from choir.governance.agenda.pilots import changed_words, is_better, value_words
from choir.inbox.models import Conversation
from choir.people.policy import Permission, Reach
from choir.pilots.actions import PilotRefusedError, begin, call_off
from choir.pilots.looking import look_at, next_look, result_of
from choir.pilots.models import Look, Outcome, Pilot
from choir.pilots.outcomes import JUDGED, Judged
from choir.pilots.planning import Plan, plan_for
from choir.pilots.queries import counts_of, scope_words
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.ownership.pilot_forms import EndingForm, PilotForm
from choir.web.shell.durations import in_short
from choir.web.taking import at_once

READS = requires(Permission.OWNERSHIP_READ)  # whoever has a conversation because of one may read why
CHANGES = requires(Permission.OWNERSHIP_CHANGE, at_least=Reach.WORKSPACE)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a pilot stands, as a chip."""

    words: str
    look: str
    drawing: str


EXACT = ("owner", "candidate", "effect", "low", "high")


@dataclass(frozen=True, slots=True)
class Told:
    """One metric of a look: both sides, the difference with its range, and what that amounts to."""

    title: str
    decides: bool
    owner: str
    candidate: str
    n_owner: int
    n_candidate: int
    change: str
    range: str
    verdict: str
    look: str
    exact: Mapping[str, float]  # both sides, the effect and its low and high


@require_safe
@READS
def pilots(request: WorkspaceRequest) -> HttpResponse:
    """All of the workspace, the newest first."""
    rows = _rows(request)
    counts = counts_of(Pilot.objects.filter(workspace=request.workspace))
    listed = [(one, scope_words(one), stands(one), *counts[one.pk]) for one in rows]
    context = {"section": "ownership", "pilots": listed, "may_change": _may_change(request)}
    return answer(request, "ownership/pilots.html", context)


@CHANGES
def new(request: WorkspaceRequest) -> HttpResponse:
    """Designing one: what it would take is worked out before it is begun."""
    form = PilotForm(request.POST or None, workspace=request.workspace, initial=request.GET.dict())
    plan: Plan | None = None
    if request.method == "POST" and form.is_valid():
        at, told = timezone.now(), form.cleaned_data
        plan = plan_for(
            request.workspace, told["objective"], form.scope, metric=told["metric"], worth=form.worth,
            share=form.share, days=told["days"], looks=told["looks"], at=at,
        )  # fmt: skip
        if "begin" in request.POST:
            try:
                made = begin(request.workspace, form.design(plan), by=request.person, at=at)
            except PilotRefusedError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, _("The pilot “%s” has begun.") % made)
                return redirect("ownership_pilot", workspace=request.workspace.slug, pilot=made.pk)
    context = {"section": "ownership", "form": form, "plan": _planned(plan, form) if plan else None}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "ownership/new_pilot.html", context, status=status)


@require_safe
@READS
def pilot(request: WorkspaceRequest, pilot: uuid.UUID) -> HttpResponse:
    """What was set before, how far it is, and, at a look and not before, what it found."""
    return _page(request, _found(request, pilot), EndingForm())


@require_POST
@CHANGES
def ending(request: WorkspaceRequest, pilot: uuid.UUID) -> HttpResponse:
    """Calls it off."""
    found, form = _found(request, pilot), EndingForm(request.POST)
    if form.is_valid():
        try:
            call_off(found, because=form.cleaned_data["because"], by=request.person, at=timezone.now())
        except PilotRefusedError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("The pilot is called off."))
        return redirect("ownership_pilot", workspace=request.workspace.slug, pilot=found.pk)
    return _page(request, found, form)


@require_safe
@READS
def rows(request: WorkspaceRequest, pilot: uuid.UUID) -> HttpResponse:
    """The conversations of one side, the newest first; words only for whoever may read them."""
    found = _found(request, pilot)
    is_candidate = request.GET.get("side") == "candidate"
    drawn = found.draws.filter(is_candidate=is_candidate)
    shown = Conversation.objects.filter(pk__in=drawn.values("conversation_id"))
    shown = shown.select_related("customer", "department", "objective").order_by("-pk")
    count = drawn.count()
    with suppress(ValueError):
        shown = shown.filter(pk__lt=uuid.UUID(request.GET.get("older", "")))
    size = at_once(request, PAGE)
    listed = list(shown[: size + 1])
    readable = Conversation.objects.visible_to(request.person).filter(pk__in=[one.pk for one in listed])
    side = "candidate" if is_candidate else "owner"
    context = {
        "section": "ownership", "pilot": found, "department": found.candidate if is_candidate else found.owner,
        "count": count, "rows": listed[:size], "readable": set(readable.values_list("pk", flat=True)),
        "older_url": f"?side={side}&older={listed[size - 1].pk}" if len(listed) > size else "",
    }  # fmt: skip
    return answer(request, "ownership/pilot_rows.html", context)


def _page(request: WorkspaceRequest, found: Pilot, form: EndingForm) -> HttpResponse:
    number = next_look(found) if not hasattr(found, "ending") else None
    looks = list(found.looks.all())
    result = result_of(found)
    counts = counts_of(Pilot.objects.filter(pk=found.pk))[found.pk]
    context: dict[str, Any] = {
        "section": "ownership", "pilot": found, "scope": scope_words(found), "stands": stands(found),
        "judged": JUDGED[found.metric], "also": [JUDGED[one].title for one in found.also if one in JUDGED],
        "worth": _signed(changed_words(JUDGED[found.metric], found.worth)), "share": round(100 * found.share),
        "days": (found.ends_at - found.starts_at).days, "owner_count": counts[0], "candidate_count": counts[1],
        "next_look_at": look_at(found, number) if number else None, "next_number": number,
        "look_times": [look_at(found, one) for one in range(1, found.looks_count + 1)],
        "looks": [(one, told_of(found, one)) for one in reversed(looks)], "result": result,
        "form": form if _may_change(request) and not hasattr(found, "ending") else None,
    }  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "ownership/pilot.html", context, status=status)


def stands(pilot: Pilot) -> Stands:
    """Where it stands, of a pilot with its ending and looks at hand."""
    ending = getattr(pilot, "ending", None)
    if ending is not None:
        looks = {Outcome.ADOPTED: ("good", "check"), Outcome.DROPPED: ("", "check")}.get(ending.outcome, ("", "close"))
        return Stands(Outcome(ending.outcome).label, *looks)
    if result_of(pilot) is not None:
        return Stands(_("Waits for a decision"), "accent", "committee")
    if pilot.ends_at <= timezone.now():
        return Stands(_("Waits for its last look"), "", "clock-running")
    return Stands(_("Running"), "", "clock-running")


def told_of(pilot: Pilot, look: Look) -> Sequence[Told]:
    """What a look found, the deciding metric first."""
    shown = []
    for slug in [pilot.metric, *pilot.also]:
        found, judged = look.found.get(slug), JUDGED.get(slug)
        if found is None or judged is None:
            continue
        is_clear = found["low"] > 0 or found["high"] < 0
        good = is_better(judged, found["effect"])
        words = (_("better") if good else _("worse")) if is_clear else _("may be chance")
        low, high = (_signed(changed_words(judged, found[name])) for name in ("low", "high"))
        shown.append(
            Told(
                title=judged.title,
                decides=slug == pilot.metric,
                owner=_value(judged, found["owner"]),
                candidate=_value(judged, found["candidate"]),
                n_owner=found["n_owner"],
                n_candidate=found["n_candidate"],
                change=_signed(changed_words(judged, found["effect"])),
                range=_("%(low)s to %(high)s") % {"low": low, "high": high},
                verdict=words,
                look=("good" if good else "bad") if is_clear else "",
                exact={name: found[name] for name in EXACT},
            )
        )
    return shown


def _planned(plan: Plan, form: PilotForm) -> dict[str, Any]:
    judged = JUDGED[form.cleaned_data["metric"]]
    value = _value(judged, plan.value) if plan.value is not None else ""
    return {
        "plan": plan, "judged": judged, "value": value, "worth": _signed(changed_words(judged, form.worth)),
        "power": round(100 * plan.power) if plan.power is not None else None,
    }  # fmt: skip


def _signed(words: str) -> str:
    return words.replace("-", "−")


def _value(judged: Judged, value: float) -> str:
    return in_short(value) if judged.unit == "seconds" else value_words(judged, value)


def _rows(request: WorkspaceRequest) -> Any:
    rows = Pilot.objects.filter(workspace=request.workspace)
    return rows.select_related(
        "objective", "channel", "workspace", "owner", "candidate", "ending__by", "started_by"
    ).prefetch_related("looks")  # fmt: skip


def _found(request: WorkspaceRequest, pilot: uuid.UUID) -> Pilot:
    found: Pilot = get_object_or_404(_rows(request), pk=pilot)
    return found


def _may_change(request: WorkspaceRequest) -> bool:
    return request.person.access.reach(Permission.OWNERSHIP_CHANGE, request.workspace.pk) is Reach.WORKSPACE
