"""The hub: the teams at the centre of a workspace. What is answered outside it is answered where the knowledge is."""

from __future__ import annotations

import uuid

from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from choir.people.models import Team, Workspace


def teams_of(workspace_id: uuid.UUID) -> QuerySet[Team]:
    """The teams of the hub: those that the workspace names, else all of the department of its sorting team."""
    named = Workspace.hub_teams.through.objects.filter(workspace_id=workspace_id)
    of_department = Workspace.objects.filter(pk=workspace_id).values("sorting_team__department_id")
    return Team.objects.filter(
        Q(pk__in=named.values("team_id")) | (~Exists(named) & Q(department_id__in=of_department))
    )  # fmt: skip


def answered_outside(workspace_id: uuid.UUID) -> Coalesce:
    """Of a course: whether the team that gave the first answer is none of the hub's."""
    in_hub = teams_of(workspace_id).filter(pk=OuterRef("answering_team_id"))
    return Coalesce(~Exists(in_hub), True, output_field=BooleanField())


def hub_name(workspace: Workspace) -> str:
    """What the hub is called: its teams, or the sorting team's department; empty where there is none."""
    named = [one.name for one in workspace.hub_teams.order_by("name")]
    if named:
        return ", ".join(named)
    return str(workspace.sorting_team.department) if workspace.sorting_team else ""
