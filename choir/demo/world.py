"""What all threads share while history is retold: the company, its people as routing sees them, and what comes next."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import random
import uuid
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any

from choir.demo.case import Case
from choir.demo.company import Company
from choir.demo.content import Thread
from choir.demo.rows import Rows
from choir.demo.understanding import Fitting
from choir.events.actions import event
from choir.flow.owning import Organised
from choir.flow.staffing import staffing_of
from choir.inbox.models import Conversation
from choir.outbound.models import ApprovalPolicy
from choir.people.models import Person
from choir.pilots.models import Pilot
from choir.pilots.queries import drawing, timed
from choir.routing.choose import Candidate
from choir.routing.decide import Cell
from choir.routing.models import Ownership
from choir.routing.queries import cells_in_force, promises_of
from choir.routing.rules.models import Rule
from choir.routing.rules.queries import insisting
from choir.triage.encoder import Matrix
from choir.triage.queries import terms_of

Happening = Callable[["World", Case, dt.datetime], None]


class World:
    """The stage. Things happen in the order of their times, over all threads, so that who is busy is true."""

    def __init__(self, company: Company, rows: Rows, *, chance: random.Random, at: dt.datetime) -> None:
        self.company, self.rows, self.chance, self.at = company, rows, chance, at
        self.staffing = staffing_of(company.organisation.pk, at=at)
        self.members: dict[uuid.UUID, list[Candidate]] = dict(self.staffing.candidates)
        self.everybody = {one.id: one for members in self.members.values() for one in members}
        self.shift_on: dt.date | None = None  # the day that what people were given is counted for
        self.is_online = {pk: one.is_online for pk, one in self.everybody.items()}
        self.by_id: dict[uuid.UUID, Person] = {person.pk: person for person in company.people.values()}
        self.slugs = {one.pk: slug for slug, one in company.departments.items()}
        self.knows: dict[uuid.UUID, uuid.UUID] = {}  # customer → the person who last worked with them
        self.terms = terms_of({company.workspace.pk})[company.workspace.pk]
        self.fitting: dict[int, Fitting] = {}  # by the identity of a read
        self.vectors: dict[str, Matrix] = {}  # the encoder's, of what customers said
        self.policies = list(ApprovalPolicy.objects.filter(organisation=company.organisation).order_by("name"))
        self._changes = sorted(
            set(Ownership.objects.filter(organisation=company.organisation).values_list("effective_from", flat=True))
        )
        self._cells: dict[int, list[Cell]] = {}
        self._promises = promises_of(company.organisation)
        self._rules = list(Rule.objects.filter(workspace=company.workspace).in_force())
        self._trials = timed(Pilot.objects.filter(workspace=company.workspace), company.organisation.pk)
        self.drawn: set[uuid.UUID] = set()
        self._coming: list[tuple[dt.datetime, int, Happening, Case]] = []
        self._numbers = itertools.count()

    def plan(self, at: dt.datetime, happening: Happening, case: Case) -> None:
        """Let something happen at a time; what would happen after now does not."""
        if at <= self.at:
            heapq.heappush(self._coming, (at, next(self._numbers), happening, case))

    def run(self) -> None:
        """Let everything happen."""
        while self._coming:
            at, _, happening, case = heapq.heappop(self._coming)
            happening(self, case, at)

    def person(self, name: str) -> Person:
        """Somebody by name."""
        return self.company.people[name]

    def organised(self, at: dt.datetime) -> Organised:
        """What routing knows at a moment: the matrix as it stood then."""
        return Organised(
            cells=self._matrix(at),
            promises=self._promises,
            objectives=self.company.objectives,
            departments={one.pk: one for one in self.company.departments.values()},
            floors={self.company.workspace.pk: self.company.plan["confidence_floor"]},
            staffing=self.staffing,
            clocks={},
            rules={self.company.workspace.pk: [insisting(one) for one in self._rules if one.changed_at <= at]},
            trials=drawing(self._trials, at=at),
        )

    def side_wanted(self, thread: Thread, row: Conversation) -> bool:
        """Whether chance gave the conversation to those who answer in its text."""
        about = self.company.plan["pilot"]["story"]
        return thread.topic != about or all(
            one.trial.gives(row.pk) == (self.slugs[one.trial.candidate_id] == thread.department) for one in self._trials
        )

    def _matrix(self, at: dt.datetime) -> list[Cell]:
        """The ownership matrix of a moment, read once between two changes of it."""
        changes = bisect_right(self._changes, at)
        if changes not in self._cells:
            self._cells[changes] = cells_in_force(self.company.organisation.pk, at=at)
        return self._cells[changes]

    def tell(
        self,
        case: Case,
        verb: str,
        *,
        at: dt.datetime,
        by: Person | None = None,
        because: str = "",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        """Record an event about a conversation, as `choir.inbox.actions.tell` does."""
        row = case.conversation
        place: dict[str, Any] = {"department": str(row.department_id or ""), "team": str(row.team_id or "")}
        self.rows.add(
            event(
                verb=verb,
                subject=row,
                organisation_id=self.company.organisation.pk,
                workspace_id=self.company.workspace.pk,
                at=at,
                by=by,
                because=because,
                facts=place | dict(facts or {}),
            ),
            at=at,
        )

    def before(self, case: Case, at: dt.datetime, *, most_minutes: float) -> dt.datetime:
        """A moment shortly before `at`, after whatever happened last in the case."""
        room = max((at - case.happened_at) / 2, dt.timedelta())
        return at - min(room, dt.timedelta(minutes=self.chance.uniform(0.3, 1) * most_minutes))
