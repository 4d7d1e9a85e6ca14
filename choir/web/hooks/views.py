"""A webhook: verified, stored, acknowledged. Everything else happens after."""

from __future__ import annotations

import uuid

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from choir.channels.actions import store
from choir.channels.contract import ReceivesWebhooks, RejectedError
from choir.channels.models import ArrivalSource, Channel
from choir.channels.registry import connect
from choir.web.access import public

LARGEST_BODY = 8 * 1024 * 1024

log = structlog.get_logger()


@public
@csrf_exempt
@require_POST
def hook(request: HttpRequest, channel_id: uuid.UUID) -> HttpResponseBase:
    """202 once everything in it is stored; 401 when it is not genuine or a replay; 404 where there is no such hook."""
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        return JsonResponse({"problem": "The body is too large. Send fewer items at a time."}, status=413)
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel is None:
        return _no_such_hook()
    connector: object = connect(channel)
    if not isinstance(connector, ReceivesWebhooks):
        return _no_such_hook()
    now = timezone.now()
    try:
        raws = connector.receive(request.body, request.headers, now=now)
    except RejectedError as refusal:
        log.warning("hook.refused", channel=str(channel.pk), because=str(refusal))
        return JsonResponse({"problem": str(refusal)}, status=401)
    store(channel, raws, source=ArrivalSource.WEBHOOK, at=now)
    return HttpResponse(status=202)


def _no_such_hook() -> HttpResponseBase:
    return JsonResponse({"problem": "There is no such hook."}, status=404)
