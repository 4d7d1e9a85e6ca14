"""A mention of the stream becomes somebody's work, and nobody's again."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from choir.flow.take_up import put_back, take_up
from choir.inbox.actions import NotPossibleError
from choir.listening.models import Wording
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires
from choir.web.listening.frame import frame
from choir.web.listening.stream import mention_of, rows_of

TAKES_UP = requires(Permission.CONVERSATION_ASSIGN, at_least=Reach.DEPARTMENT)


@require_POST
@TAKES_UP
def conversation(request: WorkspaceRequest, mention: uuid.UUID) -> HttpResponse:
    """POST: the mention is a conversation, open with its owner."""
    return _settle(request, mention, wanted=True)


@require_POST
@TAKES_UP
def noting(request: WorkspaceRequest, mention: uuid.UUID) -> HttpResponse:
    """POST: the mention is noted again, in nobody's queue."""
    return _settle(request, mention, wanted=False)


def _settle(request: WorkspaceRequest, mention: uuid.UUID, *, wanted: bool) -> HttpResponse:
    found = mention_of(request, mention)
    if found is None:
        raise Http404(_("There is no such mention here."))
    refused = ""
    try:
        act = take_up if wanted else put_back
        row = act(found, by=request.person, at=timezone.now())
        to = row.department.name if row.department else ""
        said = _("It is open with %s now.") % to if wanted else _("It is noted again, in nobody’s queue.")
    except NotPossibleError as refusal:
        refused = said = str(refusal)
    if not request.htmx:
        messages.add_message(request, messages.ERROR if refused else messages.SUCCESS, said)
        return redirect(_back(request))
    wordings = list(Wording.objects.filter(pk=mention).select_related("mention__identity__customer", "channel"))
    context = frame(request, "stream", row=rows_of(request, wordings)[0], said=said, refused=refused)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, "listening/mention.html", context, status=status)


def _back(request: WorkspaceRequest) -> str:
    """Where the person was."""
    came_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return came_from
    return f"/w/{request.workspace.slug}/listening/"
