"""Spikes: what was more than usual, since when, which messages, who should act; and that somebody has seen it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from choir.flow.noticing import acknowledge
from choir.listening.models import Spike, Wording
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.listening.filters import view_of
from choir.web.listening.frame import READS, frame
from choir.web.listening.stream import rows_of
from choir.web.taking import at_most

SHOWN = 100


@require_safe
@READS
def spikes(request: WorkspaceRequest) -> HttpResponse:
    """The newest spikes, those that nobody has seen first among those of a day."""
    rows = Spike.objects.filter(workspace=request.workspace).select_related("query", "department", "acknowledged_by")
    context = frame(request, "spikes", rows=list(rows.order_by("-began_at")[: at_most(request, SHOWN)]))
    return answer(request, "listening/spikes.html", context)


@require_safe
@READS
def one_spike(request: WorkspaceRequest, spike: uuid.UUID) -> HttpResponse:
    """One spike, explained, with the mentions that most people see."""
    found = _find(request, spike)
    ids = [uuid.UUID(one) for one in found.explanation.get("mentions", [])]
    wordings = Wording.objects.filter(workspace=request.workspace, pk__in=ids)
    shown = list(wordings.select_related("mention__identity__customer", "channel").order_by("-followers", "-posted_at"))
    context = frame(request, "spikes", spike=found, rows=rows_of(request, shown), stream_url=stream_url(request, found))
    return answer(request, "listening/spike.html", context)


@require_POST
@READS
def acknowledgement(request: WorkspaceRequest, spike: uuid.UUID) -> HttpResponse:
    """POST: somebody has seen it."""
    found = acknowledge(_find(request, spike), by=request.person, at=timezone.now())
    messages.success(request, _("Noted that you have seen it. It has left everybody’s Today."))
    return redirect("listening_spike", workspace=request.workspace.slug, spike=found.pk)


def stream_url(request: WorkspaceRequest, spike: Spike) -> str:
    """The stream of what a spike counted."""
    view = view_of(request.person, request.workspace, {}, at=timezone.now())
    changes: dict[str, Any] = {
        "query": spike.query_id,
        "topic": spike.topic,
        "since": spike.began_at.isoformat(),
        "until": (spike.ended_at or timezone.now()).isoformat(),
    }
    return view.url(**changes)


def _find(request: WorkspaceRequest, spike: uuid.UUID) -> Spike:
    rows = Spike.objects.select_related("query__workspace", "department", "acknowledged_by")
    return get_object_or_404(rows, workspace=request.workspace, pk=spike)
