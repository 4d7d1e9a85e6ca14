"""Pilots as routing and pages read them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from choir.people.models import Department, Membership
from choir.pilots.models import SCOPE, Ending, Pilot
from choir.routing.models import Ownership
from choir.routing.queries import cell_of, markets_of
from choir.routing.trial import Trial

SPOKEN_OF = (Pilot, Ending)


@dataclass(frozen=True, slots=True)
class Timed:
    """A pilot for routing, and from when until when it draws."""

    trial: Trial
    starts_at: dt.datetime
    ends_at: dt.datetime


def timed_trials(organisation_id: uuid.UUID) -> list[Timed]:
    """Every pilot that is not over, the first begun first."""
    rows = Pilot.objects.filter(workspace__organisation_id=organisation_id).undecided()
    return timed(rows, organisation_id)


def timed(pilots: QuerySet[Pilot], organisation_id: uuid.UUID) -> list[Timed]:
    """Some pilots of an organisation as routing reads them, the first begun first."""
    found = list(pilots.select_related("objective", "channel", "workspace", "candidate").order_by("starts_at", "id"))
    markets = markets_of(organisation_id) if found else {}
    return [
        Timed(
            Trial(one.pk, one.name, cell_of(_scope(one), markets), one.owner_id, one.share, one.salt),
            one.starts_at, one.ends_at,
        )
        for one in found
    ]  # fmt: skip


def drawing(trials: list[Timed], *, at: dt.datetime) -> list[Trial]:
    """Those that draw conversations at a moment."""
    return [one.trial for one in trials if one.starts_at <= at < one.ends_at]


def _scope(pilot: Pilot) -> Ownership:
    """The cell that the candidate would have, in no matrix."""
    fields = {name: getattr(pilot, name) for name in SCOPE}
    return Ownership(
        objective=pilot.objective, workspace=pilot.workspace, responsible=pilot.candidate, version=0,
        effective_from=pilot.starts_at, **fields,
    )  # fmt: skip


def scope_words(pilot: Pilot) -> str:
    """What it is about: “care about delivery in German”."""
    cell = cell_of(_scope(pilot), {})
    said = cell.scope_words.removesuffix(f"at {cell.workspace_name}").strip()
    return f"{pilot.objective.name.lower()} {said}".strip()


def is_staffed(department: Department) -> bool:
    """Whether somebody of it could take work: a person who is active, in one of its teams."""
    return Membership.objects.filter(team__department=department, person__is_active=True).exists()


def counts_of(pilots: QuerySet[Pilot]) -> dict[uuid.UUID, tuple[int, int]]:
    """By pilot how many conversations were drawn for the owner and for the candidate: one query."""
    told = pilots.order_by().values_list("pk").annotate(
        owner=Count("draws", filter=Q(draws__is_candidate=False)),
        candidate=Count("draws", filter=Q(draws__is_candidate=True)),
    )  # fmt: skip
    return {pk: (owner, candidate) for pk, owner, candidate in told}
