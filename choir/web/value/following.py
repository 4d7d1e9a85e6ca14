"""Outside: a tracked link that leads on and counts, and the webhook that tells of conversions."""

from __future__ import annotations

import uuid

import structlog
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from choir.channels.contract import RejectedError
from choir.channels.secrets import UnreadableSecretError
from choir.conversions.bringing import hear
from choir.conversions.links import Asked, conversation_in, follow
from choir.conversions.models import ConversionSource, TrackedLink
from choir.web.access import public

LARGEST_BODY = 2 * 1024 * 1024
AHEAD = ("prefetch", "preview", "prerender")

log = structlog.get_logger()


@public
@require_safe
def followed(request: HttpRequest, code: str, signed: str = "") -> HttpResponse:
    """Leads on to the target; a person who follows it counts, unless they are signed in here. Never kept by browsers,
    so that the next click is counted too."""
    link = TrackedLink.objects.select_related("channel").filter(code=code).first()
    if link is None:
        raise Http404("There is no such link.")
    purpose = f"{request.headers.get('sec-purpose', '')} {request.headers.get('purpose', '')}".lower()
    asked = Asked(
        str(request.META.get("REMOTE_ADDR", "")), request.headers.get("user-agent", "")[:500],
        is_ahead=request.method == "HEAD" or any(one in purpose for one in AHEAD),
        is_ours=request.user.is_authenticated,
    )  # fmt: skip
    given_in = conversation_in(signed, link) if signed else None
    response = HttpResponseRedirect(follow(link, asked, conversation=given_in, at=timezone.now()))
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


@public
@csrf_exempt
@require_POST
def hook(request: HttpRequest, source_id: uuid.UUID) -> HttpResponseBase:
    """202 with what became of each conversion; 401 when it is not genuine or a replay; 404 where nobody listens."""
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        return JsonResponse({"problem": "The body is too large. Send fewer conversions at a time."}, status=413)
    source = ConversionSource.objects.filter(pk=source_id, ended_at=None).select_related("workspace__organisation")
    found = source.first()
    if found is None:
        return JsonResponse({"problem": "There is no such hook."}, status=404)
    try:
        taken = hear(found, request.body, request.headers, at=timezone.now())
    except RejectedError as refusal:
        log.warning("conversions.refused", source=str(found.pk), because=str(refusal))
        return JsonResponse({"problem": str(refusal)}, status=401)
    except UnreadableSecretError as error:
        return JsonResponse({"problem": str(error)}, status=503)
    aside = [{"id": str(row.get("id", "")), "because": because} for _line, row, because in taken.aside]
    return JsonResponse({"taken": taken.new, "known": taken.known, "set_aside": aside}, status=202)
