"""A webhook: verified, stored, acknowledged. Everything else happens after."""

from __future__ import annotations

import datetime as dt
import uuid

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from choir.channels.actions import store
from choir.channels.contract import ConfirmsWebhooks, ReceivesWebhooks, RejectedError
from choir.channels.models import ArrivalSource, Channel, ChannelState
from choir.channels.registry import connect
from choir.channels.secrets import UnreadableSecretError
from choir.web.access import public

LARGEST_BODY = 8 * 1024 * 1024

log = structlog.get_logger()


@public
@csrf_exempt
@require_http_methods(["GET", "POST"])
def hook(request: HttpRequest, channel_id: uuid.UUID) -> HttpResponseBase:
    """202 once everything in it is stored; 401 when it is not genuine or a replay; 404 where there is no such hook.
    Some networks ask first, by GET, whether the address is ours."""
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        return JsonResponse({"problem": "The body is too large. Send fewer items at a time."}, status=413)
    channel = Channel.objects.exclude(state=ChannelState.DISCONNECTED).filter(pk=channel_id).first()
    try:
        connector: object = connect(channel) if channel is not None else None
    except UnreadableSecretError as error:
        return JsonResponse({"problem": str(error)}, status=503)
    if channel is None or not isinstance(connector, ReceivesWebhooks):
        return _no_such_hook()
    if request.method == "GET":
        return _confirmed(connector, request)
    now = timezone.now()
    try:
        raws = connector.receive(request.body, request.headers, now=now)
    except RejectedError as refusal:
        log.warning("hook.refused", channel=str(channel.pk), because=str(refusal))
        return JsonResponse({"problem": str(refusal)}, status=401)
    store(channel, raws, source=ArrivalSource.WEBHOOK, at=now)
    if isinstance(connector, ConfirmsWebhooks):
        _share(channel, request, at=now)
    return HttpResponse(status=202)


def _confirmed(connector: object, request: HttpRequest) -> HttpResponseBase:
    if not isinstance(connector, ConfirmsWebhooks):
        return _no_such_hook()
    try:
        return HttpResponse(connector.confirm(request.GET.dict()), content_type="text/plain")
    except RejectedError as refusal:
        return JsonResponse({"problem": str(refusal)}, status=401)


def _share(channel: Channel, request: HttpRequest, *, at: dt.datetime) -> None:
    """Networks that confirm an address have one for a whole app: each channel of that app takes its own part of what
    comes. Whether it is genuine, each tells by its own secret."""
    for other in Channel.objects.filter(connector=channel.connector).exclude(pk=channel.pk):
        try:
            connector: object = connect(other)
            if not isinstance(connector, ReceivesWebhooks):
                continue
            raws = connector.receive(request.body, request.headers, now=at)
        except (RejectedError, UnreadableSecretError):
            continue
        if raws:
            store(other, raws, source=ArrivalSource.WEBHOOK, at=at)


def _no_such_hook() -> HttpResponseBase:
    return JsonResponse({"problem": "There is no such hook."}, status=404)
