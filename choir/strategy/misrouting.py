"""Misrouting: what was handed from department to department, what that cost, and what would have avoided it.

For each pair of departments the change is proposed that the past supports best: another owner for a part of the
objective (by topic or language), a rule on a word, or, where neither fits, more taught examples. Its effect is counted
on the same past: hand-overs spared, less conversations of any department taken away from where they were answered.

Of hundreds of words some are in three hand-overs and in nothing else by chance alone. So a word is proposed only where
that is unlikely (Fisher's exact test, one-sided) for all the words together that were looked at (Bonferroni).
"""

from __future__ import annotations

import datetime as dt
import math
import statistics
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from choir.inbox.models import Conversation, Direction, Handover, Message
from choir.people.models import Department, Workspace
from choir.routing.rules.decide import levelled
from choir.triage.function_words import says_nothing

PAIRS = 6
EXAMPLES = 4
LOOKED_AT_MOST = 3000
SUPPORT = 3  # hand-overs that another owner must spare at least, more than it would misplace
WORD_SUPPORT = 5  # and a rule on a word
WORD_LETTERS = 4
CHANCE = 0.05  # that any of the words looked at separates so well without a reason
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


@dataclass(frozen=True, slots=True)
class Handed:
    """One conversation that was handed over: the departments that gave it away in their order and the one it came to
    last, when that was, and how long the customer had waited by then (None: it has no first message)."""

    conversation_id: uuid.UUID
    way: tuple[uuid.UUID, ...]
    last_at: dt.datetime
    lost_seconds: float | None

    @property
    def times(self) -> int:
        """How often it was handed over."""
        return len(self.way) - 1

    @property
    def came_back(self) -> bool:
        """Whether a department got back what it had given away."""
        return len(set(self.way)) < len(self.way)


class _Step(NamedTuple):
    """A hand-over of a conversation, and when that began."""

    conversation_id: uuid.UUID
    giver_id: uuid.UUID
    taker_id: uuid.UUID
    at: dt.datetime
    began_at: dt.datetime | None


Chains = dict[uuid.UUID, list[_Step]]


def misrouting_of(workspace: Workspace, *, since: dt.datetime) -> Misrouting:
    """Hand-overs since a time, and the pairs between which there were most. A handful of queries."""
    chains = _chains(workspace, since)
    handed = _handed(chains)
    owned = Conversation.objects.filter(workspace=workspace, first_inbound_at__gte=since, department__isnull=False)
    lost = [one.lost_seconds for one in handed if one.lost_seconds is not None]
    found = Misrouting(
        conversations=owned.count(),
        handed_over=len(handed),
        ping_pong=sum(one.came_back for one in handed),
        lost_seconds_median=statistics.median(lost) if lost else 0.0,
        lost_hours=sum(lost) / 3600,
    )
    found.pairs = _pairs(workspace, chains, since=since)
    return found


def handed_since(workspace: Workspace, since: dt.datetime) -> list[Handed]:
    """The conversations behind it, last handed over first."""
    return sorted(_handed(_chains(workspace, since)), key=lambda one: one.last_at, reverse=True)


def _chains(workspace: Workspace, since: dt.datetime) -> Chains:
    chains: Chains = defaultdict(list)
    rows = Handover.objects.filter(workspace=workspace, at__gte=since).order_by("at", "id")
    for row in rows.values_list(
        "conversation_id", "from_department_id", "to_department_id", "at", "conversation__first_inbound_at"
    ):
        chains[row[0]].append(_Step(*row))
    return chains


def _handed(chains: Chains) -> list[Handed]:
    found = []
    for pk, chain in chains.items():
        last = chain[-1]
        lost = (last.at - last.began_at).total_seconds() if last.began_at is not None else None
        found.append(Handed(pk, (*(step.giver_id for step in chain), last.taker_id), last.at, lost))
    return found


def _pairs(workspace: Workspace, chains: Chains, *, since: dt.datetime) -> list[Pair]:
    """Counted are all of them; a change is tried on the newest."""
    counts: Counter[tuple[uuid.UUID, uuid.UUID]] = Counter()
    of: dict[tuple[uuid.UUID, uuid.UUID], list[uuid.UUID]] = defaultdict(list)
    for pk, chain in chains.items():
        for step in chain:
            counts[step.giver_id, step.taker_id] += 1
            of[step.giver_id, step.taker_id].append(pk)
    ranked = [pair for pair, _ in counts.most_common(PAIRS)]
    departments = {one.pk: one for one in Department.objects.filter(organisation=workspace.organisation_id)}
    newest = sorted(chains, key=lambda pk: chains[pk][-1].at)[-LOOKED_AT_MOST:]
    handed = {one.id: one for one in _past(Conversation.objects.filter(pk__in=newest))}
    kept = _past(
        Conversation.objects.filter(workspace=workspace, first_inbound_at__gte=since, department__isnull=False)
        .exclude(Exists(Handover.objects.filter(conversation=OuterRef("pk"), at__gte=since)))
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
                _elsewhere(kept, handed, set(of[giver, taker]), taker),
            ),
            examples=[shown[pk] for pk in dict.fromkeys(of[giver, taker][-EXAMPLES:]) if pk in shown],
        )
        for giver, taker in ranked
    ]


def _elsewhere(
    kept: Sequence[Past], handed: Mapping[uuid.UUID, Past], given: set[uuid.UUID], taker: uuid.UUID
) -> list[Past]:
    """What belongs with others than the taker: a change that catches it takes it away from where it was answered."""
    others = (*kept, *(one for pk, one in handed.items() if pk not in given))
    return [one for one in others if one.department_id != taker]


def _past(conversations: QuerySet[Conversation]) -> list[Past]:
    rows = list(conversations.select_related("reading"))
    began = first_said([one.pk for one in rows])
    return [
        Past(
            one.pk,
            one.reading.objective,
            one.reading.topic,
            one.reading.language,
            _words_of(began.get(one.pk, "")),
            one.department_id,
        )
        for one in rows
        if one.reading is not None
    ]


def _words_of(text: str) -> frozenset[str]:
    """The words of a text that a rule may stand on, and each two of them that stand side by side."""
    words = levelled(text).split()
    telling = {word for word in words if len(word) >= WORD_LETTERS and not word.isdigit() and not says_nothing(word)}
    pairs = (f"{one} {two}" for one, two in pairwise(words) if one in telling and two in telling)
    return frozenset((*telling, *pairs))


def first_said(conversations: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What the customer said first in each conversation: by that it was placed."""
    said = Message.objects.filter(conversation__in=conversations, direction=Direction.INBOUND)
    firsts = said.order_by("conversation_id", "at", "id").distinct("conversation_id")
    return dict(firsts.values_list("conversation_id", "text"))


def proposed(handed: Sequence[Past], kept: Sequence[Past]) -> Change:
    """The change that would have spared most, less what it would have misplaced."""
    cells = _best(handed, kept, lambda one: {(one.objective, one.topic, ""), (one.objective, one.topic, one.language)})
    said = _best(handed, kept, lambda one: {(word, "", "") for word in one.words})
    words = [one for one in _unlikely(said, len(handed), len(kept)) if one[1] >= WORD_SUPPORT]
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


def _unlikely(found: Sequence[tuple[Key, int, int]], handed: int, kept: int) -> list[tuple[Key, int, int]]:
    """The words that separate better than the best of so many would by chance."""
    return [one for one in found if chance_of_words(one[1], one[2], handed, kept) * len(found) < CHANCE]


def chance_of_words(spared: int, misplaced: int, handed: int, kept: int) -> float:
    """How often a word that says nothing is in at least `spared` of the `handed`, of all that have it: the
    hypergeometric distribution's upper tail (Fisher 1935)."""
    having, every = spared + misplaced, handed + kept
    ways = (math.comb(handed, n) * math.comb(kept, having - n) for n in range(spared, min(handed, having) + 1))
    return sum(ways) / math.comb(every, having)


def _worth(found: Sequence[tuple[Key, int, int]]) -> tuple[Key, int, int] | None:
    """The best of those that spare enough, and twice what they misplace; the wider scope, or the words that say more,
    where it is equally good."""
    good = [one for one in found if one[1] >= SUPPORT and one[1] >= TWICE * one[2]]
    return max(good, key=lambda one: (one[1] - one[2], not one[0][2], one[1], len(one[0][0]), one[0]), default=None)


def _gain(found: tuple[Key, int, int] | None) -> int:
    return found[1] - found[2] if found is not None else 0
