"""Choosing conversations for spread. Pure: candidates with their facets in, the chosen in order with reasons out.

Each choice adds the candidate that brings most of what the chosen lack: a facet's value counts √(how often it was
chosen), so that the first in Japanese adds more than the second and the second more than the third. That sum is
submodular, so choosing greedily comes within 1 − 1/e of the best choice there is (Nemhauser, Wolsey and Fisher 1978).
Equal candidates are told apart by how much they say, then by their id: the same week always gives the same list.
"""

from __future__ import annotations

import math
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COUNT = 10
WEIGHTS: Mapping[str, float] = {
    "objective": 1.0,
    "mood": 1.0,
    "stage": 1.0,
    "language": 1.0,
    "reach": 0.8,
    "place": 0.5,
}
SUBSTANCE = 0.25  # what a candidate that says much adds, beside one that says nothing
RARE = 3  # a value that so many of the chosen have, or fewer, is a reason


@dataclass(frozen=True, slots=True)
class Candidate:
    """One conversation: whose it is, its facets (an empty value counts for nothing), and how much it says, 0 to 1."""

    conversation_id: uuid.UUID
    customer_id: uuid.UUID
    facets: Mapping[str, str]
    substance: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """One that was chosen, with its rarest facets among the chosen: facet, value, how many of them have it."""

    candidate: Candidate
    reasons: tuple[tuple[str, str, int], ...]


def choose(candidates: Sequence[Candidate], count: int = COUNT) -> list[Chosen]:
    """At most `count`, no customer twice, in the order in which they were chosen."""
    taken: list[Candidate] = []
    counts: Counter[tuple[str, str]] = Counter()
    left = sorted(candidates, key=lambda one: one.conversation_id)
    while left and len(taken) < count:
        best = max(left, key=lambda one: gain(one, counts))  # of equals the first, which is the oldest
        taken.append(best)
        counts.update(_values(best))
        left = [one for one in left if one.customer_id != best.customer_id]
    return [Chosen(one, _reasons(one, counts)) for one in taken]


def gain(candidate: Candidate, counts: Mapping[tuple[str, str], int]) -> float:
    """What a candidate adds to what was chosen, of which `counts` says how often it has each value."""
    spread = sum(
        WEIGHTS[facet] * (math.sqrt(counts.get((facet, value), 0) + 1) - math.sqrt(counts.get((facet, value), 0)))
        for facet, value in _values(candidate)
    )
    return spread + SUBSTANCE * candidate.substance


def _values(candidate: Candidate) -> list[tuple[str, str]]:
    return [(facet, candidate.facets[facet]) for facet in WEIGHTS if candidate.facets.get(facet)]


def _reasons(candidate: Candidate, counts: Counter[tuple[str, str]]) -> tuple[tuple[str, str, int], ...]:
    rare = sorted((counts[pair], place, pair) for place, pair in enumerate(_values(candidate)))
    kept = [(facet, value, count) for count, _, (facet, value) in rare if count <= RARE]
    return tuple(kept or [(*rare[0][2], rare[0][0])] if rare else [])
