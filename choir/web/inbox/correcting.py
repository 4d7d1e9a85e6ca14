"""Correcting how a conversation was understood: one key opens it, one more says what it is."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _

from choir.flow.correct import correct
from choir.people.policy import Permission
from choir.routing.models import Objective
from choir.web.access import WorkspaceRequest, requires
from choir.web.inbox.acting import attempt, back
from choir.web.inbox.conversations import find
from choir.web.inbox.deciding import ask
from choir.web.inbox.filters import SENTIMENTS

ANSWERS = {"yes": True, "no": False}


@requires(Permission.CONVERSATION_CORRECT)
def correction(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Say what it is about, how the customer feels, or whether it needs a reply. Whatever is left out stays."""
    found = find(request, conversation)
    if request.method != "POST":
        objectives = Objective.objects.filter(organisation=request.workspace.organisation_id)
        return ask(request, found, "correction", {"objectives": objectives, "sentiments": SENTIMENTS})
    sentiment = request.POST.get("sentiment", "")
    told = {
        "objective": request.POST.get("objective") or None,
        "sentiment": sentiment if sentiment in dict(SENTIMENTS) else None,
        "needs_reply": ANSWERS.get(request.POST.get("needs_reply", "")),
    }
    if attempt(request, correct, found, **told):
        messages.success(request, _("Corrected. Choir learns from it."))
    return back(request, found)
