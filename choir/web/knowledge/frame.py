"""What every page of knowledge shows around itself."""

from __future__ import annotations

from typing import Any

from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest


def frame(request: WorkspaceRequest, tab: str, **context: Any) -> dict[str, Any]:
    """The context of a page of knowledge: its tab, and whether the person may write."""
    reach = request.person.access.reach(Permission.KNOWLEDGE_WRITE, request.workspace.pk)
    return {"section": "knowledge", "tab": tab, "may_write": reach is Reach.WORKSPACE, **context}
