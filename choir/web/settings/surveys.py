"""Which customers are asked how it went."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from choir.administration.surveys import ask_customers, stop_asking
from choir.surveys.models import SurveyPolicy
from choir.surveys.words import words_in
from choir.web.access import WorkspaceRequest
from choir.web.settings.forms import SurveyForm
from choir.web.settings.frame import filled_in, frame, refusals_on
from choir.web.settings.history import history_of
from choir.web.settings.promises import MANAGES


@MANAGES
def survey_policy(request: WorkspaceRequest, policy: uuid.UUID | None = None) -> HttpResponse:
    """How customers of one channel, or of all others, are asked; a valid POST makes it so."""
    workspace = request.workspace
    found = get_object_or_404(SurveyPolicy, pk=policy, workspace=workspace) if policy else None
    form = SurveyForm(request.POST or None, workspace=workspace, policy=found)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            channel = found.channel if found else form.cleaned_data["channel"]
            ask_customers(workspace, channel, form.asking(), by=request.person, at=timezone.now())
            messages.success(request, _("Customers are asked like this from now on."))
            return redirect("settings_promises", workspace=workspace.slug)
    context = frame(
        request, "promises", form=form, policy=found, history=history_of("surveypolicy", found.pk) if found else None,
        example=words_in((workspace.languages or ["en"])[0]).ask.format(link="https://…", name=workspace.organisation),
    )  # fmt: skip
    return filled_in(request, "settings/survey_policy.html", context, form)


@require_POST
@MANAGES
def survey_policy_removal(request: WorkspaceRequest, policy: uuid.UUID) -> HttpResponse:
    """It holds no longer."""
    found = get_object_or_404(SurveyPolicy, pk=policy, workspace=request.workspace)
    stop_asking(found, by=request.person, at=timezone.now())
    messages.success(request, _("Customers are asked like this no longer."))
    return redirect("settings_promises", workspace=request.workspace.slug)
