"""Who may change the organisation: what holds for all of it must be allowed in all of its workspaces."""

from __future__ import annotations

from choir.people.models import Department, Organisation, Person
from choir.people.policy import Permission


def require_everywhere(
    permission: Permission, organisation: Organisation, *, by: Person, department: Department | None = None
) -> None:
    """Refuse with NotAllowedError unless the person may do this in every workspace of the organisation, or to this
    department of it."""
    for workspace_id in organisation.workspaces.values_list("pk", flat=True):
        by.access.require(
            permission, workspace_id=workspace_id, department_id=department.pk if department is not None else None
        )
