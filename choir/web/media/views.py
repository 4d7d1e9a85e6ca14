"""A picture or file of a conversation, as harmless as it can be made.

What strangers sent is never shown as a page of ours, nor put into one: pictures are those that were decoded here,
everything else is only ever saved; the browser is told not to guess and to run nothing.
"""

from __future__ import annotations

import re
import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_POST, require_safe

from choir.inbox.actions import NotPossibleError
from choir.inbox.models import Message
from choir.media.actions import try_again
from choir.media.keeping import NotKeptError, content_of
from choir.media.models import Attachment, File
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
KEPT_BY_BROWSERS = "private, max-age=3600"
PATH = re.compile(r"[\\/]")
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp"}


def _find(request: WorkspaceRequest, attachment: uuid.UUID) -> Attachment:
    visible = Attachment.objects.visible_to(request.person).filter(workspace=request.workspace)
    return get_object_or_404(visible.select_related("file", "mention"), pk=attachment)


@requires(Permission.CONVERSATION_READ)
@require_safe
def attachment(request: WorkspaceRequest, attachment: uuid.UUID) -> HttpResponse:
    """The picture as it came; of anything else, the file to save."""
    found = _find(request, attachment)
    return _given(request, found, _file_of(found), is_small=False)


@requires(Permission.CONVERSATION_READ)
@require_safe
def small(request: WorkspaceRequest, attachment: uuid.UUID) -> HttpResponse:
    """The small copy of a picture."""
    found = _find(request, attachment)
    file = _file_of(found)
    if not file.is_picture:
        raise Http404(_("This is no picture."))
    return _given(request, found, file, is_small=True)


@require_POST
@requires(Permission.CONVERSATION_NOTE)
def retry(request: WorkspaceRequest, attachment: uuid.UUID) -> HttpResponse:
    """Fetch once more what could not be fetched."""
    found = _find(request, attachment)
    try:
        try_again(found, by=request.person, at=timezone.now())
    except NotPossibleError as refusal:
        messages.error(request, str(refusal))
    message = get_object_or_404(Message.objects.only("conversation_id"), mention=found.mention)
    where = reverse("conversation", args=[request.workspace.slug, message.conversation_id])
    return HttpResponseRedirect(f"{where}?message={message.pk}#message-{message.pk}")


def _file_of(found: Attachment) -> File:
    if found.file is None:
        raise Http404(_("This was not fetched yet."))
    return found.file


def _given(request: HttpRequest, found: Attachment, file: File, *, is_small: bool) -> HttpResponse:
    tag = f'"{file.digest}{"-small" if is_small else ""}"'

    @condition(etag_func=lambda _request: tag)
    def given(_request: HttpRequest) -> HttpResponse:
        try:
            content = content_of(file, is_small=is_small)
        except NotKeptError as error:
            raise Http404(str(error)) from None
        shown = "image/webp" if is_small else file.media_type if file.is_picture else "application/octet-stream"
        response = HttpResponse(content, content_type=shown)
        name = PATH.split(found.name)[-1] or f"attachment{SUFFIXES.get(file.media_type, '')}"
        disposition = content_disposition_header(as_attachment=not file.is_picture, filename=name)
        response["Content-Disposition"] = disposition or "attachment"
        return response

    response = given(request)
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = KEPT_BY_BROWSERS
    response["HX-Reswap"] = "none"  # nor is it put into one
    return response
