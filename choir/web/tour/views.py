"""Beginning the tour, going through it, and ending it. Where it stands is kept in the session."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.tour.steps import steps_for

KEPT_AS = "tour"
OVER = -1


@require_POST
@requires(Permission.OWNERSHIP_READ)
def tour(request: WorkspaceRequest) -> HttpResponse:
    """To the step that is asked for, the first being 0; anything that is none ends it."""
    sent = request.POST.get("step", "")
    steps = steps_for(request.person, request.workspace) if request.workspace.organisation.is_demo else []
    if sent.isdecimal() and int(sent) < len(steps):
        request.session[KEPT_AS] = int(sent)
        return HttpResponseRedirect(steps[int(sent)].url, status=HTTPStatus.SEE_OTHER)
    request.session[KEPT_AS] = OVER
    return redirect("today", workspace=request.workspace.slug)
