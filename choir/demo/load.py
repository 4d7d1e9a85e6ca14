"""Loading the demo company: everything in one transaction, relative to now, the same each time but for the time."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from django.db import transaction

from choir.customers.models import Customer
from choir.demo import (
    asking,
    committee,
    engaging,
    leading,
    networks,
    overhearing,
    piloting,
    reusing,
    rules,
    strategy,
    understanding,
    value,
)
from choir.demo import company as invented
from choir.demo.content import threads
from choir.demo.history import retell
from choir.demo.rows import Rows
from choir.events.models import Event
from choir.flow.drifting import notice_drift
from choir.flow.learn import learn_in
from choir.inbox.models import Conversation, Message
from choir.journey.following import rebuild as follow_all
from choir.people.models import Organisation
from choir.wake import Step, wake

SEED = 20_617


class AlreadyLoadedError(Exception):
    """The demo company is there already."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much was made."""

    departments: int
    people: int
    channels: int
    customers: int
    conversations: int
    messages: int
    events: int


@transaction.atomic
def load(*, at: dt.datetime) -> Loaded:
    """Make the demo company. Refuses with AlreadyLoadedError when there is one."""
    slug = invented.plan()["slug"]
    if Organisation.objects.filter(slug=slug).exists():
        raise AlreadyLoadedError("The demo company is there already. `choir demo remove` removes it.")
    chance = random.Random(SEED)  # noqa: S311 -- an invented company needs no secrets
    company = invented.found(at=at, chance=chance)
    rules.decide(company, at=at)
    understanding.name(company)
    strategy.plan(company, at=at)
    strategy.ask(company, at=at)
    pilot = piloting.begin(company, at=at)
    committee.meet(company, at=at, chance=random.Random(SEED))  # noqa: S311 -- of its own, so that nothing else shifts
    presences = networks.connect(company, at=at - invented.BEFORE)
    rows = Rows(chance)
    world = retell(threads(), company, presences, rows=rows, chance=chance, at=at)
    overhearing.overhear(company, rows=rows, at=at)
    value.record_work(rows, chance=random.Random(SEED))  # noqa: S311 -- of its own, so that nothing else shifts
    rows.write()
    engaging.be_seen(rows, at=at, chance=random.Random(SEED))  # noqa: S311 -- of its own, like the others
    piloting.conclude(pilot, rows)
    overhearing.listen(company, rows=rows, at=at)
    reusing.reuse(company, rows=rows, at=at)
    understanding.decide(company, at=at)
    value.came_of_it(company, rows=rows, at=at, chance=random.Random(SEED))  # noqa: S311 -- of its own, too
    asking.ask(company, rows=rows, at=at, chance=random.Random(SEED))  # noqa: S311 -- of its own, too
    follow_all(company.workspace, at=at)
    leading.lead(company, at=at)
    while learn_in(company.workspace, at=at, vectors=world.vectors):
        pass
    notice_drift(at=at)
    networks.catch_up(presences)
    wake(Step.SEAL)
    return Loaded(
        departments=len(company.departments),
        people=len(company.people),
        channels=len(company.channels),
        customers=len(rows.of(Customer)),
        conversations=len(rows.of(Conversation)),
        messages=len(rows.of(Message)),
        events=len(rows.of(Event)),
    )
