"""Reads of the matrix and the promises, as plain values for the pure decisions."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from functools import partial

from django.db.models import QuerySet

from choir.channels.models import Channel
from choir.people.models import Organisation, Workspace
from choir.routing.decide import Cell, Promise
from choir.routing.models import Objective, Ownership, SLAPolicy
from choir.triage.actions import TOPICS
from choir.unchanged import unchanged


def cells_in_force(organisation_id: uuid.UUID, *, at: dt.datetime) -> list[Cell]:
    """The ownership matrix as it stands at a moment."""
    known = unchanged(("cells", organisation_id), _SPOKEN_OF, partial(_cells, organisation_id))
    return [cell for cell, until in known if cell.effective_from <= at and (until is None or at < until)]


_SPOKEN_OF = (Ownership, Objective, Channel, Workspace)


def _cells(organisation_id: uuid.UUID) -> list[tuple[Cell, dt.datetime | None]]:
    """Every version of every cell, and until when it is in force."""
    rows = list(_spoken_of(Ownership.objects.filter(organisation_id=organisation_id)))
    return list(zip(cells_of(rows, organisation_id), (row.effective_until for row in rows), strict=True))


def _spoken_of(rows: QuerySet[Ownership]) -> QuerySet[Ownership]:
    return rows.select_related("objective", "channel", "workspace")


def cells_of(rows: QuerySet[Ownership] | Sequence[Ownership], organisation_id: uuid.UUID) -> list[Cell]:
    """Rows of the matrix as routing reads them, in their order."""
    markets = markets_of(organisation_id)
    found = _spoken_of(rows) if isinstance(rows, QuerySet) else rows
    return [cell_of(row, markets) for row in found]


def markets_of(organisation_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """The market of each of an organisation's workspaces."""
    return dict(Workspace.objects.filter(organisation_id=organisation_id).values_list("pk", "market"))


def cell_of(row: Ownership, markets: Mapping[uuid.UUID, str]) -> Cell:
    """One row, saved or not, as routing reads it; `markets` are those of the organisation's workspaces."""
    home = row.channel.workspace_id if row.channel else row.workspace_id
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
        region=row.region,
        product=row.product,
        home_id=home,
        market=markets.get(home, "") if home else "",
        is_place=row.region.casefold() not in {one.casefold() for one in markets.values()},
        channel_name=str(row.channel or ""),
        workspace_name=str(row.workspace or ""),
        decision_id=row.decision_id,
        decision_number=row.decision_number,
    )


def topics_known(organisation_id: uuid.UUID) -> set[str]:
    """The topics that triage tells apart or that a cell of the matrix names, now or once."""
    cells = Ownership.objects.filter(organisation_id=organisation_id).exclude(topic="").order_by()
    return {*TOPICS.values(), *cells.values_list("topic", flat=True).distinct()}


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
