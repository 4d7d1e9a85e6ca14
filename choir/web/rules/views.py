"""The rules' pages: the list in its order, and one rule with what it would have caught."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.core.cache import caches
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from choir.channels.models import Channel
from choir.flow.dry_run import Fired, dry_run
from choir.inbox.models import Label
from choir.people.models import Department, Workspace
from choir.people.policy import Permission, Reach
from choir.routing.rules.actions import RuleRefusedError, keep_rule, move, switch
from choir.routing.rules.decide import URGENCIES, Insisting, conditions_of
from choir.routing.rules.models import Rule
from choir.routing.rules.queries import in_words, insisting, rules_of
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.rules.forms import RuleForm

LOOKS_BACK = dt.timedelta(days=90)
KEPT_SECONDS = 300
PROPOSED = uuid.UUID(int=0)

changes_rules = requires(Permission.ROUTING_CHANGE, at_least=Reach.WORKSPACE)


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of the list."""

    rule: Rule
    number: int
    conditions: str
    fired: Fired | None

    @property
    def urgency(self) -> str:
        """How urgent it makes what it catches, in words."""
        return URGENCIES[self.rule.urgency_at_least or 0]


@require_safe
@requires(Permission.OWNERSHIP_READ)
def rules(request: WorkspaceRequest) -> HttpResponse:
    """All rules in the order in which they are asked, with how often each applied lately."""
    rows = list(Rule.objects.filter(workspace=request.workspace).select_related("department", "team", "changed_by"))
    names, fired = _names(request.workspace), _fired(request.workspace, rows)
    shown = [
        Row(one, number, in_words(conditions_of(one.conditions), names), fired.get(one.pk))
        for number, one in enumerate(rows, 1)
    ]
    context = {"section": "ownership", "rows": shown, "may_change": _may_change(request), "last": len(shown)}
    return answer(request, "rules/rules.html", context)


@requires(Permission.OWNERSHIP_READ)
def rule(request: WorkspaceRequest, rule: uuid.UUID) -> HttpResponse:
    """One rule. Trying it shows what it would have caught; saving one that would never or nearly always
    apply asks once more."""
    found = get_object_or_404(Rule, pk=rule, workspace=request.workspace)
    may_change = _may_change(request)
    form = RuleForm(request.POST or None, workspace=request.workspace, rule=found)
    if request.method == "POST":
        return _posted(request, found=found, form=form)
    tried = _fired(request.workspace, [found]).get(found.pk) if found.is_on else None
    return _page(request, found, form if may_change else None, tried)


@changes_rules
def new_rule(request: WorkspaceRequest) -> HttpResponse:
    """A rule that is not there yet."""
    form = RuleForm(request.POST or None, workspace=request.workspace, rule=None, initial=request.GET.dict())
    if request.method == "POST":
        return _posted(request, found=None, form=form)
    return _page(request, None, form, None)


def _posted(request: WorkspaceRequest, *, found: Rule | None, form: RuleForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, found, form, None, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    request.person.access.require(Permission.ROUTING_CHANGE, workspace_id=request.workspace.pk)
    tried = _try(request.workspace, found, form)
    if "try" in request.POST:
        return _page(request, found, form, tried)
    if tried.warning and "anyway" not in request.POST:
        return _page(request, found, form, tried, asks=True, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    chosen = form.cleaned_data
    try:
        kept = keep_rule(
            request.workspace,
            rule=found,
            name=chosen["name"],
            conditions=form.conditions(),
            outcome=form.outcome(),
            because=chosen["because"],
            by=request.person,
            at=timezone.now(),
        )
    except RuleRefusedError as refused:
        form.add_error(None, str(refused))
        return _page(request, found, form, None, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, _("The rule “%s” is kept. It applies to what arrives from now on.") % kept.name)
    return redirect("rules", workspace=request.workspace.slug)


def _page(
    request: WorkspaceRequest,
    found: Rule | None,
    form: RuleForm | None,
    tried: Fired | None,
    *,
    asks: bool = False,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    departments: dict[uuid.UUID | None, str] = dict(
        Department.objects.filter(organisation=request.workspace.organisation_id).values_list("pk", "name")
    )
    context = {
        "section": "ownership",
        "rule": found,
        "form": form,
        "tried": tried,
        "asks": asks,
        "examples": [(one, departments.get(one.department_id, "")) for one in tried.examples] if tried else [],
        "moves": [(departments.get(one, _("nobody")), n) for one, n in tried.from_departments.most_common()]
        if tried
        else [],
        "conditions": in_words(conditions_of(found.conditions), _names(request.workspace)) if found else "",
        "reads_all": request.person.access.reach(Permission.CONVERSATION_READ, request.workspace.pk) is Reach.WORKSPACE,
    }
    return answer(request, "rules/rule.html", context, status=status)


@require_POST
@changes_rules
def position(request: WorkspaceRequest, rule: uuid.UUID) -> HttpResponse:
    """Ask a rule earlier or later."""
    found = get_object_or_404(Rule, pk=rule, workspace=request.workspace)
    steps = {"earlier": -1, "later": 1}.get(request.POST.get("to", ""), 0)
    move(found, by_steps=steps, by=request.person, at=timezone.now())
    return redirect("rules", workspace=request.workspace.slug)


@require_POST
@changes_rules
def state(request: WorkspaceRequest, rule: uuid.UUID) -> HttpResponse:
    """Switch a rule on or off."""
    found = get_object_or_404(Rule, pk=rule, workspace=request.workspace)
    switch(found, is_on=request.POST.get("is_on") == "yes", by=request.person, at=timezone.now())
    return redirect("rules", workspace=request.workspace.slug)


def _may_change(request: WorkspaceRequest) -> bool:
    return request.person.access.reach(Permission.ROUTING_CHANGE, request.workspace.pk) is Reach.WORKSPACE


def _names(workspace: Workspace) -> dict[str, str]:
    rows = [*Channel.objects.filter(workspace=workspace), *Label.objects.filter(workspace=workspace)]
    return {str(one.pk): one.name for one in rows}


def _fired(workspace: Workspace, rows: list[Rule]) -> dict[uuid.UUID, Fired]:
    """How often each rule applied lately; worked out every few minutes, or when a rule changed."""
    in_force = rules_of([workspace.pk])[workspace.pk]
    if not in_force or not rows:
        return {}
    newest = Rule.objects.filter(workspace=workspace).order_by("-changed_at").values_list("changed_at", flat=True)[0]
    key = f"rules:{workspace.pk}:{newest.timestamp()}:{'.'.join(str(one.id) for one in in_force)}"
    return caches["local"].get_or_set(  # type: ignore[return-value]  # get_or_set gives back what was set
        key, lambda: dry_run(workspace, in_force, since=timezone.now() - LOOKS_BACK), KEPT_SECONDS
    )


def _try(workspace: Workspace, found: Rule | None, form: RuleForm) -> Fired:
    """What the rule as filled in would have caught, in its place in the order."""
    outcome = form.outcome()
    proposed = Insisting(
        id=found.pk if found else PROPOSED,
        name=form.cleaned_data["name"],
        conditions=tuple(form.conditions()),
        department_id=outcome.department.pk if outcome.department else None,
        team_id=outcome.team.pk if outcome.team else None,
        urgency_at_least=outcome.urgency_at_least,
    )
    kept = Rule.objects.filter(workspace=workspace)
    rules = [insisting(one) for one in kept if one.is_on or (found and one.pk == found.pk)]
    rules = [proposed if found and one.id == found.pk else one for one in rules] + ([] if found else [proposed])
    return dry_run(workspace, rules, since=timezone.now() - LOOKS_BACK)[proposed.id]
