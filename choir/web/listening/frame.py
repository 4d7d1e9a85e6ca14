"""What every page of listening shows around itself."""

from __future__ import annotations

from typing import Any

from choir.listening.models import Spike
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires

READS = requires(Permission.LISTENING_READ, at_least=Reach.WORKSPACE)
CHANGES = requires(Permission.LISTENING_CHANGE, at_least=Reach.WORKSPACE)


def frame(request: WorkspaceRequest, tab: str, **context: Any) -> dict[str, Any]:
    """The context of a page of listening: its tab, what is spiking unseen, and what the person may do."""
    access, workspace_id = request.person.access, request.workspace.pk
    return {
        "section": "listening",
        "tab": tab,
        "unseen": lambda: Spike.objects.unseen().running().filter(workspace=workspace_id).count(),
        "may_change": access.reach(Permission.LISTENING_CHANGE, workspace_id) is Reach.WORKSPACE,
        "may_take_up": access.reach(Permission.CONVERSATION_ASSIGN, workspace_id) >= Reach.DEPARTMENT,
        **context,
    }
