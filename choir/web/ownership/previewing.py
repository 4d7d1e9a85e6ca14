"""A change of the matrix is seen before it is saved: what it would have done in the last 90 days, and a token which
says that just this change was seen."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass

from django.core import signing
from django.utils.translation import gettext

from choir.flow.traffic import LOOKS_BACK, behind, traffic
from choir.inbox.models import Conversation
from choir.people.models import Department, Person, Workspace
from choir.routing.actions import Scope
from choir.routing.models import Objective, Ownership
from choir.routing.queries import cell_of, cells_in_force, markets_of

EXAMPLES = 3
SALT = "choir.ownership.preview"
HOLDS_SECONDS = 3600

Way = tuple[uuid.UUID | None, uuid.UUID | None]  # from which department to which


@dataclass(frozen=True, slots=True)
class Move:
    """Conversations that would have gone from one department to another."""

    old: str
    new: str
    count: int
    examples: list[Conversation]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would have done, and the token with which it may be saved."""

    looked_at: int
    moved: int
    moves: list[Move]
    token: str


def preview(objective: Objective, scope: Scope, responsible: Department, *, by: Person, at: dt.datetime) -> Preview:
    """The last 90 days with this owner in this scope, in every workspace in which it holds. All are counted; examples
    are those that the person may read. Nothing changes."""
    organisation_id = objective.organisation_id
    before = cells_in_force(organisation_id, at=at)
    draft = Ownership(objective=objective, responsible=responsible, version=0, effective_from=at, **scope.fields)
    proposed = cell_of(draft, markets_of(organisation_id))
    after = [*(one for one in before if one.scope != proposed.scope), proposed]
    looked_at, counts = 0, Counter[Way]()
    examples: dict[Way, list[Conversation]] = defaultdict(list)
    readable = Conversation.objects.visible_to(by).select_related("workspace")
    for workspace in Workspace.objects.filter(organisation=organisation_id):
        if proposed.home_id not in (None, workspace.pk):
            continue
        since = at - LOOKS_BACK
        found = traffic(workspace, before=before, after=after, since=since, until=at)
        looked_at += found.looked_at
        for way, n in found.moves.items():
            if way[0] != way[1]:
                moved = [one for one in found.placed if (one.before, one.after) == way]
                rows = behind(workspace, found, moved, since=since, until=at)
                counts[way] += n
                examples[way] += readable.filter(pk__in=rows.values("pk")).order_by("-last_message_at")[:EXAMPLES]
    names = {one.pk: one.name for one in Department.objects.filter(organisation=organisation_id)}
    moves = [
        Move(_name(names, old), _name(names, new), n, examples[old, new][:EXAMPLES])
        for (old, new), n in counts.most_common()
    ]
    token = signing.dumps(_said(objective, scope, responsible), salt=SALT)
    return Preview(looked_at, sum(counts.values()), moves, token)


def _name(names: dict[uuid.UUID, str], department_id: uuid.UUID | None) -> str:
    return names.get(department_id, "") if department_id else gettext("nobody")


def was_seen(token: str, objective: Objective, scope: Scope, responsible: Department) -> bool:
    """Whether the token is of a preview of this very change, no older than an hour."""
    try:
        said = signing.loads(token, salt=SALT, max_age=HOLDS_SECONDS)
    except signing.BadSignature:
        return False
    return bool(said == _said(objective, scope, responsible))


def _said(objective: Objective, scope: Scope, responsible: Department) -> list[str]:
    where = (scope.workspace, scope.channel, scope.language, scope.topic, scope.region, scope.product)
    rows = [objective, responsible, *where]
    return [str(getattr(one, "pk", one) or "") for one in rows]
