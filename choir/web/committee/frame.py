"""What the committee's pages share: their rules, what is found by address, and what each frame shows."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from choir.governance.models import AgendaItem, Committee, Decision, Meeting
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires

READS = requires(Permission.COMMITTEE_READ, at_least=Reach.WORKSPACE)
TAKES_PART = requires(Permission.COMMITTEE_TAKE_PART, at_least=Reach.WORKSPACE)
RUNS = requires(Permission.COMMITTEE_RUN, at_least=Reach.WORKSPACE)
READS_DECISIONS = requires(Permission.DECISION_READ, at_least=Reach.WORKSPACE)


def frame(request: WorkspaceRequest, tab: str, **context: Any) -> dict[str, Any]:
    """The context of a page of the committee."""
    return {"section": "committee", "tab": tab, "runs": runs(request), "may_read": may_read(request), **context}


def runs(request: WorkspaceRequest) -> bool:
    """Whether the person runs the committee."""
    return request.person.access.allows(Permission.COMMITTEE_RUN, workspace_id=request.workspace.pk)


def may_read(request: WorkspaceRequest) -> bool:
    """Whether agendas and minutes are the person's to read; decisions are everybody's."""
    return request.person.access.allows(Permission.COMMITTEE_READ, workspace_id=request.workspace.pk)


def committee_of(request: WorkspaceRequest) -> Committee | None:
    """The workspace's committee, if there is one."""
    return Committee.objects.filter(workspace=request.workspace).select_related("workspace__organisation").first()


def meeting_of(request: WorkspaceRequest, number: int) -> Meeting:
    """The committee's meeting of that number, or 404. Numbers that no database holds find nothing."""
    if not 0 < number < 2**31:
        raise Http404("There is no such meeting.")
    rows = Meeting.objects.select_related("committee__workspace__organisation", "workspace__organisation", "opened_by")
    return get_object_or_404(rows, workspace=request.workspace, number=number)


def item_of(request: WorkspaceRequest, number: int, item: uuid.UUID) -> AgendaItem:
    """An item of that meeting, or 404."""
    rows = AgendaItem.objects.select_related("meeting__committee", "meeting__workspace__organisation")
    return get_object_or_404(rows, pk=item, meeting=meeting_of(request, number))


def decision_of(request: WorkspaceRequest, decision: uuid.UUID) -> Decision:
    """A decision of the workspace, or 404."""
    rows = Decision.objects.select_related(
        "workspace__organisation", "committee", "meeting", "item", "decided_by", "supersedes", "superseded_by",
        "enactment", "reversal__by", "review",
    )  # fmt: skip
    return get_object_or_404(rows, pk=decision, workspace=request.workspace)
