"""What one person may see and do: the policy table applied to their roles, teams and workspaces (`Person.access`)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from choir.people.policy import Permission, Reach, Role, reach_of


class NotAllowedError(Exception):
    """The acting person's roles do not allow this; the text says which permission is missing and where."""


@dataclass(frozen=True)
class Access:
    """Roles by workspace, and the departments and teams a person works in. Immutable; made once a request."""

    person_id: uuid.UUID
    roles: Mapping[uuid.UUID, frozenset[Role]]
    department_ids: frozenset[uuid.UUID]
    team_ids: frozenset[uuid.UUID]

    def reach(self, permission: Permission, workspace_id: uuid.UUID) -> Reach:
        """How far `permission` reaches in a workspace; NOTHING for a workspace of others."""
        return max((reach_of(role, permission) for role in self.roles.get(workspace_id, ())), default=Reach.NOTHING)

    def workspaces(self, permission: Permission, at_least: Reach) -> list[uuid.UUID]:
        """Workspaces in which `permission` reaches at least so far."""
        return [workspace_id for workspace_id in self.roles if self.reach(permission, workspace_id) >= at_least]

    def allows(
        self,
        permission: Permission,
        *,
        workspace_id: uuid.UUID,
        department_id: uuid.UUID | None = None,
        own: bool = False,
    ) -> bool:
        """Whether the person may do this to a row of that workspace and department (`own`: it is assigned to
        them, or they were asked about it)."""
        reach = self.reach(permission, workspace_id)
        if reach is Reach.WORKSPACE:
            return True
        if reach is Reach.DEPARTMENT:
            return own or (department_id is not None and department_id in self.department_ids)
        return reach is Reach.OWN and own

    def require(
        self,
        permission: Permission,
        *,
        workspace_id: uuid.UUID,
        department_id: uuid.UUID | None = None,
        own: bool = False,
    ) -> None:
        """Refuse with NotAllowedError unless `allows`."""
        if not self.allows(permission, workspace_id=workspace_id, department_id=department_id, own=own):
            raise NotAllowedError(
                f"Your roles do not allow “{permission}” here. Ask an administrator, or hand it over."
            )
