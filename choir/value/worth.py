"""Value per goal: what was counted × what is assumed, less what it cost; and what nobody may claim.

An objective that several goals name counts for each of them in equal parts, so that nothing is claimed or charged
twice. What belongs to no goal is shown and charged too: the costs of all parts add up to all that was spent.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from choir.conversions.models import ConversionKind
from choir.measurement.question import Period
from choir.people.models import Workspace
from choir.strategy.models import Goal, Initiative, Purpose
from choir.value.assuming import Key, Range, assumptions, range_of
from choir.value.counting import Counted, Objective, Work, counted
from choir.value.estimate import NOTHING, Spread, Swing, Term, spread, tornado
from choir.value.models import CountsFor

AROUND = Key("around_work")
HOUR, MINUTES = Key("hour_cost"), Key("answer_minutes")
CLAIMS: Mapping[str, frozenset[str]] = {
    Purpose.GROW: frozenset({"conversions"}),
    Purpose.KEEP: frozenset({"conversions", "kept", "settled"}),
    Purpose.SAVE: frozenset({"conversions", "settled"}),
    Purpose.PROTECT: frozenset(),
    Purpose.HIRE: frozenset({"conversions"}),
}
"""What may be claimed in money for which purpose. A good name has no price that anybody could check."""


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a goal's account. `what` names it; `kind` or `initiative` say of which; `n` was counted (pieces,
    hours or money, as `what` says)."""

    what: str
    n: float
    term: Term
    amount: Spread | None  # None: something it needs has not been assumed
    missing: tuple[Key, ...] = ()
    kind: ConversionKind | None = None
    initiative: Initiative | None = None


@dataclass(slots=True)
class Account:
    """What one goal brought and cost in a period; without a goal: the work and money that served none."""

    goal: Goal | None
    parts: list[Part] = field(default_factory=list)
    benefit: Spread = NOTHING
    cost: Spread = NOTHING
    net: Spread = NOTHING
    swings: list[Swing] = field(default_factory=list)

    @property
    def benefits(self) -> list[Part]:
        """What it brought."""
        return [one for one in self.parts if not one.term.is_cost]

    @property
    def costs(self) -> list[Part]:
        """What it cost."""
        return [one for one in self.parts if one.term.is_cost]

    @property
    def claims_nothing(self) -> bool:
        """Whether its purpose has no price."""
        return self.goal is not None and not CLAIMS[self.goal.purpose]

    @property
    def cost_is_partial(self) -> bool:
        """Whether a cost could not be worked out, so that the result is too good."""
        return any(one.missing for one in self.costs)


@dataclass(frozen=True)
class Value:
    """All accounts of a period, the sum of them, and what of it stands beside the claim."""

    accounts: list[Account]
    total: Account
    known: Mapping[Key, Range]
    counted: Counted
    kinds: Mapping[uuid.UUID, ConversionKind]
    goal_of: Mapping[uuid.UUID, uuid.UUID]  # kind → goal

    def account_of(self, goal: Goal) -> Account | None:
        """One goal's."""
        return next((one for one in self.accounts if one.goal is not None and one.goal.pk == goal.pk), None)


def value_of(workspace: Workspace, period: Period) -> Value:
    """Work it out: a dozen queries, however many goals there are."""
    goals = list(standing_goals(workspace))
    known = {key: range_of(row) for key, row in assumptions(workspace).items()}
    kinds = {one.pk: one for one in ConversionKind.objects.filter(workspace=workspace)}
    goal_of = dict(CountsFor.objects.filter(kind__in=kinds).values_list("kind_id", "goal_id"))
    initiatives = {one.pk: one for one in Initiative.objects.filter(workspace=workspace)}
    found = counted(workspace, period)
    desk = _Desk(found, known, kinds, goal_of, initiatives, weights_of(goals))
    accounts = {one.pk: Account(one) for one in goals}
    loose = Account(None)
    for account in (*accounts.values(), loose):
        share = _of_goal(desk.weights, account.goal)
        _benefits(account, desk, share)
        _people(account, _merged(found.work, share), known)
    _money(accounts, loose, desk)
    everything = [*accounts.values(), *([loose] if loose.parts else [])]
    for account in everything:
        _sum(account, known)
    total = Account(None, [part for account in everything for part in account.parts])
    _sum(total, known)
    return Value(everything, total, known, found, kinds, goal_of)


def standing_goals(workspace: Workspace) -> QuerySet[Goal]:
    """Those that have not been ended, with their objectives."""
    return Goal.objects.filter(workspace=workspace, ended_at=None).prefetch_related("objectives").order_by("name")


def weights_of(goals: Iterable[Goal]) -> dict[Objective, dict[uuid.UUID, float]]:
    """Objective → the goals that name it, with their equal parts."""
    named: dict[Objective, list[uuid.UUID]] = {}
    for goal in goals:
        for objective in goal.objectives.all():
            named.setdefault(objective.pk, []).append(goal.pk)
    return {objective: dict.fromkeys(ids, 1 / len(ids)) for objective, ids in named.items()}


@dataclass(frozen=True, slots=True)
class _Desk:
    """Everything that accounts are made of."""

    found: Counted
    known: Mapping[Key, Range]
    kinds: Mapping[uuid.UUID, ConversionKind]
    goal_of: Mapping[uuid.UUID, uuid.UUID]
    initiatives: Mapping[uuid.UUID, Initiative]
    weights: Mapping[Objective, Mapping[uuid.UUID, float]]


@dataclass(frozen=True, slots=True)
class _Share:
    """How much of each objective is one account's."""

    weights: Mapping[Objective, Mapping[uuid.UUID, float]]
    goal_id: uuid.UUID | None

    def of(self, objective: Objective) -> float:
        named = self.weights.get(objective, {})
        if self.goal_id is None:
            return 0.0 if named else 1.0
        return named.get(self.goal_id, 0.0)


def _of_goal(weights: Mapping[Objective, Mapping[uuid.UUID, float]], goal: Goal | None) -> _Share:
    return _Share(weights, goal.pk if goal else None)


def _benefits(account: Account, work: _Desk, share: _Share) -> None:
    found, known = work.found, work.known
    goal = account.goal
    if goal is None:
        return
    claims = CLAIMS[goal.purpose]
    for one in found.conversions if "conversions" in claims else ():
        if work.goal_of.get(one.kind_id) != goal.pk:
            continue
        kind, caused = work.kinds[one.kind_id], Key("caused", goal.pk)
        if one.amount:
            term = Term(one.amount, (Key("margin", goal.pk), caused))
            _add(account, "amount", one.touched - one.bare, term, known, kind=kind)
        if one.bare:
            _add(account, "pieces", one.bare, Term(one.bare, (Key("each", kind.pk), caused)), known, kind=kind)
    for what, counts, needs in (
        ("settled", found.settled, (Key("deflected", goal.pk), Key("contact_cost", goal.pk))),
        ("kept", found.brought_round, (Key("kept", goal.pk), Key("customer_year", goal.pk))),
    ):
        n = sum(count * share.of(objective) for objective, count in counts.items())
        if what in claims and n:
            _add(account, what, n, Term(n, needs), known)


def _merged(work: Mapping[Objective, Work], share: _Share) -> Work:
    """The work of an account's objectives, each in its part."""
    merged = Work()
    for objective, one in work.items():
        part = share.of(objective)
        for name in Work.__slots__:
            setattr(merged, name, getattr(merged, name) + part * getattr(one, name))
    return merged


def _people(account: Account, work: Work, known: Mapping[Key, Range]) -> None:
    def cost(what: str, n: float, base: float, *needs: Key) -> None:
        if base:
            _add(account, what, n, Term(base, needs, is_cost=True, if_known=(AROUND,)), known)

    cost("work", work.seconds / 3600 - work.uncosted_hours, work.cost)
    cost("work_uncosted", work.uncosted_hours, work.uncosted_hours, HOUR)
    cost("unrecorded", work.unrecorded - work.unrecorded_uncosted, work.unrecorded_minute_cost, MINUTES)
    cost("unrecorded_uncosted", work.unrecorded_uncosted, work.unrecorded_uncosted / 60, MINUTES, HOUR)


def _money(accounts: Mapping[uuid.UUID, Account], loose: Account, desk: _Desk) -> None:
    """Spend of an initiative goes to its goal; what was spent for everything goes where the answers went."""
    found, known = desk.found, desk.known
    for pk, amount in found.paid.items():
        initiative = desk.initiatives[pk]
        account = accounts.get(initiative.goal_id, loose) if initiative.goal_id else loose
        _add(account, "paid", amount, Term(amount, is_cost=True), known, initiative=initiative)
    answers = sum(one.answers for one in found.work.values())
    for account in (*accounts.values(), loose) if found.shared else ():
        mine = _merged(found.work, _of_goal(desk.weights, account.goal)).answers
        part = found.shared * mine / answers if answers else (found.shared if account is loose else 0.0)
        if part:
            _add(account, "shared", part, Term(part, is_cost=True), known)


def _add(
    account: Account,
    what: str,
    n: float,
    term: Term,
    known: Mapping[Key, Range],
    *,
    kind: ConversionKind | None = None,
    initiative: Initiative | None = None,
) -> None:
    missing = tuple(term.missing(known))
    amount = None if missing else spread([Term(term.base, term.needs, False, term.if_known)], known)
    account.parts.append(Part(what, n, term, amount, missing, kind, initiative))


def _sum(account: Account, known: Mapping[Key, Range]) -> None:
    account.benefit = spread([one.term for one in account.benefits], known)
    account.cost = spread(
        [Term(one.term.base, one.term.needs, False, one.term.if_known) for one in account.costs], known
    )
    account.net = spread([one.term for one in account.parts], known)
    account.swings = tornado([one.term for one in account.parts], known)
