"""Channels: what we are connected to, how it is doing, and who answers for it."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from choir.administration.channels import set_accountable
from choir.channels.models import Arrival, Channel
from choir.channels.registry import manifests
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.settings.forms import AccountableForm
from choir.web.settings.frame import frame

SHOWN = 50


@requires(Permission.CHANNEL_READ, at_least=Reach.WORKSPACE)
def channels(request: WorkspaceRequest) -> HttpResponse:
    """Every channel of the workspace and how it is doing."""
    found = Channel.objects.filter(workspace=request.workspace).select_related("accountable")
    return answer(request, "settings/channels.html", frame(request, "channels", channels=found))


@requires(Permission.CHANNEL_READ, at_least=Reach.WORKSPACE)
def channel(request: WorkspaceRequest, channel: uuid.UUID) -> HttpResponse:
    """One channel: what it can do, what was set aside and why; an administrator changes who answers for it."""
    found = get_object_or_404(Channel.objects.select_related("accountable"), pk=channel, workspace=request.workspace)
    set_aside = Arrival.objects.filter(channel=found, workspace=request.workspace).exclude(set_aside_because="")
    context = frame(
        request,
        "channels",
        channel=found,
        manifest=manifests().get(found.connector),
        set_aside=set_aside.order_by("-id").only("line", "key", "received_at", "set_aside_because")[:SHOWN],
    )
    form = AccountableForm(
        request.POST or None, organisation=request.workspace.organisation, initial={"accountable": found.accountable_id}
    )
    if request.method == "POST":
        if not context["manages_channels"]:
            raise PermissionDenied("Only an administrator changes channels.")
        if form.is_valid():
            set_accountable(found, department=form.cleaned_data["accountable"], by=request.person, at=timezone.now())
            messages.success(request, f"{form.cleaned_data['accountable']} answers for {found.name}.")
            return redirect("settings_channel", workspace=request.workspace.slug, channel=found.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "settings/channel.html", context | {"form": form}, status=status)
