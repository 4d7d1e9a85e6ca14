"""A change of the matrix is seen before it is saved: what it would have done in the last 90 days, and a token which
says that just this change was seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core import signing

from choir.flow.replay import Example, what_if
from choir.people.models import Department, Person
from choir.routing.actions import Scope
from choir.routing.models import Objective

SALT = "choir.ownership.preview"
HOLDS_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Move:
    """Conversations that would have gone from one department to another."""

    old: str
    new: str
    count: int
    examples: list[Example]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would have done, and the token with which it may be saved."""

    looked_at: int
    moved: int
    moves: list[Move]
    token: str


def preview(objective: Objective, scope: Scope, responsible: Department, *, by: Person, at: dt.datetime) -> Preview:
    """Replay the last 90 days with this owner in this scope."""
    replayed = what_if(objective, scope, responsible, by=by, at=at)
    names = {one.pk: one.name for one in Department.objects.filter(organisation=objective.organisation_id)}
    moves = [
        Move(names.get(old, "nobody") if old else "nobody", names.get(new, "nobody") if new else "nobody", count, found)
        for (old, new), count in replayed.moves.most_common()
        for found in [replayed.examples[(old, new)]]
    ]
    token = signing.dumps(_said(objective, scope, responsible), salt=SALT)
    return Preview(replayed.looked_at, replayed.moved, moves, token)


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
