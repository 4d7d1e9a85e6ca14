"""The step `drift`: once an hour each workspace is held against its weeks before. What shifted is told once, to the
department that should act, until somebody has seen it or it is as usual again."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.events.actions import record
from choir.flow.drift import Shift, shifts_of
from choir.flow.drifted import Evidence, evidence_of
from choir.listening.models import Watch
from choir.people.models import Department, Person, Workspace
from choir.people.policy import Permission
from choir.routing.decide import Contact, owning_cell, regions_of
from choir.routing.queries import cells_in_force
from choir.triage.learning.models import Drift

LOOK_EVERY = dt.timedelta(hours=1)
CARE = "care"  # whose topics they mostly are


def notice_drift(*, at: dt.datetime) -> int:
    """Look at the workspaces whose hour is over; how many drifts began or ended."""
    looked = Watch.objects.filter(drift_at__gt=at - LOOK_EVERY)
    turned = 0
    for workspace in Workspace.objects.exclude(pk__in=looked.values("workspace")).select_related("organisation"):
        Watch.objects.update_or_create(
            workspace=workspace, defaults={"drift_at": at}, create_defaults={"drift_at": at, "readings_at": at}
        )
        turned += _look_at(workspace, at=at)
    return turned


@transaction.atomic
def _look_at(workspace: Workspace, *, at: dt.datetime) -> int:
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    running = {(one.about, one.name): one for one in Drift.objects.running().filter(workspace=workspace)}
    turned = 0
    for shift in shifts_of(workspace, at=at):
        found = evidence_of(workspace, shift, at=at)
        known = running.pop((shift.about, shift.name), None)
        drift = _kept(known or Drift(workspace=workspace, found_at=at), shift, found, at=at)
        if known is None:
            _tell(drift, "drift.began", at=at, because=in_words(drift))
            turned += 1
    for over in running.values():
        over.ended_at = at
        over.save(update_fields=["ended_at"])
        _tell(over, "drift.ended", at=at, because="It is as usual again.")
        turned += 1
    return turned


def _kept(drift: Drift, shift: Shift, found: Evidence, *, at: dt.datetime) -> Drift:
    drift.about, drift.name, drift.began_on, drift.looked_at = shift.about, shift.name, found.since, at
    drift.before, drift.least, drift.most = shift.before, shift.least, shift.most
    drift.count, drift.total = shift.count, shift.total
    drift.parts = [[one.kind, one.name, one.count] for one in found.parts]
    drift.examples = [str(one) for one in found.examples]
    drift.department = _who_acts(drift.workspace, shift, found, at=at)
    drift.save()
    return drift


def _who_acts(workspace: Workspace, shift: Shift, found: Evidence, *, at: dt.datetime) -> Department | None:
    """Whoever owns what shifted; of what triage is unsure, whoever sorts it."""
    if shift.about == "unsure":
        return workspace.sorting_team.department if workspace.sorting_team else None
    mostly = next((one.name for one in found.parts if one.kind == "objective"), CARE)
    objective, topic = (shift.name, "") if shift.about == "objective" else (mostly, shift.name)
    contact = Contact(
        objective, 1.0, topic, "", workspace.pk, workspace.pk, regions=regions_of((), workspace.market)
    )  # on no channel in particular
    cell = owning_cell(cells_in_force(workspace.organisation_id, at=at), contact)
    return Department.objects.filter(pk=cell.responsible_id).first() if cell is not None else None


def in_words(drift: Drift) -> str:
    """What, since when, and how far from what is usual."""
    what = f"{drift.about} {drift.name}".strip().replace("_", " ")
    return (
        f"{what}: {drift.now:.0%} of the last seven days ({drift.count} of {drift.total} conversations), "
        f"{drift.before:.0%} in the eight weeks before; since {drift.began_on:%Y-%m-%d}."
    )


@transaction.atomic
def acknowledge(drift: Drift, *, by: Person, at: dt.datetime) -> Drift:
    """A person has seen it and takes care of it; it leaves everybody's Today. The first who says so is kept."""
    by.access.require(Permission.FIGURES_READ, workspace_id=drift.workspace_id)
    row = Drift.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=drift.pk)
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by = at, by
        row.save(update_fields=["acknowledged_at", "acknowledged_by"])
        _tell(row, "drift.acknowledged", at=at, by=by, because=f"{by.name} has seen it.")
    return row


def _tell(drift: Drift, verb: str, *, at: dt.datetime, because: str, by: Person | None = None) -> None:
    record(
        verb=verb, subject=drift, organisation_id=drift.workspace.organisation_id, workspace_id=drift.workspace_id,
        at=at, by=by, because=because,
        facts={"about": drift.about, "name": drift.name, "department": str(drift.department_id or "")},
    )  # fmt: skip
