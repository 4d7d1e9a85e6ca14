"""Lists worth keeping: saved privately or shared with the workspace."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from choir.inbox.models import SavedView
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.inbox.acting import list_of
from choir.web.inbox.lists import forget_counts, list_url


@requires(Permission.CONVERSATION_READ)
def saved_views(request: WorkspaceRequest) -> HttpResponse:
    """GET asks for a name for the present list and shows one's own views; POST keeps it. The same name again replaces
    the list behind it."""
    wish = list_of(request)
    name = " ".join(request.POST.get("name", "").split())[:60]
    if request.method == "POST" and name:
        forget_counts(request.person, request.workspace)
        SavedView.objects.update_or_create(
            workspace=request.workspace,
            person=request.person,
            name=name,
            defaults={"query": wish.query[:1000], "is_shared": bool(request.POST.get("is_shared"))},
        )
        return HttpResponseRedirect(f"{list_url(wish.workspace)}?{wish.query}")
    own = SavedView.objects.filter(workspace=request.workspace, person=request.person)
    context = {
        "section": "inbox",
        "noun": "views",
        "form": "inbox/ask/saved_view.html",
        "wish": wish,
        "own": own,
        "action": f"{request.path}?{wish.query}",
        "back_url": f"{list_url(wish.workspace)}?{wish.query}",
        "error": _("Give it a name.") if request.method == "POST" else "",
    }
    status = 422 if request.method == "POST" else 200
    return answer(request, "inbox/ask/page.html", context, parts=["asking"], status=status)


@requires(Permission.CONVERSATION_READ)
@require_POST
def saved_view(request: WorkspaceRequest, view: uuid.UUID) -> HttpResponse:
    """Remove one of one's own views."""
    own = SavedView.objects.filter(workspace=request.workspace, person=request.person)
    get_object_or_404(own, pk=view).delete()
    messages.success(request, _("Removed."))
    return HttpResponseRedirect(list_url(request.workspace))
