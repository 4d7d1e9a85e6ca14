"""What every kind of change is made of, and rows that a change names, found in its workspace and nowhere else."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from choir.governance.models import Decision
from choir.people.access import Access
from choir.people.models import Department, Person, Workspace
from choir.people.models.person import Standing
from choir.people.policy import Role
from choir.routing.models import Objective

Values = Mapping[str, Any]


class ChangeRefusedError(Exception):
    """This cannot be changed like this; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of change. `check` refuses (ChangeRefusedError, NotAllowedError) what could not be put into force or
    what the person may not decide; `words` says it in a sentence; `apply` puts it into force and returns what was there
    before; `undo` brings that back."""

    slug: str
    title: str
    check: Callable[[Workspace, Values, Person], None]
    words: Callable[[Workspace, Values], str]
    apply: Callable[[Decision, Person, dt.datetime], dict[str, Any]]
    undo: Callable[[Decision, Values, Person, dt.datetime, str], None]


KINDS: dict[str, Kind] = {}  # filled by `kinds`, which knows them all


def kind_of(change: Values) -> Kind:
    """The kind of a change. Raises ChangeRefusedError for what is none."""
    found = KINDS.get(str(change.get("kind")))
    if found is None:
        raise ChangeRefusedError("Say what kind of change it is.")
    return found


def as_committee(person: Person, workspace: Workspace) -> Person:
    """The person who recorded a decision, as the hand that carries it out: the committee's mandate stands, whatever
    that person's own roles have become by then."""
    everywhere = list(workspace.organisation.workspaces.all())
    acting = copy.copy(person)
    roles = {one.pk: frozenset({Role.CHAMPION}) for one in everywhere}
    acting.standing = Standing(Access(person.pk, roles, frozenset(), frozenset()), everywhere)
    return acting


def reason(decision: Decision) -> str:
    """Why, as it stands on everything that the decision changes."""
    return f"Decision {decision.number}: {decision.because}"


def objective_of(workspace: Workspace, slug: object) -> Objective | None:
    """The objective of that slug, None for no slug. Raises ChangeRefusedError when there is none."""
    if not slug:
        return None
    found = Objective.objects.filter(organisation=workspace.organisation_id, slug=str(slug)).first()
    if found is None:
        raise ChangeRefusedError(f"There is no objective “{slug}” any more. Decide anew for one that there is.")
    return found


def department_of(workspace: Workspace, slug: object) -> Department | None:
    """The department of that slug, None for no slug. Raises ChangeRefusedError when there is none."""
    if not slug:
        return None
    found = Department.objects.filter(organisation=workspace.organisation_id, slug=str(slug)).first()
    if found is None:
        raise ChangeRefusedError(f"There is no department “{slug}” any more. Decide anew for one that there is.")
    return found


def the(found: Any, word: str) -> Any:
    """What must be named. Raises ChangeRefusedError when it is not."""
    if found is None:
        raise ChangeRefusedError(f"Say which {word}.")
    return found


def row_of(model: Any, pk: object, word: str, **of: Any) -> Any:
    """The row of a workspace or organisation with that id. Raises ChangeRefusedError when there is none."""
    try:
        found = model.objects.filter(pk=pk, **of).first() if pk else None
    except (ValueError, ValidationError):
        found = None
    if found is None:
        raise ChangeRefusedError(f"There is no such {word} any more. Decide anew for one that there is.")
    return found
