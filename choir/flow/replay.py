"""Replay: what a proposed matrix would have done with past traffic, decided by the code that routes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from choir.inbox.models import Conversation
from choir.people.models import Department, Person, Workspace
from choir.routing.actions import Scope
from choir.routing.decide import Cell, Contact, owning_cell, products_of, regions_of
from choir.routing.models import Objective, Ownership
from choir.routing.queries import cell_of, cells_in_force, markets_of

LOOKED_AT_MOST = 20_000  # of each workspace
LOOKS_BACK = dt.timedelta(days=90)
EXAMPLES = 3

Move = tuple[uuid.UUID | None, uuid.UUID | None]


@dataclass(frozen=True, slots=True)
class Example:
    """One conversation that would have gone elsewhere."""

    id: uuid.UUID
    workspace: str
    excerpt: str


@dataclass
class Replayed:
    """How many conversations were looked at, from which department to which they would have moved, and some of them."""

    looked_at: int = 0
    moves: Counter[Move] = field(default_factory=Counter)
    examples: dict[Move, list[Example]] = field(default_factory=lambda: defaultdict(list))

    @property
    def moved(self) -> int:
        """Conversations that would have gone elsewhere."""
        return sum(self.moves.values())


def what_if(objective: Objective, scope: Scope, responsible: Department, *, by: Person, at: dt.datetime) -> Replayed:
    """What the last 90 days would have looked like with this owner in this scope, in every workspace in which it holds
    and as far as the person may see: one query a workspace, nothing changes."""
    organisation_id = objective.organisation_id
    before = cells_in_force(organisation_id, at=at)
    proposed = cell_of(
        Ownership(objective=objective, responsible=responsible, version=0, effective_from=at, **scope.fields),
        markets_of(organisation_id),
    )
    after = [*(one for one in before if one.scope != proposed.scope), proposed]
    found = Replayed()
    for workspace in Workspace.objects.filter(organisation=organisation_id):
        if proposed.home_id in (None, workspace.pk):
            _replay(found, workspace, before=before, after=after, by=by, since=at - LOOKS_BACK)
    return found


def _replay(
    found: Replayed,
    workspace: Workspace,
    *,
    before: Sequence[Cell],
    after: Sequence[Cell],
    by: Person,
    since: dt.datetime,
) -> None:
    rows = (
        Conversation.objects.visible_to(by)
        .filter(workspace=workspace, created_at__gte=since, reading__isnull=False)
        .order_by("-last_message_at")
        .values_list(
            "pk", "excerpt", "channel_id", "reading__objective", "reading__objective_confidence", "reading__topic",
            "reading__language", "reading__entities",
        )[:LOOKED_AT_MOST]
    )  # fmt: skip
    for pk, excerpt, channel_id, objective, confidence, topic, language, entities in rows:
        contact = Contact(
            objective, confidence, topic, language, workspace.pk, channel_id,
            regions_of(entities, workspace.market), products_of(entities),
        )  # fmt: skip
        old, new = owning_cell(before, contact), owning_cell(after, contact)
        move = (old.responsible_id if old else None, new.responsible_id if new else None)
        found.looked_at += 1
        if move[0] == move[1]:
            continue
        found.moves[move] += 1
        if len(found.examples[move]) < EXAMPLES:
            found.examples[move].append(Example(pk, workspace.slug, excerpt))
