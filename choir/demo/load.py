"""Loading the demo company: everything in one transaction, relative to now, the same each time but for the time."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from django.db import transaction

from choir.demo import company as invented
from choir.demo import networks, rules
from choir.people.models import Organisation, Person

SEED = 20_617


class AlreadyLoadedError(Exception):
    """The demo company is there already."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much was made."""

    departments: int
    people: int
    channels: int


@transaction.atomic
def load(*, at: dt.datetime) -> Loaded:
    """Make the demo company. Refuses with AlreadyLoadedError when there is one."""
    slug = invented.plan()["slug"]
    if Organisation.objects.filter(slug=slug).exists():
        raise AlreadyLoadedError("The demo company is there already. `choir demo remove` removes it.")
    chance = random.Random(SEED)  # noqa: S311 -- an invented company needs no secrets
    company = invented.found(at=at, chance=chance)
    rules.decide(company, at=at)
    networks.connect(company, at=at - invented.BEFORE)
    return Loaded(
        departments=len(company.departments),
        people=Person.objects.filter(organisation=company.organisation).count(),
        channels=len(company.channels),
    )
