"""What all executive pages share: their rules, their tabs, and finding a brief."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404

from choir.executive.models import Brief
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires

MANAGES = requires(Permission.BRIEF_MANAGE, at_least=Reach.WORKSPACE)
READS = requires(Permission.BRIEF_READ, at_least=Reach.WORKSPACE)


def frame(request: WorkspaceRequest, tab: str, **context: Any) -> dict[str, Any]:
    """The context that every page of the section has."""
    access, workspace = request.person.access, request.workspace
    return {
        "section": "executive",
        "tab": tab,
        "hears": access.allows(Permission.CUSTOMER_HEAR, workspace_id=workspace.pk),
        "manages": access.allows(Permission.BRIEF_MANAGE, workspace_id=workspace.pk),
        "oversees": access.allows(Permission.OVERVIEW_READ, workspace_id=workspace.pk),
        **context,
    }


def brief_of(request: WorkspaceRequest, day: str = "") -> Brief | None:
    """The newest brief, or the one whose week ended on a day (ISO); 404 for a day without."""
    briefs = Brief.objects.filter(workspace=request.workspace).order_by("-last_on")
    if not day:
        return briefs.first()
    try:
        found = briefs.filter(last_on=dt.date.fromisoformat(day)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404("No brief was written of that week.")
    return found
