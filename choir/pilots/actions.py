"""Beginning a pilot, and ending it. Between the two nothing about it can be changed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from choir.events.actions import record
from choir.people.access import NotAllowedError
from choir.people.models import Department, Person, Workspace
from choir.people.policy import Permission, Reach
from choir.pilots.models import Ending, Outcome, Pilot
from choir.pilots.outcomes import JUDGED
from choir.pilots.queries import is_staffed
from choir.routing.actions import Scope
from choir.routing.models import Objective, Ownership
from choir.wake import Step, wake

SHORTEST, LONGEST = dt.timedelta(days=7), dt.timedelta(days=120)
LEAST_SHARE, MOST_SHARE = 0.05, 0.95
MOST_LOOKS = 5


class PilotRefusedError(Exception):
    """The pilot cannot begin or end like this; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Design:
    """What is set before: what is compared, for how long, and when it stops."""

    name: str
    objective: Objective
    scope: Scope
    candidate: Department
    share: float
    days: int
    metric: str
    also: Sequence[str]
    looks: int
    worth: float
    needed_count: int | None
    because: str


@transaction.atomic
def begin(workspace: Workspace, design: Design, *, by: Person, at: dt.datetime) -> Pilot:
    """From now on the share of the conversations goes to the candidate. Refuses a candidate that nobody staffs, one
    that owns it already, a scope that nobody owns, and a second pilot of the same objective while one is undecided."""
    if by.access.reach(Permission.OWNERSHIP_CHANGE, workspace.pk) < Reach.WORKSPACE:
        raise NotAllowedError("Only the champion begins a pilot. Put it on the committee's agenda.")
    Objective.objects.select_for_update().get(pk=design.objective.pk)
    owner = owner_in(workspace, design.objective, design.scope, at=at)
    _refuse(workspace, design, owner)
    assert owner is not None
    where = {name: value for name, value in design.scope.fields.items() if name != "workspace"}
    pilot = Pilot.objects.create(
        workspace=workspace, name=design.name.strip()[:80], because=design.because.strip(), objective=design.objective,
        **where, owner=owner, candidate=design.candidate, share=design.share, starts_at=at,
        ends_at=at + dt.timedelta(days=design.days), metric=design.metric,
        also=[one for one in JUDGED if one in design.also and one != design.metric], looks_count=design.looks,
        worth=design.worth, needed_count=design.needed_count, started_by=by, created_at=at,
    )  # fmt: skip
    _tell(pilot, "pilot.began", by=by, at=at, because=pilot.because)
    wake(Step.ROUTE)
    return pilot


@transaction.atomic
def end(
    pilot: Pilot,
    *,
    outcome: Outcome,
    because: str,
    by: Person,
    at: dt.datetime,
    decision_id: uuid.UUID | None = None,
    decision_number: int | None = None,
) -> Ending:
    """No conversation is drawn from now on, and the result stands. Refuses one that is over, and without a reason."""
    if by.access.reach(Permission.OWNERSHIP_CHANGE, pilot.workspace_id) < Reach.WORKSPACE:
        raise NotAllowedError("Only the champion ends a pilot. Put it on the committee's agenda.")
    row = Pilot.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=pilot.pk)
    if Ending.objects.filter(pilot=row).exists():
        raise PilotRefusedError(f"The pilot “{row}” is over already.")
    if not because.strip():
        raise PilotRefusedError("Say why, in a sentence.")
    ending = Ending.objects.create(
        pilot=row, at=at, outcome=outcome, because=because.strip(), by=by, decision_id=decision_id,
        decision_number=decision_number,
    )  # fmt: skip
    _tell(row, "pilot.ended", by=by, at=at, because=because.strip(), outcome=str(outcome))
    return ending


def call_off(pilot: Pilot, *, because: str, by: Person, at: dt.datetime) -> Ending:
    """Stop a pilot that does harm: all of it goes to the owner again. What it found so far proves nothing."""
    return end(pilot, outcome=Outcome.CALLED_OFF, because=because, by=by, at=at)


def owner_in(workspace: Workspace, objective: Objective, scope: Scope, *, at: dt.datetime) -> Department | None:
    """Who is responsible in a scope, or in the next wider one of topic, language and channel."""
    cells = Ownership.objects.in_force(at).filter(objective=objective, workspace__in=[workspace.pk])
    cells = cells | Ownership.objects.in_force(at).filter(objective=objective, workspace=None)
    fitting = [one for one in cells.select_related("responsible") if _wider(one, scope)]
    best = max(fitting, key=_narrowness, default=None)
    return best.responsible if best else None


WHERE = ("channel_id", "product", "topic", "language", "workspace_id", "region")  # as Cell.specificity orders them


def _narrowness(cell: Ownership) -> tuple[bool, ...]:
    return tuple(bool(getattr(cell, name)) for name in WHERE)


def _wider(cell: Ownership, scope: Scope) -> bool:
    """Whether whatever lies in the scope lies in the cell."""
    wanted = {
        "channel_id": scope.channel.pk if scope.channel else None, "product": scope.product, "topic": scope.topic,
        "language": scope.language, "region": scope.region,
    }  # fmt: skip
    return all(not getattr(cell, name) or getattr(cell, name) == value for name, value in wanted.items())


def _refuse(workspace: Workspace, design: Design, owner: Department | None) -> None:
    if not design.name.strip() or not design.because.strip():
        raise PilotRefusedError("Give it a name and say why: both stand on every conversation in it.")
    if owner is None:
        raise PilotRefusedError("Nobody owns this yet, so there is nothing to compare with. Give it an owner first.")
    if owner == design.candidate:
        raise PilotRefusedError(f"{owner} owns it already. Choose another department to try.")
    if not is_staffed(design.candidate):
        raise PilotRefusedError(
            f"{design.candidate} has no team with people: nobody would answer. "
            "Put somebody into one of its teams first."
        )
    if not is_staffed(owner):
        raise PilotRefusedError(f"{owner} has no team with people, so there is nothing to compare with.")
    if not LEAST_SHARE <= design.share <= MOST_SHARE:
        raise PilotRefusedError("Give each side at least one conversation in twenty.")
    if not SHORTEST <= dt.timedelta(days=design.days) <= LONGEST or not 1 <= design.looks <= MOST_LOOKS:
        raise PilotRefusedError("A pilot lasts from a week to four months, with one look to five.")
    if design.metric not in JUDGED:
        raise PilotRefusedError("Choose the metric that decides.")
    same = Pilot.objects.undecided().filter(workspace=workspace, objective=design.objective).first()
    if same is not None:
        raise PilotRefusedError(f"The pilot “{same}” of this objective is not decided yet. One at a time tells more.")


def _tell(pilot: Pilot, verb: str, *, by: Person, at: dt.datetime, because: str, **facts: object) -> None:
    record(
        verb=verb, subject=pilot, organisation_id=pilot.workspace.organisation_id, workspace_id=pilot.workspace_id,
        at=at, by=by, because=because,
        facts={"name": pilot.name, "candidate": str(pilot.candidate_id), "owner": str(pilot.owner_id)} | facts,
    )  # fmt: skip
