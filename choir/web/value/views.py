"""Value: all goals, one goal, what matters most, and what it rests on."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from choir.conversions.attributing import USUAL, choose_rule, rule_of
from choir.conversions.models import Attribution, AttributionRule, ConversionKind
from choir.people.policy import Permission, Reach
from choir.strategy.models import Goal
from choir.value.assuming import ASSUMED, AssumptionRefusedError, Key, Scope, assume, assumptions
from choir.value.models import Assumption
from choir.value.worth import Account
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.charts.drawing import drawn
from choir.web.files import FORMATS, as_file
from choir.web.value.document import document
from choir.web.value.forms import AssumptionForm, RuleForm
from choir.web.value.looking import Look, frame, look
from choir.web.value.shown import ShownPart, beyond, shown_account, shown_part, shown_swings
from choir.web.value.tornado import drawing
from choir.web.value.wording import key_words, range_in, typed

READS = requires(Permission.STRATEGY_READ, at_least=Reach.WORKSPACE)
READS_AND_CHANGES = requires(Permission.STRATEGY_READ, at_least=Reach.WORKSPACE, to_post=Permission.STRATEGY_CHANGE)


@require_safe
@READS
def value(request: WorkspaceRequest) -> HttpResponse:
    """What everything brought and cost, goal by goal, what matters most, and what nobody may claim."""
    shown = look(request)
    context = frame(
        shown, "value", total=shown_account(shown, shown.value.total),
        accounts=[shown_account(shown, one) for one in shown.value.accounts], lines=list(_shown_lines(shown)),
        swings=shown_swings(shown, shown.value.total), beyond=list(beyond(shown)), rule=_rule(shown),
        assumed=_assumed(shown), exports=[(one.upper(), shown.url("value_export", {"form": one})) for one in FORMATS],
        tornado_url=shown.url("value_tornado"), pdf_url=shown.url("value_pdf"),
    )  # fmt: skip
    return answer(request, "value/value.html", context)


@require_safe
@READS
def value_pdf(request: WorkspaceRequest) -> HttpResponse:
    """The same as a document."""
    shown = look(request)
    made = document(
        shown, accounts=[shown_account(shown, one) for one in shown.value.accounts], lines=_shown_lines(shown),
        beyond=beyond(shown), assumed=_assumed(shown), rule=_rule(shown),
    )  # fmt: skip
    response = HttpResponse(made, content_type="application/pdf")
    name = f"{request.workspace.slug}-value-{shown.period.last.isoformat()}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@require_safe
@READS
def goal(request: WorkspaceRequest, goal: uuid.UUID | None) -> HttpResponse:
    """One goal's account, line by line; without a goal what served none."""
    shown = look(request)
    account = _account(shown, goal)
    context = frame(
        shown, "value", account=shown_account(shown, account), goal=account.goal,
        benefits=[shown_part(shown, one, account) for one in account.benefits],
        costs=[shown_part(shown, one, account) for one in account.costs], swings=shown_swings(shown, account),
        tornado_url=shown.url("value_tornado", goal=goal), rule=_rule(shown),
    )  # fmt: skip
    return answer(request, "value/goal.html", context)


@require_safe
@READS
def tornado(request: WorkspaceRequest) -> HttpResponse:
    """What matters most, as SVG; `goal` narrows it, `width` is the room it has in pixels."""
    shown = look(request)
    asked = request.GET.get("goal", "")
    account = shown.value.total
    if asked:
        account = next((one for one in shown.value.accounts if one.goal and str(one.goal.pk) == asked), account)
    width = request.GET.get("width", "")
    svg = drawn(drawing(shown, account), int(width) if width.isdecimal() else 0)
    response = HttpResponse(svg, content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=60"
    return response


@require_safe
@READS
def export(request: WorkspaceRequest, form: str) -> HttpResponseBase:
    """Every line of every account as a file."""
    if form not in FORMATS:
        raise Http404("There is no such kind of file.")
    shown = look(request)
    about = {"first_day": shown.period.first.isoformat(), "last_day": shown.period.last.isoformat(),
             "currency": shown.currency, "attribution": str(_rule(shown)["words"])}  # fmt: skip
    return as_file(request, _lines(shown), form, name="value", about=about)


def _shown_lines(shown: Look) -> Iterator[tuple[ShownPart, str, str, bool]]:
    """Every line of every account, with its goal, the goal's page, and whether it is a cost."""
    for account in shown.value.accounts:
        whole = shown_account(shown, account)
        for part in account.parts:
            yield shown_part(shown, part, account), whole.name, whole.url, part.term.is_cost


def _lines(shown: Look) -> Iterator[dict[str, Any]]:
    for account in shown.value.accounts:
        for part in account.parts:
            line = shown_part(shown, part, account)
            yield {
                "goal": account.goal.name if account.goal else None,
                "side": "cost" if part.term.is_cost else "benefit",
                "part": line.words,
                "counted": part.n,
                "base": part.term.base,
                "assumptions": "; ".join(f"{words} = {likely}" for words, likely, _url in line.factors),
                "low": part.amount.low if part.amount else None,
                "middle": part.amount.middle if part.amount else None,
                "high": part.amount.high if part.amount else None,
                "not_claimed_for_want_of": "; ".join(words for words, _url in line.missing),
            }


@READS_AND_CHANGES
def assumption(request: WorkspaceRequest, name: str) -> HttpResponse:
    """One assumption: what is assumed now, who said so when, and (for whoever may) another value."""
    about = ASSUMED.get(name)
    if about is None:
        raise Http404("Nothing of that name is assumed.")
    shown = look(request)
    goal, kind = _said_of(request, about.scope)
    versions = list(
        Assumption.objects.filter(workspace=request.workspace, name=name, goal=goal, kind=kind)
        .select_related("by").order_by("-at", "-id")
    )  # fmt: skip
    newest = versions[0] if versions else None
    initial = {one: typed(name, getattr(newest, one)) for one in ("low", "likely", "high")} if newest else {}
    form = AssumptionForm(request.POST or None, about=about, currency=shown.currency, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            assume(
                request.workspace, name, values=form.cleaned_data["values"], because=form.cleaned_data["because"],
                by=request.person, at=timezone.now(), goal=goal, kind=kind,
            )  # fmt: skip
        except AssumptionRefusedError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("It is assumed from now on, and everything is worked out anew."))
            return redirect(shown.url("value_goal", {"goal": goal.pk}) if goal else shown.url("value"))
    context = frame(
        shown, "value", about=about, of=goal or kind, form=form if shown.may_change else None,
        versions=[(one, range_in(one, shown.currency) if one.likely is not None else "") for one in versions],
    )  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "value/assumption.html", context, status=status)


@READS_AND_CHANGES
def rule(request: WorkspaceRequest) -> HttpResponse:
    """The rule of attribution: the one in force, its versions, and (for whoever may) another."""
    shown = look(request)
    versions = list(AttributionRule.objects.filter(workspace=request.workspace).select_related("by"))
    newest = versions[0] if versions else None
    initial = {
        "credits": newest.credits if newest else USUAL[0], "window_days": newest.window_days if newest else USUAL[1],
    }  # fmt: skip
    form = RuleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        choose_rule(request.workspace, **form.cleaned_data, by=request.person, at=timezone.now())
        messages.success(request, _("Every conversion is credited anew; that takes a moment."))
        return redirect(shown.url("value"))
    context = frame(shown, "value", rule=_rule(shown), versions=versions, form=form if shown.may_change else None)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "value/rule.html", context, status=status)


def _account(shown: Look, goal: uuid.UUID | None) -> Account:
    for one in shown.value.accounts:
        if (one.goal.pk if one.goal else None) == goal:
            return one
    if goal is None:
        return Account(None)
    raise Http404("There is no such goal here, or it is ended.")


def _said_of(request: WorkspaceRequest, scope: Scope) -> tuple[Goal | None, ConversionKind | None]:
    """The goal or the kind that `of` names. An assumption of the whole workspace has none."""
    if scope is Scope.WORKSPACE:
        return None, None
    try:
        pk = uuid.UUID(request.GET.get("of", ""))
    except ValueError:
        raise Http404("Of what is it assumed?") from None
    if scope is Scope.GOAL:
        return get_object_or_404(Goal, pk=pk, workspace=request.workspace, ended_at=None), None
    return None, get_object_or_404(ConversionKind, pk=pk, workspace=request.workspace)


def _rule(shown: Look) -> dict[str, Any]:
    """The rule in force in words, with where it stands."""
    found = rule_of(shown.request.workspace.pk)
    credits = Attribution(found.credits if found else USUAL[0])
    words = {
        Attribution.LAST: _("the last touch before a conversion is credited with it"),
        Attribution.FIRST: _("the first touch within the time is credited with a conversion"),
        Attribution.LINEAR: _("all touches within the time share a conversion alike"),
    }[credits]
    days = found.window_days if found else USUAL[1]
    return {"words": words, "days": days, "row": found, "url": shown.url("value_rule")}


def _assumed(shown: Look) -> list[dict[str, Any]]:
    """What is assumed, goal by goal, with who says so."""
    rows = assumptions(shown.request.workspace)
    live = [(key, row) for key, row in rows.items() if key.of is None or key.of in shown.names]
    order = list(ASSUMED)
    live.sort(key=lambda pair: (shown.names.get(pair[0].of, "") if pair[0].of else "~", order.index(pair[0].name)))
    return [
        {"words": key_words(Key(key.name), {}), "of": shown.names.get(key.of, "") if key.of else "", "row": row,
         "range": range_in(row, shown.currency), "url": shown.assumption_url(key)}
        for key, row in live
    ]  # fmt: skip
