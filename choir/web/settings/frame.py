"""What every page of the settings shows around itself."""

from typing import Any

from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest


def frame(request: WorkspaceRequest, tab: str, **context: Any) -> dict[str, Any]:
    """The context of a page of the settings: its tab, and what the person may do here."""
    reach = request.person.access.reach
    return {
        "section": "settings",
        "tab": tab,
        "sees_channels": reach(Permission.CHANNEL_READ, request.workspace.pk) is Reach.WORKSPACE,
        "reads_record": reach(Permission.AUDIT_READ, request.workspace.pk) is Reach.WORKSPACE,
        "manages_people": reach(Permission.PEOPLE_MANAGE, request.workspace.pk) is Reach.WORKSPACE,
        "manages_channels": reach(Permission.CHANNEL_MANAGE, request.workspace.pk) is Reach.WORKSPACE,
        "imports_files": reach(Permission.IMPORT_RUN, request.workspace.pk) is Reach.WORKSPACE,
        **context,
    }
