"""Reads of the matrix and the promises, as plain values for the pure decisions."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import partial

from choir.channels.models import Channel
from choir.people.models import Organisation, Workspace
from choir.routing.decide import Cell, Promise
from choir.routing.models import Objective, Ownership, SLAPolicy
from choir.unchanged import unchanged


def cells_in_force(organisation_id: uuid.UUID, *, at: dt.datetime) -> list[Cell]:
    """The ownership matrix as it stands at a moment."""
    known = unchanged(("cells", organisation_id), _SPOKEN_OF, partial(_cells, organisation_id))
    return [cell for cell, until in known if cell.effective_from <= at and (until is None or at < until)]


_SPOKEN_OF = (Ownership, Objective, Channel, Workspace)


def _cells(organisation_id: uuid.UUID) -> list[tuple[Cell, dt.datetime | None]]:
    """Every version of every cell, and until when it is in force."""
    rows = Ownership.objects.filter(organisation_id=organisation_id)
    return [(_cell(row), row.effective_until) for row in rows.select_related("objective", "channel", "workspace")]


def _cell(row: Ownership) -> Cell:
    return Cell(
        id=row.pk,
        objective=row.objective.slug,
        workspace_id=row.workspace_id,
        channel_id=row.channel_id,
        language=row.language,
        topic=row.topic,
        responsible_id=row.responsible_id,
        version=row.version,
        effective_from=row.effective_from,
        place=_place(row),
        decision_id=row.decision_id,
        decision_number=row.decision_number,
    )


def _place(row: Ownership) -> str:
    parts = [f"on {row.channel}"] if row.channel else []
    parts += [f"at {row.workspace}"] if row.workspace else []
    return " ".join(parts)


def promises_of(organisation: Organisation | uuid.UUID) -> list[Promise]:
    """The organisation's SLA policies: one query."""
    rows = SLAPolicy.objects.filter(organisation=organisation).select_related("objective")
    return [
        Promise(
            id=row.pk,
            objective=row.objective.slug if row.objective else "",
            urgency_at_least=row.urgency_at_least,
            first_response_seconds=row.first_response_seconds,
            resolution_seconds=row.resolution_seconds,
            hours=row.hours,
        )
        for row in rows
    ]
