"""What is done on the network about a message: an answer of ours taken off, what a customer said hidden or reported."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from choir.channels.contract import ReportReason
from choir.outbound.actions.moderating import deeds_for, moderate
from choir.outbound.refusals import RefusedError
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.inbox.acting import back
from choir.web.inbox.conversations import find
from choir.web.inbox.deciding import ask

REASONS = (
    (ReportReason.SPAM, gettext_lazy("Spam")),
    (ReportReason.ABUSE, gettext_lazy("Abuse or harassment")),
    (ReportReason.ILLEGAL, gettext_lazy("Against the law")),
    (ReportReason.MISLEADING, gettext_lazy("Misleading, or somebody pretends to be us")),
    (ReportReason.OTHER, gettext_lazy("Something else")),
)


@requires(Permission.CONVERSATION_ANSWER)
def moderation(request: WorkspaceRequest, conversation: uuid.UUID, message: uuid.UUID) -> HttpResponse:
    """GET asks what to do about one message, POST has it done."""
    found = find(request, conversation)
    row = get_object_or_404(found.messages.select_related("conversation__channel", "person"), pk=message)
    possible = deeds_for(row, by=request.person)
    error = ""
    if request.method == "POST":
        deed = next((one for one in possible if one == request.POST.get("deed")), None)
        try:
            if deed is None:
                raise RefusedError(_("Choose what is to be done."))
            because, reason = request.POST.get("because", ""), request.POST.get("reason", "")
            moderate(row, deed=deed, because=because, reason=reason, by=request.person, at=timezone.now())
        except RefusedError as refusal:
            error = str(refusal)
        else:
            messages.info(request, _("It is asked for. The thread says when the network has done it."))
            return back(request, found)
    shown = {"message": row, "possible": possible, "reasons": REASONS, "because": request.POST.get("because", "")}
    return ask(request, found, f"messages/{row.pk}/moderation", shown, form="moderation", error=error)
