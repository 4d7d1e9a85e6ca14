"""Which workspace a command means; an installation without any gets a first organisation, so that a first import has
somewhere to go."""

from __future__ import annotations

import datetime as dt

from choir.administration.people import furnish_organisation
from choir.people.models import Workspace

FIRST_NAME = "My organisation"


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
    return real[0] if real else furnish_organisation(name=FIRST_NAME, time_zone="UTC", at=at)
