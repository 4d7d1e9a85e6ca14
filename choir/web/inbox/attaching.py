"""Pictures and files that go along with an answer: attached, described, taken off."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from choir.inbox.models import Conversation
from choir.media.keeping import LARGEST
from choir.outbound import actions as outbound
from choir.outbound.refusals import RefusedError
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.inbox.acting import back
from choir.web.inbox.addresses import is_id, number
from choir.web.inbox.conversations import find

DESCRIBES = "alt-"


@requires(Permission.CONVERSATION_ANSWER)
@require_POST
def attachments(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Attach what was chosen; what is typed so far is kept as the draft."""
    found = find(request, conversation)
    try:
        take_along(request, found)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    keep_typed(request, found)
    return back(request, found)


@requires(Permission.CONVERSATION_ANSWER)
@require_POST
def removal(request: WorkspaceRequest, conversation: uuid.UUID, attachment: uuid.UUID) -> HttpResponse:
    """Take one off again; what is typed so far is kept as the draft."""
    found = find(request, conversation)
    describe(request, found)
    outbound.detach(found, attachment_id=attachment, by=request.person)
    keep_typed(request, found)
    return back(request, found)


def take_along(request: WorkspaceRequest, found: Conversation) -> None:
    """What a form brought for the answer: descriptions, and files that were chosen. Raises RefusedError."""
    describe(request, found)
    for file in request.FILES.getlist("attachment"):
        outbound.attach(
            found,
            name=file.name or "",
            content=file.read(LARGEST + 1),
            media_type=file.content_type or "",
            by=request.person,
            at=timezone.now(),
        )


def describe(request: WorkspaceRequest, found: Conversation) -> None:
    """Keep the descriptions that a form brought."""
    stated = {
        uuid.UUID(name.removeprefix(DESCRIBES)): str(words)
        for name, words in request.POST.items()
        if name.startswith(DESCRIBES) and is_id(name.removeprefix(DESCRIBES))
    }
    if stated:
        outbound.describe(found, alt_texts=stated, by=request.person)


def keep_typed(request: WorkspaceRequest, found: Conversation, text: str = "") -> None:
    """Keep the text of the form, or what became of it, so that coming back to the page loses nothing."""
    if text or "text" in request.POST:
        outbound.save_draft(
            found,
            kind="reply",
            text=text or request.POST["text"],
            seen_revision=max(0, number(request.POST.get("revision"), otherwise=0)),
            by=request.person,
            at=timezone.now(),
        )
