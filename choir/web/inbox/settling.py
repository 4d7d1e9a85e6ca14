"""What is settled inside a thread: questions answered, answers taken back or tried again, approvals decided."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from choir.inbox import consulting
from choir.inbox.models import Conversation
from choir.knowledge.actions import keep
from choir.outbound import actions as outbound
from choir.outbound.models import Approval, Delivery
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.inbox.acting import attempt, back
from choir.web.inbox.conversations import find

KEPT_FOR = dt.timedelta(days=365)


@requires(Permission.CONVERSATION_NOTE)
@require_POST
def consult_answer(request: WorkspaceRequest, conversation: uuid.UUID, consult: uuid.UUID) -> HttpResponse:
    """Answer a question that a colleague asked."""
    found = find(request, conversation)
    asked = get_object_or_404(found.consults, pk=consult)
    told = {"text": request.POST.get("answer", ""), "is_quotable": bool(request.POST.get("is_quotable"))}
    attempt(request, consulting.answer_consult, asked, **told)
    return back(request, found)


@requires(Permission.KNOWLEDGE_WRITE)
@require_POST
def consult_kept(request: WorkspaceRequest, conversation: uuid.UUID, consult: uuid.UUID) -> HttpResponse:
    """Keep an answered question in knowledge, so that it need not be asked again."""
    found = find(request, conversation)
    answered = get_object_or_404(found.consults.exclude(answered_at=None), pk=consult)
    keep(answered, language=found.language, expires_on=timezone.localdate() + KEPT_FOR, by=request.person,
         at=timezone.now())  # fmt: skip
    messages.success(request, _("Kept in knowledge for a year. Its owner is whoever answered."))
    return back(request, found)


@requires(Permission.CONVERSATION_ANSWER)
@require_POST
def undo(request: WorkspaceRequest, conversation: uuid.UUID, delivery: uuid.UUID) -> HttpResponse:
    """Take an answer back before it left; its text is in the composer again."""
    found, row = _delivery(request, conversation, delivery)
    if attempt(request, outbound.undo, row):
        messages.success(request, _("Taken back. Your text is in the composer again."))
    return back(request, found)


@requires(Permission.CONVERSATION_ANSWER)
@require_POST
def retry(request: WorkspaceRequest, conversation: uuid.UUID, delivery: uuid.UUID) -> HttpResponse:
    """Try again what did not get through."""
    found, row = _delivery(request, conversation, delivery)
    attempt(request, outbound.retry, row)
    return back(request, found)


@requires(Permission.CONVERSATION_ANSWER)
@require_POST
def settlement(request: WorkspaceRequest, conversation: uuid.UUID, delivery: uuid.UUID) -> HttpResponse:
    """Say what became of an answer that nobody can tell about (`was=sent` or anything else)."""
    found, row = _delivery(request, conversation, delivery)
    attempt(request, outbound.settle_by_hand, row, was_sent=request.POST.get("was") == "sent")
    return back(request, found)


@requires(Permission.APPROVAL_DECIDE)
@require_POST
def vote(request: WorkspaceRequest, conversation: uuid.UUID, approval: uuid.UUID) -> HttpResponse:
    """Say yes or no to exactly this text; a no needs a reason."""
    found = find(request, conversation)
    row = get_object_or_404(Approval.objects.filter(conversation=found), pk=approval)
    is_yes = request.POST.get("is") == "yes"
    attempt(request, outbound.decide, row, is_yes=is_yes, because=request.POST.get("because", ""))
    return back(request, found)


@requires(Permission.CONVERSATION_ANSWER)
@require_POST
def withdrawal(request: WorkspaceRequest, conversation: uuid.UUID, approval: uuid.UUID) -> HttpResponse:
    """Take one's own text back before it was decided."""
    found = find(request, conversation)
    attempt(request, outbound.withdraw, get_object_or_404(Approval.objects.filter(conversation=found), pk=approval))
    return back(request, found)


def _delivery(request: WorkspaceRequest, conversation: uuid.UUID, delivery: uuid.UUID) -> tuple[Conversation, Delivery]:
    found = find(request, conversation)
    rows = Delivery.objects.select_related("message__conversation").filter(message__conversation=found)
    return found, get_object_or_404(rows, pk=delivery)
