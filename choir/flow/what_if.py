"""What if: the last 90 days under a proposed matrix: whose work it would be, how soon it would be answered, what that
would cost, and which skills and languages would be missing.

The replay says where conversations would go; each department's record at an objective says how it would fare with
them. That is no experiment: departments had other conversations than they would have, and more work makes slower.
Work on a conversation is how many answers it took times the recorded work on an answer (handle time). Only where too
little of it was recorded it is an assumption per conversation, shared out by how many answers each took.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.db.models import Avg

from choir.flow.records import DRAWS, FRACTIONS, SEED, Effort, Floats, Records, records_of
from choir.flow.staffing import Staffing, staffing_of
from choir.flow.traffic import LOOKS_BACK, Placed, Traffic, traffic
from choir.people.models import Membership, Skill, SkillKind, Team, Workspace
from choir.routing.decide import Cell
from choir.strategy.fit import Interval

WEEKS = LOOKS_BACK / dt.timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Assuming:
    """What the record does not tell: minutes of work in the average conversation, where no handle time is recorded,
    and hours a week that a person has for conversations."""

    minutes: float = 12.0
    hours: float = 30.0


@dataclass
class Load:
    """A team's week, before and after; `capacity_hours` is what its people have."""

    team: Team
    capacity_hours: float
    n: list[int] = field(default_factory=lambda: [0, 0])
    hours: list[float] = field(default_factory=lambda: [0.0, 0.0])

    @property
    def is_over(self) -> bool:
        """Whether its people would have more to do than hours."""
        return self.hours[1] > self.capacity_hours

    @property
    def changes(self) -> bool:
        """Whether the draft moves anything here."""
        return self.n[0] != self.n[1]


@dataclass(frozen=True, slots=True)
class Expected:
    """One figure before and after with ranges that hold four of five, and the difference (for times as a ratio)."""

    before: Interval
    after: Interval
    change: Interval


@dataclass(frozen=True, slots=True)
class Missing:
    """What a department that would get conversations lacks: a `language`, a `topic`, or a `team` with people."""

    department_id: uuid.UUID
    kind: str
    value: str
    n: int


@dataclass(frozen=True, slots=True)
class Consequences:
    """The whole of it. `first_response` is of what moves, `weekly_cost` of everything the matrix places. `recorded` are
    the answers whose handle time was recorded; `assumes_minutes` where that of some conversations had to be assumed."""

    traffic: Traffic
    loads: list[Load]
    first_response: Expected | None
    weekly_cost: Expected | None
    missing: list[Missing]
    borrowed: list[tuple[uuid.UUID, str]]
    recorded: Effort | None
    assumes_minutes: bool


def consequences(
    workspace: Workspace,
    *,
    before: Sequence[Cell],
    after: Sequence[Cell],
    assuming: Assuming = Assuming(),
    at: dt.datetime,
) -> Consequences:
    """Replay the last 90 days under both matrices: a dozen queries, each an aggregate."""
    since = at - LOOKS_BACK
    found = traffic(workspace, before=before, after=after, since=since, until=at)
    records = records_of(workspace, since=since, until=at)
    staffing = staffing_of(workspace.organisation_id, at=at)
    moved = [one for one in found.placed if one.before != one.after]
    expecting = _Expecting(records, assuming, _hourly(workspace))
    loads = _loads(found.placed, staffing, expecting, assuming)
    return Consequences(
        traffic=found,
        loads=loads,
        first_response=expecting.first_response(moved) if moved else None,
        weekly_cost=expecting.weekly_cost(found.placed) if moved else None,
        missing=_missing(moved, staffing, _topics(workspace)),
        borrowed=sorted({
            (one.after, one.sort.objective) for one in moved
            if one.after and (record := records.of(one.after, one.sort.objective)) and record.is_borrowed
        }, key=str),
        recorded=records.efforts.get((None, None)),
        assumes_minutes=any(
            records.effort(pk, one.sort.objective) is None for one in found.placed for pk in (one.before, one.after)
        ),
    )  # fmt: skip


def at_team(placed: Placed, staffing: Staffing, *, after: bool) -> uuid.UUID | None:
    """The team where a sort's conversations come in, under one of the matrices."""
    department_id = placed.after if after else placed.before
    team = staffing.door(department_id, placed.sort.language) if department_id else None
    return team.pk if team else None


class _Expecting:
    """Mixtures of records: what a whole week would look like if each department kept to its own."""

    def __init__(self, records: Records, assuming: Assuming, hourly: Mapping[uuid.UUID, float]) -> None:
        self.records, self.assuming, self.hourly = records, assuming, hourly
        self._quantiles: dict[tuple[uuid.UUID | None, str], Floats] = {}
        self._worked: dict[tuple[uuid.UUID | None, str], Floats] = {}

    def hours(self, department_id: uuid.UUID | None, objective: str) -> float:
        """Hours of work in a conversation of this objective with this department."""
        record, effort = self.records.of(department_id, objective), self.records.effort(department_id, objective)
        answers = record.answers if record else self.records.usual_answers
        return answers * (effort.seconds / 3600 if effort else self._assumed_hours)

    @property
    def _assumed_hours(self) -> float:
        """Of one answer."""
        return self.assuming.minutes / 60 / self.records.usual_answers

    def first_response(self, placed: Sequence[Placed]) -> Expected | None:
        """The median of some conversations, in working seconds."""
        sides = [self._median(placed, after=after) for after in (False, True)]
        if sides[0] is None or sides[1] is None:
            return None
        ratio = np.maximum(sides[1], 1) / np.maximum(sides[0], 1) - 1
        return Expected(_interval(sides[0]), _interval(sides[1]), _interval(ratio))

    def weekly_cost(self, placed: Sequence[Placed]) -> Expected | None:
        """In the organisation's currency; None where no department's people have an hourly cost."""
        if not self.hourly:
            return None
        before, after = (self._cost(placed, after=after) for after in (False, True))
        return Expected(_interval(before), _interval(after), _interval(after - before))

    def _median(self, placed: Sequence[Placed], *, after: bool) -> Floats | None:
        weights: Counter[tuple[uuid.UUID | None, str]] = Counter()
        for one in placed:
            weights[one.after if after else one.before, one.sort.objective] += one.n
        known = {key: weight for key, weight in weights.items() if self.records.of(*key) is not None}
        if not known:
            return None
        values = np.hstack([self._drawn(key) for key in known])
        each = np.repeat(np.array(list(known.values()), dtype=float), len(FRACTIONS))
        order = np.argsort(values, axis=1)
        reached = np.cumsum(each[order], axis=1)
        place = (reached < reached[:, -1:] / 2).sum(axis=1)
        found: Floats = np.take_along_axis(values, np.take_along_axis(order, place[:, None], 1), 1)[:, 0]
        return found

    def _drawn(self, key: tuple[uuid.UUID | None, str]) -> Floats:
        """Each record is drawn once, so that what does not move is the same on both sides."""
        if key not in self._quantiles:
            record = self.records.of(*key)
            assert record is not None
            self._quantiles[key] = record.drawn(_chance(key))
        return self._quantiles[key]

    def _cost(self, placed: Sequence[Placed], *, after: bool) -> Floats:
        usual = float(np.mean(list(self.hourly.values())))
        total = np.zeros(DRAWS)
        for one in placed:
            key = one.after if after else one.before, one.sort.objective
            hourly = self.hourly.get(key[0], usual) if key[0] else usual
            total = total + one.n / WEEKS * self._hours_drawn(key) * hourly
        return total

    def _hours_drawn(self, key: tuple[uuid.UUID | None, str]) -> Floats:
        if key not in self._worked:
            record, effort, chance = self.records.of(*key), self.records.effort(*key), _chance(key)
            answers = record.answers_drawn(chance) if record else np.full(DRAWS, self.records.usual_answers)
            each = effort.drawn(chance) / 3600 if effort else np.full(DRAWS, self._assumed_hours)
            self._worked[key] = answers * each
        return self._worked[key]


def _chance(key: tuple[uuid.UUID | None, str]) -> np.random.Generator:
    """Of its own for each record, the same each time."""
    seeds = [SEED, (key[0].int if key[0] else 0) % 2**63, int.from_bytes(key[1].encode()[:7], "big")]
    return np.random.default_rng(seeds)


def _interval(draws: Floats) -> Interval:
    low, middle, high = np.quantile(draws, [0.1, 0.5, 0.9])
    return Interval(float(low), float(middle), float(high))


def _loads(placed: Sequence[Placed], staffing: Staffing, expecting: _Expecting, assuming: Assuming) -> list[Load]:
    shares = Counter(person.id for people in staffing.candidates.values() for person in people)
    loads: dict[uuid.UUID, Load] = {}
    for one in placed:
        for side, department_id in enumerate((one.before, one.after)):
            pk = at_team(one, staffing, after=bool(side))
            if pk is None:
                continue
            if pk not in loads:
                people = sum(1 / shares[person.id] for person in staffing.candidates.get(pk, []))
                loads[pk] = Load(staffing.teams[pk], people * assuming.hours)
            loads[pk].n[side] += one.n
            loads[pk].hours[side] += one.n / WEEKS * expecting.hours(department_id, one.sort.objective)
    return sorted(loads.values(), key=lambda load: (not load.changes, -max(load.n), load.team.name))


def _missing(moved: Sequence[Placed], staffing: Staffing, topics: Mapping[uuid.UUID, frozenset[str]]) -> list[Missing]:
    found: Counter[tuple[uuid.UUID, str, str]] = Counter()
    for one in moved:
        if one.after is None:
            continue
        team = staffing.door(one.after, one.sort.language)
        if team is None:
            found[one.after, "team", ""] += one.n
            continue
        if one.sort.language and one.sort.language not in staffing.spoken.get(team.pk, ()):
            found[one.after, "language", one.sort.language] += one.n
        if one.sort.topic and one.sort.topic not in topics.get(one.after, ()):
            found[one.after, "topic", one.sort.topic] += one.n
    return [Missing(*key, n) for key, n in found.most_common()]


def _topics(workspace: Workspace) -> dict[uuid.UUID, frozenset[str]]:
    """What somebody in each department knows about."""
    people = Membership.objects.filter(
        team__department__organisation=workspace.organisation_id, person__is_active=True
    ).values_list("team__department_id", "person_id")
    skilled = defaultdict(set)
    for pk, value in Skill.objects.filter(
        person__organisation=workspace.organisation_id, kind=SkillKind.TOPIC
    ).values_list("person_id", "value"):
        skilled[pk].add(value)
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    for department_id, pk in people:
        found[department_id] |= skilled.get(pk, set())
    return {pk: frozenset(values) for pk, values in found.items()}


def _hourly(workspace: Workspace) -> dict[uuid.UUID, float]:
    """The mean hourly cost of each department's people, where it is known."""
    people = Membership.objects.filter(
        team__department__organisation=workspace.organisation_id,
        person__is_active=True,
        person__hourly_cost__isnull=False,
    )
    told = people.values_list("team__department_id").annotate(cost=Avg("person__hourly_cost"))
    return {pk: float(cost) for pk, cost in told.order_by()}
