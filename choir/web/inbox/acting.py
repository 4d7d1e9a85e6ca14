"""What every view that acts has in common: refusals become sentences, and the answer is where to go next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from choir.inbox.actions import NotPossibleError
from choir.inbox.models import Conversation
from choir.inbox.queries import listing
from choir.outbound.refusals import RefusedError
from choir.web.access import WorkspaceRequest
from choir.web.inbox.asked import Asked, asked
from choir.web.inbox.lists import conversation_url, forget_counts, list_url

REFUSALS = (NotPossibleError, RefusedError)


def attempt(request: WorkspaceRequest, act: Callable[..., Any], *subject: Any, **told: Any) -> bool:
    """Do one action as the person, now. Where it refuses, its sentence is shown and nothing was changed."""
    forget_counts(request.person, request.workspace)
    try:
        act(*subject, by=request.person, at=timezone.now(), **told)
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        return False
    return True


def list_of(request: WorkspaceRequest) -> Asked:
    """The list beside the conversation."""
    return asked(request.GET, request.workspace, request.person)


def back(request: WorkspaceRequest, conversation: Conversation, wish: Asked | None = None) -> HttpResponse:
    """To the conversation again; to the list when the person may no longer see it."""
    wish = wish or list_of(request)
    if Conversation.objects.visible_to(request.person).filter(pk=conversation.pk).exists():
        return HttpResponseRedirect(conversation_url(conversation, wish))
    messages.info(request, _("It is with others now and no longer yours to see."))
    return onwards(request, conversation, wish)


def onwards(
    request: WorkspaceRequest, conversation: Conversation, wish: Asked, place: listing.Place | None = None
) -> HttpResponse:
    """To the next conversation of the list, or to the list when there is none."""
    place = place or listing.place_of(conversation, wish.order)
    following = listing.neighbour(wish.wanted, request.person, order=wish.order, of=place)
    if following is None or following == conversation.pk:
        return HttpResponseRedirect(f"{list_url(wish.workspace)}?{wish.query}")
    return HttpResponseRedirect(conversation_url(Conversation(pk=following), wish))
