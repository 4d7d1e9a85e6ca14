"""An installation without anybody gets a first organisation, so that a first import has somewhere to go."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.people.models import Department, Organisation, Team, Workspace
from choir.routing.defaults import OBJECTIVES
from choir.routing.models import Objective, Ownership, RoutingPolicy, SLAPolicy, TeamPolicy

FIRST_RESPONSE_SECONDS = 4 * 3600
RESOLUTION_SECONDS = 48 * 3600


class WhichWorkspaceError(Exception):
    """It is not clear which workspace is meant; the text names them."""


def workspace_for(slug: str | None, *, at: dt.datetime) -> Workspace:
    """The workspace of that slug; without one, the only one there is; on an empty installation, a first one. Demo
    companies are never meant unless named. Raises WhichWorkspaceError."""
    workspaces = Workspace.objects.select_related("organisation").order_by("slug")
    if slug:
        named = workspaces.filter(slug=slug).first()
        if named is None:
            known = ", ".join(workspaces.values_list("slug", flat=True)) or "none yet"
            raise WhichWorkspaceError(f"There is no workspace “{slug}”. There are: {known}.")
        return named
    real = list(workspaces.filter(organisation__is_demo=False))
    if len(real) > 1:
        known = ", ".join(one.slug for one in real)
        raise WhichWorkspaceError(f"There are several workspaces: {known}. Say which with --workspace.")
    return real[0] if real else found_first(at=at)


@transaction.atomic
def found_first(*, at: dt.datetime) -> Workspace:
    """One organisation with one workspace, one department and one team that owns every objective at all hours."""
    organisation = Organisation.objects.create(name="My organisation", slug=_free("my-organisation"), created_at=at)
    workspace = Workspace.objects.create(
        organisation=organisation, name="Main", slug=_free("main"), languages=["en"], created_at=at
    )
    department = Department.objects.create(
        organisation=organisation,
        name="Customer service",
        slug="customer_service",
        charter="Answers customers until other departments take their part.",
    )
    team = Team.objects.create(department=department, name="Front desk", slug="front-desk")
    TeamPolicy.objects.create(team=team)
    workspace.sorting_team = team
    workspace.save(update_fields=["sorting_team"])
    RoutingPolicy.objects.create(workspace=workspace)
    SLAPolicy.objects.create(
        organisation=organisation,
        name="Everything",
        first_response_seconds=FIRST_RESPONSE_SECONDS,
        resolution_seconds=RESOLUTION_SECONDS,
        hours="calendar",
    )
    for position, shipped in enumerate(OBJECTIVES):
        objective = Objective.objects.create(
            organisation=organisation,
            slug=shipped.slug,
            name=shipped.name,
            description=shipped.description,
            is_answered=shipped.is_answered,
            position=position,
        )
        Ownership.objects.create(
            organisation=organisation,
            objective=objective,
            responsible=department,
            accountable=department,
            effective_from=at,
            because="The first department owns everything until others do.",
        )
    return workspace


def _free(slug: str) -> str:
    """The slug, with a number where it is taken."""
    taken = set(Organisation.objects.values_list("slug", flat=True)) | set(
        Workspace.objects.values_list("slug", flat=True)
    )
    return next(one for one in (slug, *(f"{slug}-{n}" for n in range(2, 1000))) if one not in taken)
