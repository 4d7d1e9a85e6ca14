"""Which department owns a contact: pure decisions over the ownership matrix. The most specific scope wins."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """What ownership looks at: what the contact is for, and where it came from."""

    objective: str
    confidence: float
    topic: str
    language: str
    workspace_id: uuid.UUID
    channel_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Cell:
    """One version of one cell of the matrix, as routing reads it. Empty scope fields mean “any”."""

    id: uuid.UUID
    objective: str
    workspace_id: uuid.UUID | None
    channel_id: uuid.UUID | None
    language: str
    topic: str
    responsible_id: uuid.UUID
    version: int
    effective_from: dt.datetime
    place: str = ""  # channel and workspace in words, for reasons
    decision_id: uuid.UUID | None = None
    decision_number: int | None = None

    @property
    def specificity(self) -> int:
        """How narrow the scope is: channel before topic before language before workspace. Two cells of one
        objective with different scopes never have the same value for the same contact."""
        return 8 * bool(self.channel_id) + 4 * bool(self.topic) + 2 * bool(self.language) + bool(self.workspace_id)

    def covers(self, contact: Contact) -> bool:
        """Whether the contact lies in the cell's scope."""
        return (
            self.objective == contact.objective
            and self.workspace_id in (None, contact.workspace_id)
            and self.channel_id in (None, contact.channel_id)
            and self.language in ("", contact.language)
            and self.topic in ("", contact.topic)
        )


def owning_cell(cells: Iterable[Cell], contact: Contact) -> Cell | None:
    """The cell that decides, or None where the matrix has a gap."""
    return max((cell for cell in cells if cell.covers(contact)), key=lambda cell: cell.specificity, default=None)


@dataclass(frozen=True, slots=True)
class Promise:
    """An SLA policy as routing reads it."""

    id: uuid.UUID
    objective: str
    urgency_at_least: int
    first_response_seconds: int
    resolution_seconds: int | None
    hours: str


def fitting_promise(promises: Sequence[Promise], *, objective: str, urgency: int) -> Promise | None:
    """The SLA policy that counts: one for the objective before one for all, then the highest urgency reached."""
    fitting = [one for one in promises if one.objective in ("", objective) and urgency >= one.urgency_at_least]
    return max(fitting, key=lambda one: (bool(one.objective), one.urgency_at_least), default=None)
