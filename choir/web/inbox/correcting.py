"""Correcting how a conversation was understood: one key opens it, one more says what it is."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _

from choir.flow.correct import correct
from choir.flow.reasons import words
from choir.people.models import Department
from choir.people.policy import Permission
from choir.routing.models import Objective
from choir.triage.actions import INTENTS, TOPICS
from choir.web.access import WorkspaceRequest, requires
from choir.web.inbox.acting import attempt, back
from choir.web.inbox.conversations import find
from choir.web.inbox.deciding import ask
from choir.web.inbox.filters import SENTIMENTS

ANSWERS = {"yes": True, "no": False}


@requires(Permission.CONVERSATION_CORRECT)
def correction(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Say what it is for and about, whose it is, what is wanted, how the customer feels, or whether it needs a reply.
    Whatever is left out stays."""
    found = find(request, conversation)
    if request.method != "POST":
        objectives = Objective.objects.filter(organisation=request.workspace.organisation_id)
        choices = {
            "objectives": objectives,
            "sentiments": SENTIMENTS,
            "topics": [(one, words(one)) for one in TOPICS.values()],
            "intents": [(one, one.replace("_", " ").capitalize()) for one in INTENTS],
            "departments": Department.objects.filter(organisation=request.workspace.organisation_id),
        }
        return ask(request, found, "correction", choices)
    sentiment, topic = request.POST.get("sentiment", ""), request.POST.get("topic", "")
    told: dict[str, Any] = {
        "objective": request.POST.get("objective") or None,
        "topic": topic if topic in TOPICS.values() else None,
        "sentiment": sentiment if sentiment in dict(SENTIMENTS) else None,
        "intent": request.POST.get("intent") or None,
        "needs_reply": ANSWERS.get(request.POST.get("needs_reply", "")),
        "department": _department(request),
    }
    if not any(value is not None for value in told.values()):
        messages.info(request, _("Nothing was chosen, so nothing is corrected."))
        return back(request, found)
    if attempt(request, correct, found, **told):
        messages.success(request, _("Corrected. Choir learns from it."))
    return back(request, found)


def _department(request: WorkspaceRequest) -> Department | None:
    slug = request.POST.get("department", "")
    return Department.objects.filter(organisation=request.workspace.organisation_id, slug=slug).first()
