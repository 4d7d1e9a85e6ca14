"""What the matrix page shows: one row per objective and scope, one column per department."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from choir.people.models import Department, Organisation
from choir.routing.models import SCOPE, Objective, Ownership
from choir.routing.queries import cells_of


@dataclass
class Row:
    """One cell in force, spread over the departments' columns."""

    cell: Ownership
    scope: str
    letters: list[str]
    planned: Ownership | None = None

    @property
    def has_evidence(self) -> bool:
        """Whether departments are compared in just this scope: a topic, or what no topic covers."""
        return not any(getattr(self.cell, name) for name in SCOPE if name != "topic")


@dataclass
class ObjectiveRows:
    """An objective with its cells, the widest scope first; no rows at all is a gap."""

    objective: Objective
    rows: list[Row] = field(default_factory=list)


def matrix_of(organisation: Organisation, departments: list[Department], *, at: dt.datetime) -> list[ObjectiveRows]:
    """The whole matrix as it stands, with planned changes beside: five queries."""
    cells = list(
        Ownership.objects.filter(organisation=organisation)
        .exclude(effective_until__lte=at)
        .select_related("objective", "responsible", "accountable", "channel", "workspace", "decided_by")
        .prefetch_related("consulted", "informed")
    )
    scopes = dict(zip((one.pk for one in cells), cells_of(cells, organisation.pk), strict=True))
    planned = {_place(one): one for one in cells if one.effective_from > at}
    rows: dict[uuid.UUID, list[Row]] = defaultdict(list)
    for cell in cells:
        if cell.effective_from <= at:
            letters = [_letters(cell, one) for one in departments]
            rows[cell.objective_id].append(Row(cell, scopes[cell.pk].scope_words, letters, planned.get(_place(cell))))
    return [
        ObjectiveRows(one, sorted(rows[one.pk], key=lambda row: row.scope))
        for one in Objective.objects.filter(organisation=organisation)
    ]


def _place(cell: Ownership) -> tuple[object, ...]:
    return (cell.objective_id, *(getattr(cell, name) for name in SCOPE))


def _letters(cell: Ownership, department: Department) -> str:
    held = []
    if cell.responsible_id == department.pk:
        held.append("R")
    if cell.accountable_id == department.pk:
        held.append("A")
    if any(one.pk == department.pk for one in cell.consulted.all()):
        held.append("C")
    if any(one.pk == department.pk for one in cell.informed.all()):
        held.append("I")
    return "".join(held)
