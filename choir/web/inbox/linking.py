"""Tracked links in an answer: one that is offered to everybody, put where the caret is, or the text's own addresses."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from choir.conversions.giving import tracked
from choir.conversions.links import address_of
from choir.conversions.models import TrackedLink
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.inbox.acting import back
from choir.web.inbox.addresses import is_id, number
from choir.web.inbox.attaching import describe, keep_typed
from choir.web.inbox.conversations import find


@requires(Permission.CONVERSATION_ANSWER)
@require_POST
def links(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Put the address of `link` where the caret is; without one, make every address in the text a tracked link. What
    came of it is kept as the draft, and sent or not like any other words."""
    found = find(request, conversation)
    describe(request, found)
    typed = request.POST.get("text", "").replace("\r\n", "\n").replace("\0", "")
    chosen = request.POST.get("link", "")
    if is_id(chosen):
        offered = TrackedLink.objects.filter(workspace=request.workspace, ended_at=None)
        address = address_of(get_object_or_404(offered, pk=chosen), found)
        text = put_in(typed, address, number(request.POST.get("caret"), otherwise=-1))
    else:
        text = tracked(typed, conversation=found, by=request.person, at=timezone.now())
        if text == typed:
            messages.info(request, _("There is no address in the text that is not counted already."))
    keep_typed(request, found, text)
    return back(request, found)


def put_in(text: str, words: str, caret: int) -> str:
    """The text with words at the caret, apart from what stands beside them. A caret is what a browser counts, UTF-16
    units from the beginning; one that is none is the end."""
    units = text.encode("utf-16-le")
    before = units[: 2 * caret].decode("utf-16-le", "ignore") if caret >= 0 else text
    after = text[len(before) :]
    space = " " if before and not before[-1].isspace() else ""
    return f"{before}{space}{words}{' ' if after and not after[0].isspace() else ''}{after}"
