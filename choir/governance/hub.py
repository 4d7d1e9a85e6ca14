"""Naming the hub: which teams stand at the centre and enable the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from choir.events.actions import record
from choir.measurement.tally import forget_tallies
from choir.people.models import Person, Team, Workspace
from choir.people.policy import Permission


@transaction.atomic
def name_hub(workspace: Workspace, *, teams: Iterable[Team], by: Person, at: dt.datetime) -> None:
    """These teams are the hub from now on, none meaning the sorting team's department; figures of the past are counted
    anew by it. Nothing happens where it is so already. Refuses whoever does not run the committee."""
    by.access.require(Permission.COMMITTEE_RUN, workspace_id=workspace.pk)
    chosen = {one.pk for one in teams}
    before = set(workspace.hub_teams.values_list("pk", flat=True))
    if chosen == before:
        return
    workspace.hub_teams.set(Team.objects.filter(pk__in=chosen))
    forget_tallies(workspace)
    record(
        verb="hub.named", subject=workspace, organisation_id=workspace.organisation_id, workspace_id=workspace.pk,
        at=at, by=by, facts={"teams": sorted(map(str, chosen)), "before": sorted(map(str, before))},
    )  # fmt: skip
