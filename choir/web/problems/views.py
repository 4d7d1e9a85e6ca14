"""Answers that did not arrive, or of which nobody can tell: why, and what a person can do."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from choir.outbound.actions import RefusedError, retry, settle_by_hand
from choir.outbound.models import Delivery
from choir.outbound.queries import problems_visible_to
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.approvals.showing import conversation_url

PAGE = 50


@require_GET
@requires(Permission.CONVERSATION_READ)
def problems(request: WorkspaceRequest) -> HttpResponse:
    """The person's problems, newest first, at most a page of them: they go away as they are settled."""
    rows = list(problems_visible_to(request.person, workspace=request.workspace)[: PAGE + 1])
    shown = [
        {
            "delivery": row,
            "url": conversation_url(row.message.conversation),
            "may_act": row.message.conversation.allows(request.person, Permission.CONVERSATION_ANSWER),
        }
        for row in rows[:PAGE]
    ]
    context = {"section": "inbox", "problems": shown, "has_more": len(rows) > PAGE}
    return answer(request, "problems/problems.html", context)


@require_POST
@requires(Permission.CONVERSATION_ANSWER)
def retrial(request: WorkspaceRequest, delivery: uuid.UUID) -> HttpResponse:
    """Try it again; the network is asked first whether it has it."""
    return _settle(request, delivery, retry, "It is tried again now. The network is asked first, so nothing doubles.")


@require_POST
@requires(Permission.CONVERSATION_ANSWER)
def settlement(request: WorkspaceRequest, delivery: uuid.UUID) -> HttpResponse:
    """Say what became of it: `was=sent`, or given up with its text back in the composer."""
    was_sent = request.POST.get("was") == "sent"
    said = "Marked as sent." if was_sent else "Given up. Its text is back in its author's composer."
    return _settle(request, delivery, settle_by_hand, said, was_sent=was_sent)


def _settle(
    request: WorkspaceRequest, pk: uuid.UUID, action: Callable[..., Delivery], said: str, **options: Any
) -> HttpResponse:
    found = problems_visible_to(request.person, workspace=request.workspace).filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such problem for you; somebody may have settled it.")
    try:
        action(found, by=request.person, at=timezone.now(), **options)
        messages.success(request, said)
    except RefusedError as refused:
        messages.error(request, str(refused))
    return redirect("problems", workspace=request.workspace.slug)
