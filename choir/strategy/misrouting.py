"""Misrouting: what was handed from department to department, what that cost, and what would have avoided it.

For each pair of departments the change is proposed that the past supports best: another owner for a part of the
objective (by topic or language), a rule on a word, or, where neither fits, more taught examples. Its effect is counted
on the same past: hand-overs spared, less conversations taken away from where they were answered.
"""

from __future__ import annotations

import datetime as dt
import statistics
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from choir.inbox.models import Conversation, Direction, Handover, Message
from choir.people.models import Department, Workspace
from choir.routing.rules.decide import levelled

PAIRS = 6
EXAMPLES = 4
LOOKED_AT_MOST = 3000
SUPPORT = 3  # hand-overs that a change must spare at least, more than it would misplace
WORD_LETTERS = 4
TWICE = 2  # a change must spare at least so many hand-overs for each conversation that it misplaces


@dataclass(frozen=True, slots=True)
class Change:
    """A proposed change and what it would have done to the past."""

    kind: str  # cell, rule or examples
    objective: str = ""
    topic: str = ""
    language: str = ""
    word: str = ""
    spared: int = 0
    misplaced: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """One department gave to another, so often."""

    giver: Department
    taker: Department
    count: int
    back: int
    change: Change
    examples: list[Conversation]


@dataclass
class Misrouting:
    """The whole of it over a period."""

    conversations: int = 0
    handed_over: int = 0
    ping_pong: int = 0
    lost_seconds_median: float = 0.0
    lost_hours: float = 0.0
    pairs: list[Pair] = field(default_factory=list)

    @property
    def percent(self) -> float:
        """Of the conversations somebody had, the share handed over."""
        return 100 * self.handed_over / self.conversations if self.conversations else 0.0


@dataclass(frozen=True, slots=True)
class Past:
    """One past conversation as changes are tried on."""

    id: uuid.UUID
    objective: str
    topic: str
    language: str
    words: frozenset[str]
    department_id: uuid.UUID | None


def misrouting_of(workspace: Workspace, *, since: dt.datetime) -> Misrouting:
    """Hand-overs since a time, and the pairs between which there were most. A handful of queries."""
    chains: dict[uuid.UUID, list[Handover]] = defaultdict(list)
    for one in Handover.objects.filter(workspace=workspace, at__gte=since).order_by("at", "id")[:LOOKED_AT_MOST]:
        chains[one.conversation_id].append(one)
    owned = Conversation.objects.filter(workspace=workspace, first_inbound_at__gte=since, department__isnull=False)
    began = dict(Conversation.objects.filter(pk__in=chains).values_list("pk", "first_inbound_at"))
    lost = [(chain[-1].at - at).total_seconds() for pk, chain in chains.items() if (at := began.get(pk)) is not None]
    found = Misrouting(
        conversations=owned.count(),
        handed_over=len(chains),
        ping_pong=sum(_came_back(chain) for chain in chains.values()),
        lost_seconds_median=statistics.median(lost) if lost else 0.0,
        lost_hours=sum(lost) / 3600,
    )
    found.pairs = _pairs(workspace, chains, since=since)
    return found


def _came_back(chain: Sequence[Handover]) -> bool:
    """Whether a department got back what it had given away."""
    gave: set[uuid.UUID] = set()
    for one in chain:
        if one.to_department_id in gave:
            return True
        gave.add(one.from_department_id)
    return False


def _pairs(workspace: Workspace, chains: dict[uuid.UUID, list[Handover]], *, since: dt.datetime) -> list[Pair]:
    counts: Counter[tuple[uuid.UUID, uuid.UUID]] = Counter()
    of: dict[tuple[uuid.UUID, uuid.UUID], list[uuid.UUID]] = defaultdict(list)
    for pk, chain in chains.items():
        for one in chain:
            pair = (one.from_department_id, one.to_department_id)
            counts[pair] += 1
            of[pair].append(pk)
    ranked = [pair for pair, _ in counts.most_common(PAIRS)]
    departments = {one.pk: one for one in Department.objects.filter(organisation=workspace.organisation_id)}
    handed = {one.id: one for one in _past(Conversation.objects.filter(pk__in=chains))}
    givers = {giver for giver, _ in ranked}
    kept = _past(
        Conversation.objects.filter(workspace=workspace, first_inbound_at__gte=since, department__in=givers)
        .exclude(pk__in=chains)
        .order_by("-last_message_at")[:LOOKED_AT_MOST]
    )
    shown = Conversation.objects.in_bulk({pk for pair in ranked for pk in of[pair][-EXAMPLES:]})
    return [
        Pair(
            giver=departments[giver],
            taker=departments[taker],
            count=counts[giver, taker],
            back=counts[taker, giver],
            change=proposed(
                [handed[pk] for pk in of[giver, taker] if pk in handed],
                [one for one in kept if one.department_id == giver],
            ),
            examples=[shown[pk] for pk in dict.fromkeys(of[giver, taker][-EXAMPLES:]) if pk in shown],
        )
        for giver, taker in ranked
    ]


def _past(conversations: QuerySet[Conversation]) -> list[Past]:
    rows = list(conversations.select_related("reading"))
    began = first_said([one.pk for one in rows])
    return [
        Past(
            one.pk,
            one.reading.objective,
            one.reading.topic,
            one.reading.language,
            frozenset(word for word in levelled(began.get(one.pk, "")).split() if len(word) >= WORD_LETTERS),
            one.department_id,
        )
        for one in rows
        if one.reading is not None
    ]


def first_said(conversations: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What the customer said first in each conversation: by that it was placed."""
    said = Message.objects.filter(conversation__in=conversations, direction=Direction.INBOUND)
    firsts = said.order_by("conversation_id", "at", "id").distinct("conversation_id")
    return dict(firsts.values_list("conversation_id", "text"))


def proposed(handed: Sequence[Past], kept: Sequence[Past]) -> Change:
    """The change that would have spared most, less what it would have misplaced."""
    cells = _best(handed, kept, lambda one: {(one.objective, one.topic, ""), (one.objective, one.topic, one.language)})
    words = _best(handed, kept, lambda one: {(word, "", "") for word in one.words})
    best_cell = _worth(cells)
    if best_cell is not None and best_cell[1] - best_cell[2] >= _gain(_worth(words)):
        (objective, topic, language), spared, misplaced = best_cell
        return Change("cell", objective, topic, language, spared=spared, misplaced=misplaced)
    if (best_word := _worth(words)) is not None:
        (word, _, _), spared, misplaced = best_word
        return Change("rule", word=word, spared=spared, misplaced=misplaced)
    return Change("examples", spared=0, misplaced=0)


Key = tuple[str, str, str]


def _best(handed: Sequence[Past], kept: Sequence[Past], keys: Callable[[Past], set[Key]]) -> list[tuple[Key, int, int]]:
    gains, losses = Counter[Key](), Counter[Key]()
    for rows, counted in ((handed, gains), (kept, losses)):
        for one in rows:
            counted.update(keys(one))
    return [(key, spared, losses[key]) for key, spared in gains.items()]


def _worth(found: Sequence[tuple[Key, int, int]]) -> tuple[Key, int, int] | None:
    """The best of those that spare enough, and twice what they misplace; the wider scope where it is equally good."""
    good = [one for one in found if one[1] >= SUPPORT and one[1] >= TWICE * one[2]]
    return max(good, key=lambda one: (one[1] - one[2], not one[0][2], one[0]), default=None)


def _gain(found: tuple[Key, int, int] | None) -> int:
    return found[1] - found[2] if found is not None else 0
