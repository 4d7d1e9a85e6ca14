"""The strategy pages: the tree, one KPI on its way, and the forms of goals, KPIs and initiatives."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from choir.measurement.models import Progress
from choir.people.policy import Permission, Reach
from choir.strategy.actions import Planned, PlanRefusedError, end, new_in, plan
from choir.strategy.canvas import bear
from choir.strategy.models import KPI, CanvasAnswer, Goal, Initiative
from choir.strategy.outlook import keep_outlook
from choir.strategy.queries import gaps, tree
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.charts.drawing import drawn
from choir.web.strategy.course import course
from choir.web.strategy.document import document
from choir.web.strategy.forms import (
    GoalForm,
    InitiativeForm,
    KPIForm,
    PlanForm,
    goal_values,
    initiative_values,
    kpi_values,
)
from choir.web.strategy.reading import ShownKPI, days_left, shown_branch, shown_gap

_KINDS: Mapping[str, type[Planned]] = {"goal": Goal, "kpi": KPI, "initiative": Initiative}
READS = requires(Permission.STRATEGY_READ, at_least=Reach.WORKSPACE)
PLANS = requires(Permission.STRATEGY_CHANGE, at_least=Reach.WORKSPACE)


@require_safe
@READS
def strategy(request: WorkspaceRequest) -> HttpResponse:
    """Goals with what hangs on each, where it stands, and the gaps."""
    branches, at = tree(request.workspace), timezone.now()
    context = _frame(
        request,
        branches=[shown_branch(one, request.workspace) for one in branches],
        gaps=[shown_gap(one, request.workspace, request.person) for one in gaps(request.workspace, branches, at=at)],
    )
    return answer(request, "strategy/strategy.html", context)


@require_safe
@READS
def strategy_pdf(request: WorkspaceRequest) -> HttpResponse:
    """The tree as a document."""
    branches, at = tree(request.workspace), timezone.now()
    made = document(
        request, request.workspace, [shown_branch(one, request.workspace) for one in branches],
        [shown_gap(one, request.workspace, request.person) for one in gaps(request.workspace, branches, at=at)],
        counted_at=_counted_at(request),
    )  # fmt: skip
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{request.workspace.slug}-strategy-{at.date()}.pdf"'
    return response


@require_safe
@READS
def kpi(request: WorkspaceRequest, kpi: uuid.UUID) -> HttpResponse:
    """One KPI: its way through its period, where it is likely to end, and what that rests on."""
    found = _kpi(request, kpi)
    shown = ShownKPI(found, request.workspace)
    today = timezone.now().astimezone(ZoneInfo(request.workspace.organisation.time_zone)).date()
    so_far = course(found, at=_counted_at(request)) if shown.metric else None
    context = _frame(
        request, shown=shown, kpi=found, left=days_left(found.ends_on, today), course=so_far,
        way=[(one, shown.rows_until(one.day)) for one in so_far.newest_first] if so_far else [],
    )  # fmt: skip
    return answer(request, "strategy/kpi.html", context)


@require_safe
@READS
def kpi_course(request: WorkspaceRequest, kpi: uuid.UUID) -> HttpResponse:
    """A KPI's way as SVG; `width` is the room it has in pixels."""
    found = _kpi(request, kpi)
    width = request.GET.get("width", "")
    spec = course(found, at=_counted_at(request)).spec(ShownKPI(found, request.workspace))
    response = HttpResponse(drawn(spec, int(width) if width.isdecimal() else 0), content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=60"
    return response


@PLANS
def new_kpi(request: WorkspaceRequest) -> HttpResponse:
    """A form for a new KPI; `?goal=` hangs it on one."""
    return _planned(request, new_in(request.workspace, KPI), KPIForm, _suggested(request))


@PLANS
def kpi_terms(request: WorkspaceRequest, kpi: uuid.UUID) -> HttpResponse:
    """The terms of a KPI, to be changed."""
    found = _kpi(request, kpi)
    return _planned(request, found, KPIForm, kpi_values(found))


@PLANS
def new_goal(request: WorkspaceRequest) -> HttpResponse:
    """A form for a new goal."""
    return _planned(request, new_in(request.workspace, Goal), GoalForm, _suggested(request))


@PLANS
def goal(request: WorkspaceRequest, goal: uuid.UUID) -> HttpResponse:
    """A goal, to be changed."""
    found = get_object_or_404(Goal, pk=goal, workspace=request.workspace, ended_at=None)
    return _planned(request, found, GoalForm, goal_values(found))


@PLANS
def new_initiative(request: WorkspaceRequest) -> HttpResponse:
    """A form for a new initiative; `?goal=` hangs it on one."""
    return _planned(request, new_in(request.workspace, Initiative), InitiativeForm, _suggested(request))


@PLANS
def initiative(request: WorkspaceRequest, initiative: uuid.UUID) -> HttpResponse:
    """An initiative, to be changed."""
    found = get_object_or_404(Initiative, pk=initiative, workspace=request.workspace, ended_at=None)
    return _planned(request, found, InitiativeForm, initiative_values(found))


@require_POST
@PLANS
def ending(request: WorkspaceRequest, kind: str, row: uuid.UUID) -> HttpResponse:
    """Takes a goal, a KPI or an initiative out of the tree."""
    found = get_object_or_404(_KINDS[kind], pk=row, workspace=request.workspace)
    end(found, by=request.person, at=timezone.now())
    messages.success(request, _("“%s” is taken out of the tree; the record keeps it.") % found)
    return redirect("strategy", workspace=request.workspace.slug)


def _frame(request: WorkspaceRequest, **context: Any) -> dict[str, Any]:
    may_plan = request.person.access.reach(Permission.STRATEGY_CHANGE, request.workspace.pk) is Reach.WORKSPACE
    return {"section": "strategy", "may_plan": may_plan, "as_of": _counted_at(request), **context}


def _counted_at(request: WorkspaceRequest) -> dt.datetime:
    return Progress.objects.filter(workspace=request.workspace).values_list("at", flat=True).first() or timezone.now()


def _kpi(request: WorkspaceRequest, kpi: uuid.UUID) -> KPI:
    rows = KPI.objects.select_related(
        "outlook", "owner", "goal", "department", "objective", "channel", "workspace__organisation"
    )
    return get_object_or_404(rows, pk=kpi, workspace=request.workspace, ended_at=None)


def _suggested(request: WorkspaceRequest) -> dict[str, Any]:
    """This quarter, and the goal from which the person came."""
    today = timezone.now().astimezone(ZoneInfo(request.workspace.organisation.time_zone)).date()
    month = (today.month - 1) // 3 * 3 + 1
    after = today.replace(year=today.year + (month == 10), month=(month + 2) % 12 + 1, day=1)
    suggested: dict[str, Any] = {
        "starts_on": today.replace(month=month, day=1),
        "ends_on": after - dt.timedelta(days=1),
    }
    said = _answer(request)
    if said is not None:
        first = said.text.splitlines()[0]
        suggested |= {"name": first[:120], "statement": said.text[:2_000], "department": said.department_id}
    asked = request.GET.get("goal", "")
    if any(str(one.pk) == asked for one in Goal.objects.filter(workspace=request.workspace, ended_at=None)):
        suggested["goal"] = asked
    return suggested


def _answer(request: WorkspaceRequest) -> CanvasAnswer | None:
    """The answer on the canvas from which the person came."""
    answers = CanvasAnswer.objects.filter(workspace=request.workspace).select_related("department")
    asked = request.GET.get("answer", "")
    return next((one for one in answers if str(one.pk) == asked), None) if asked else None


def _planned(
    request: WorkspaceRequest, row: Planned, form_class: type[PlanForm], values: Mapping[str, Any]
) -> HttpResponse:
    form = form_class(request.POST or None, initial=values, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        try:
            kept = plan(row, told=form.told, by=request.person, at=timezone.now())
        except PlanRefusedError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("“%s” is planned.") % kept)
            said = _answer(request)
            if said is not None and not isinstance(kept, KPI):
                bear(said, kept, by=request.person, at=timezone.now())
            if isinstance(kept, KPI):
                keep_outlook(kept, at=_counted_at(request))
                return redirect("strategy_kpi", workspace=request.workspace.slug, kpi=kept.pk)
            return redirect("strategy", workspace=request.workspace.slug)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    kind = str(row._meta.model_name)
    context = _frame(request, form=form, row=None if row._state.adding else row, kind=kind)
    return answer(request, "strategy/planning.html", context, status=status)
