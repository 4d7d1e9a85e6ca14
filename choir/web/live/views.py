"""The stream of one open page, and the presence it tells others."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from choir.inbox.live import CHANNEL
from choir.inbox.models import Conversation
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.live.hearing import LISTENING, Hearing
from choir.web.live.listening import Notice, listener

HEARTBEAT_SECONDS = 15
DOING = {"viewing", "replying", "noting", "left"}


@requires(Permission.CONVERSATION_READ)
def live(request: WorkspaceRequest) -> HttpResponseBase:
    """Server-sent events: `changed` for a conversation the person may see, `presence` for who is at it."""
    if not isinstance(request, ASGIRequest):
        return HttpResponse(status=204)  # a server that answers one request at a time; the page does without
    hearing = Hearing(request.person.pk, request.workspace.pk)
    hearing.read()
    response = StreamingHttpResponse(stream(hearing), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"  # nginx would hold events back
    return response


@requires(Permission.CONVERSATION_READ)
@require_POST
def presence(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Tell others who look at the conversation what one does there. Nothing is kept."""
    visible = Conversation.objects.visible_to(request.person).filter(workspace=request.workspace)
    found = get_object_or_404(visible, pk=conversation)
    doing = request.POST.get("doing", "viewing")
    notice = {
        "workspace": str(found.workspace_id),
        "conversation": str(found.pk),
        "department": str(found.department_id or ""),
        "assignee": str(found.assignee_id or ""),
        "what": "presence",
        "doing": doing if doing in DOING else "viewing",
        "person": str(request.person.pk),
        "name": request.person.name,
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps(notice)])
    return HttpResponse(status=204)


async def stream(hearing: Hearing) -> AsyncIterator[str]:
    """Events for one page until it goes or the person may hear nothing more. The first line says how long a browser
    waits before it connects again; a comment now and then keeps proxies from closing it."""
    async with listener().waiting() as queue:
        yield "retry: 2000\n\nevent: open\ndata: {}\n\n"
        while not hearing.is_over:
            try:
                notice = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                await sync_to_async(hearing.read)()
                yield ": still here\n\n"
                continue
            if notice.get("what") == "note" and not hearing.may_hear(notice):
                await sync_to_async(hearing.read)()  # a note or a question may just have brought the person in
            if hearing.may_hear(notice):
                yield _event(notice)


def _event(notice: Notice) -> str:
    kind = notice.get("what", "")
    shown = {key: notice[key] for key in ("conversation", "what", "doing", "person", "name") if key in notice}
    name = "presence" if kind == "presence" else "listening" if kind in LISTENING else "changed"
    return f"event: {name}\ndata: {json.dumps(shown)}\n\n"
