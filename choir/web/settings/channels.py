"""Channels: what we are connected to, how it is doing, and who answers for it."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from choir.administration.channels import set_accountable, set_alt_text_needed
from choir.channels.contract import Bucket, Capability
from choir.channels.models import Arrival, Channel, Quota
from choir.channels.registry import manifests
from choir.outbound.models import Delivery, DeliveryState
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.settings.abilities import abilities
from choir.web.settings.forms import AccountableForm
from choir.web.settings.frame import frame

SHOWN = 50
QUOTAS = {
    Bucket.ALL: gettext_lazy("Quota"),
    Bucket.READ: gettext_lazy("Quota for reading"),
    Bucket.WRITE: gettext_lazy("Quota for sending"),
    Bucket.SEARCH: gettext_lazy("Quota for searching"),
}


@requires(Permission.CHANNEL_READ, at_least=Reach.WORKSPACE)
def channels(request: WorkspaceRequest) -> HttpResponse:
    """Every channel of the workspace and how it is doing."""
    found = with_last_times(Channel.objects.filter(workspace=request.workspace).select_related("accountable"))
    context = frame(request, "channels", channels=found)
    if context["manages_channels"]:
        context["connect_url"] = reverse("settings_connectors", kwargs={"workspace": request.workspace.slug})
        context["connect_name"] = _("Connect an account")
    return answer(request, "settings/channels.html", context)


def with_last_times(channels: QuerySet[Channel]) -> QuerySet[Channel]:
    """Channels with when something was last heard and last sent."""
    heard = Arrival.objects.filter(workspace=OuterRef("workspace"), channel=OuterRef("pk")).order_by("-id")
    sent = Delivery.objects.filter(channel=OuterRef("pk"), state=DeliveryState.SENT).order_by("-id")
    return channels.annotate(
        heard_at=Subquery(heard.values("received_at")[:1]), sent_at=Subquery(sent.values("settled_at")[:1])
    )


@requires(Permission.CHANNEL_READ, at_least=Reach.WORKSPACE)
def channel(request: WorkspaceRequest, channel: uuid.UUID) -> HttpResponse:
    """One channel: what it can do, what was set aside and why; an administrator changes who answers for it."""
    channels = with_last_times(Channel.objects.select_related("accountable"))
    found = get_object_or_404(channels, pk=channel, workspace=request.workspace)
    set_aside = Arrival.objects.filter(channel=found, workspace=request.workspace).exclude(set_aside_because="")
    context = frame(
        request,
        "channels",
        channel=found,
        manifest=(manifest := manifests().get(found.connector)),
        abilities=[one.replace("_", " ") for one in Capability if manifest and one in manifest.capabilities],
        able=abilities(manifest) if manifest is not None else "",
        quotas=[(QUOTAS[Bucket(one.bucket)], one) for one in Quota.objects.of(found).order_by("bucket")]
        if found.quota_holder
        else [],
        can_sign_in=manifest is not None and bool(manifest.sign_in),
        hook_url=_hook_url(found) if manifest is not None and Capability.WEBHOOK in manifest.capabilities else "",
        set_aside=set_aside.order_by("-id").only("line", "key", "received_at", "set_aside_because")[:SHOWN],
    )
    form = AccountableForm(
        request.POST or None,
        organisation=request.workspace.organisation,
        sends_media=manifest is not None and Capability.MEDIA in manifest.capabilities,
        initial={"accountable": found.accountable_id, "needs_alt_text": found.needs_alt_text},
    )
    if request.method == "POST":
        if not context["manages_channels"]:
            raise PermissionDenied("Only an administrator changes channels.")
        if form.is_valid():
            set_accountable(found, department=form.cleaned_data["accountable"], by=request.person, at=timezone.now())
            if "needs_alt_text" in form.cleaned_data:
                needed = form.cleaned_data["needs_alt_text"]
                set_alt_text_needed(found, is_needed=needed, by=request.person, at=timezone.now())
            messages.success(request, f"{form.cleaned_data['accountable']} answers for {found.name}.")
            return redirect("settings_channel", workspace=request.workspace.slug, channel=found.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "settings/channel.html", context | {"form": form}, status=status)


def _hook_url(channel: Channel) -> str:
    """Where the network announces news to this channel."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("hook", kwargs={"channel_id": channel.pk})
