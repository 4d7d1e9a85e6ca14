"""What is promised to customers, and which replies need approval."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from choir.administration.approvals import add_policy, change_policy, remove_policy
from choir.administration.promises import change_promise, make_promise, withdraw_promise
from choir.outbound.models import ApprovalPolicy
from choir.people.models import Team
from choir.people.policy import Permission, Reach
from choir.routing.models import SLAPolicy
from choir.surveys.models import SurveyPolicy
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.inbox.filters import URGENCIES
from choir.web.settings.forms import ApprovalPolicyForm, PromiseForm
from choir.web.settings.frame import filled_in, frame, refusals_on
from choir.web.settings.history import history_of, history_of_kind

MANAGES = requires(Permission.PROMISE_MANAGE, at_least=Reach.WORKSPACE)


@requires(Permission.PEOPLE_READ)
def promises(request: WorkspaceRequest) -> HttpResponse:
    """The SLA policies, the approval policies and how teams assign."""
    organisation = request.workspace.organisation_id
    policies = SLAPolicy.objects.filter(organisation=organisation).select_related("objective")
    context = frame(
        request,
        "promises",
        policies=[
            (policy, URGENCIES.get(policy.urgency_at_least, policy.urgency_at_least))
            for policy in policies.order_by("objective__position", "urgency_at_least")
        ],
        approvals=ApprovalPolicy.objects.filter(organisation=organisation).select_related("objective", "department"),
        surveys=SurveyPolicy.objects.filter(workspace=request.workspace)
        .select_related("channel")
        .order_by("channel__name"),
        teams=Team.objects.filter(department__organisation=organisation, policy__isnull=False)
        .select_related("policy", "department")
        .order_by("department__position", "position"),
    )
    if context["manages_promises"]:
        context["history"] = [
            *history_of_kind("slapolicy", organisation),
            *history_of_kind("approvalpolicy", organisation),
            *history_of_kind("surveypolicy", organisation),
        ]
        context["history"].sort(key=lambda event: event.at, reverse=True)
    return answer(request, "settings/promises.html", context)


@MANAGES
def promise(request: WorkspaceRequest, promise: uuid.UUID | None = None) -> HttpResponse:
    """One promise, or a new one; a valid POST makes it so."""
    organisation = request.workspace.organisation
    found = get_object_or_404(SLAPolicy, pk=promise, organisation=organisation) if promise else None
    form = PromiseForm(request.POST or None, organisation=organisation, policy=found)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            at = timezone.now()
            if found is None:
                made = make_promise(organisation, form.terms(), by=request.person, at=at)
            else:
                made = change_promise(found, form.terms(), by=request.person, at=at)
            messages.success(request, f"“{made.name}” is promised.")
            return redirect("settings_promises", workspace=request.workspace.slug)
    history = history_of("slapolicy", found.pk) if found else None
    context = frame(request, "promises", form=form, policy=found, history=history)
    return filled_in(request, "settings/promise.html", context, form)


@require_POST
@MANAGES
def withdrawal(request: WorkspaceRequest, promise: uuid.UUID) -> HttpResponse:
    """It is promised no longer."""
    found = get_object_or_404(SLAPolicy, pk=promise, organisation=request.workspace.organisation_id)
    withdraw_promise(found, by=request.person, at=timezone.now())
    messages.success(request, f"“{found.name}” is promised no longer.")
    return redirect("settings_promises", workspace=request.workspace.slug)


@MANAGES
def approval_policy(request: WorkspaceRequest, policy: uuid.UUID | None = None) -> HttpResponse:
    """One approval policy, or a new one; a valid POST makes it so."""
    organisation = request.workspace.organisation
    found = get_object_or_404(ApprovalPolicy, pk=policy, organisation=organisation) if policy else None
    form = ApprovalPolicyForm(request.POST or None, organisation=organisation, policy=found)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            at = timezone.now()
            if found is None:
                made = add_policy(organisation, form.condition(), by=request.person, at=at)
            else:
                made = change_policy(found, form.condition(), by=request.person, at=at)
            messages.success(request, f"“{made.name}” holds from now on.")
            return redirect("settings_promises", workspace=request.workspace.slug)
    history = history_of("approvalpolicy", found.pk) if found else None
    context = frame(request, "promises", form=form, policy=found, history=history)
    return filled_in(request, "settings/approval_policy.html", context, form)


@require_POST
@MANAGES
def approval_policy_removal(request: WorkspaceRequest, policy: uuid.UUID) -> HttpResponse:
    """It holds no longer."""
    found = get_object_or_404(ApprovalPolicy, pk=policy, organisation=request.workspace.organisation_id)
    remove_policy(found, by=request.person, at=timezone.now())
    messages.success(request, f"“{found.name}” holds no longer.")
    return redirect("settings_promises", workspace=request.workspace.slug)
