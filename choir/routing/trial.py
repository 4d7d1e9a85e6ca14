"""A pilot as routing reads it: which contacts it is about, and which of them go to the candidate. Pure decisions.

Whether a conversation goes to the candidate hangs on its id and the pilot's salt alone: whoever routes it, however
often and on whichever machine, comes to the same, and nobody can know it before or choose it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from choir.routing.decide import Cell, Contact

WHOLE = 2.0**64


@dataclass(frozen=True, slots=True)
class Trial:
    """A running pilot. `scope` is a cell that stands in no matrix; its department is the candidate. Only what the owner
    would have takes part."""

    id: uuid.UUID
    name: str
    scope: Cell
    owner_id: uuid.UUID
    share: float
    salt: str

    @property
    def candidate_id(self) -> uuid.UUID:
        """The department that is tried."""
        return self.scope.responsible_id

    def takes(self, contact: Contact, cell: Cell) -> bool:
        """Whether a contact takes part, given the cell of the matrix that decides on it."""
        return cell.responsible_id == self.owner_id and self.scope.covers(contact)

    def gives(self, conversation_id: uuid.UUID) -> bool:
        """Whether the conversation goes to the candidate: evenly spread by SHA-256, in `share` of all ids."""
        digest = hashlib.sha256(self.salt.encode() + conversation_id.bytes).digest()
        return int.from_bytes(digest[:8], "big") / WHOLE < self.share


def trial_for(trials: Iterable[Trial], contact: Contact, cell: Cell) -> Trial | None:
    """The pilot that a contact takes part in, the first begun where there are several."""
    return next(
        (one for one in trials if one.scope.workspace_id == contact.workspace_id and one.takes(contact, cell)), None
    )
