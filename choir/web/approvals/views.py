"""The queue of replies that others must see before they leave."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from choir.outbound.actions import RefusedError, decide, withdraw
from choir.outbound.models import Approval
from choir.outbound.queries import approvals_of, approvals_waiting_for
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.approvals.showing import shown

SAID = {
    "approved": "Approved: it leaves now.",
    "declined": "Declined. The author has the text back, with your reason.",
    "overtaken": "Nothing was sent: the conversation moved on meanwhile. The author has the text back.",
    "expired": "Nothing was sent: the time for this had run out. The author has the text back.",
    "": "Noted. It waits for one more person.",
}


@require_GET
@requires(Permission.CONVERSATION_READ)
def approvals(request: WorkspaceRequest) -> HttpResponse:
    """What waits for this person's decision, and what they wrote that waits for others'."""
    return _page(request)


@require_POST
@requires(Permission.APPROVAL_DECIDE)
def vote(request: WorkspaceRequest, approval: uuid.UUID) -> HttpResponse:
    """Yes or no to one exact text."""
    asked = get_object_or_404(Approval, pk=approval, workspace=request.workspace)
    is_yes, because = request.POST.get("is") == "yes", request.POST.get("because", "")
    try:
        decided = decide(asked, is_yes=is_yes, because=because, by=request.person, at=timezone.now())
    except RefusedError as refused:
        return _page(request, refused={asked.pk: str(refused)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, SAID[decided.outcome])
    return redirect("approvals", workspace=request.workspace.slug)


@require_POST
@requires(Permission.CONVERSATION_READ)
def withdrawal(request: WorkspaceRequest, approval: uuid.UUID) -> HttpResponse:
    """The author takes the text back."""
    asked = get_object_or_404(Approval, pk=approval, workspace=request.workspace, author=request.person)
    try:
        withdraw(asked, by=request.person, at=timezone.now())
        messages.success(request, "Taken back. Your text is in the conversation's composer.")
    except RefusedError as refused:
        messages.error(request, str(refused))
    return redirect("approvals", workspace=request.workspace.slug)


def _page(
    request: WorkspaceRequest, *, refused: dict[uuid.UUID, str] | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    now = timezone.now()
    waiting = [row for row in approvals_waiting_for(request.person, now) if row.workspace_id == request.workspace.pk]
    mine = approvals_of(request.person, workspace=request.workspace, at=now)
    context = {
        "section": "inbox",
        "waiting": shown(waiting, person=request.person, refused=refused or {}),
        "mine": mine,
    }
    return answer(request, "approvals/approvals.html", context, status=status)
