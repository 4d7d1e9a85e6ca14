"""Judging: would the examples have helped on examples they were not fitted to? Only then they take over.

Every example is answered by a method fitted without it (cross-fitting), and which method that is was
chosen without it too. What stood counts beside what was corrected, each example for as many conversations as it stands
for: examples that people put right are all mistakes, and a head judged on mistakes alone would always seem better.
Of few examples two or three come right by chance; a method that is wrong elsewhere gives itself away by its likelihood.
So a small gain counts only of twenty examples or more, and where the right answers became likelier over all; a clear
one by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from choir.triage.encoder import Matrix
from choir.triage.learning.adapted import LEAST_LIKELY, Method
from choir.triage.learning.fitting import WAYS, Lessons

FOLDS = 5
FOLDS_OF_FEW = 10
FEW = 200
SEED = 7
SURE_ENOUGH = 0.84  # standard errors that the gain must exceed: by chance that happens to one useless head in five
CLEARLY = 1.64  # the same where the right answers became no likelier, or of few examples: one in twenty
FEW_TO_GO_BY = 20  # examples, what stood included, of which a small gain says nothing
CURVE = (10, 50, 200, 1000)  # corrections, after none and before all


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the examples kept back were answered, before and after. Shares are of the workspace's conversations, as far
    as the examples stand for them; `gained` and `lost` count examples."""

    way: str
    examples: int
    stood: int
    before: float
    after: float
    gained: int
    lost: int
    holds: bool
    corrected_after: float = 0.0  # of what people put right, the share that would now be right at once
    by_language: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    curve: list[tuple[int, float]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


def judge(lessons: Lessons, languages: Sequence[str]) -> Judgement:
    """Cross-fit every way, choose, and compare with the shipped answers."""
    folds = np.random.default_rng(SEED).permutation(len(lessons)) % (FOLDS_OF_FEW if len(lessons) < FEW else FOLDS)
    truth = lessons.answers.argmax(axis=1)
    answered = {way: _cross_fitted(way, lessons, folds) for way in WAYS}
    rows = np.arange(len(truth))
    right = {way: said.argmax(axis=1) == truth for way, said in answered.items()}
    losses = {way: -np.log(np.clip(said[rows, truth], LEAST_LIKELY, 1)) for way, said in answered.items()}

    def worth(way: str, where: NDArray[np.bool_]) -> tuple[float, float]:
        """How much is right; of equals, how surely. Sureness alone would take whatever doubts everything."""
        weight = lessons.weight[where]
        return float((right[way][where] * weight).sum()), -float((losses[way][where] * weight).sum())

    is_right, loss = np.zeros(len(truth), dtype=np.bool_), np.zeros(len(truth), dtype=np.float32)
    for fold in np.unique(folds):
        best = max(WAYS, key=lambda way: worth(way, folds != fold))
        is_right[folds == fold], loss[folds == fold] = right[best][folds == fold], losses[best][folds == fold]
    was_right = lessons.shipped.argmax(axis=1) == truth
    was_loss = -np.log(np.clip(lessons.shipped[rows, truth], LEAST_LIKELY, 1))
    way = max(WAYS, key=lambda one: worth(one, np.ones(len(truth), dtype=np.bool_)))
    corrected = lessons.is_corrected > 0
    return Judgement(
        way=way,
        examples=int(corrected.sum()),
        stood=int((~corrected).sum()),
        before=share(was_right, lessons.weight),
        after=share(is_right, lessons.weight),
        gained=int((is_right & ~was_right).sum()),
        lost=int((was_right & ~is_right).sum()),
        holds=holds(
            was_right, is_right, lessons.weight, likelier=float((lessons.weight * (was_loss - loss)).sum()) > 0
        ),
        corrected_after=share(is_right[corrected], lessons.weight[corrected]),
        by_language=_by_language(languages, was_right, is_right, lessons.weight),
        curve=curve(lessons, way, folds, answered[way]),
    )


def fitted(lessons: Lessons, way: str) -> Method:
    """The method that takes over: fitted to every example."""
    return WAYS[way](lessons)


def holds(was_right: NDArray[np.bool_], is_right: NDArray[np.bool_], weight: Matrix, *, likelier: bool = True) -> bool:
    """Whether the gain is more than chance would often give; never where as much is lost as gained. `likelier`: whether
    the right answers became likelier, too."""
    change = weight * (is_right.astype(np.float32) - was_right.astype(np.float32))
    enough = SURE_ENOUGH if likelier and len(weight) >= FEW_TO_GO_BY else CLEARLY
    return bool(change.sum() > enough * np.sqrt((change**2).sum()))


def share(is_right: NDArray[np.bool_], weight: Matrix) -> float:
    """The weighted share that is right; 0 of nothing."""
    total = float(weight.sum())
    return round(float((weight * is_right).sum()) / total, 4) if total else 0.0


def curve(lessons: Lessons, way: str, folds: NDArray[np.int_], answered: Matrix) -> list[tuple[int, float]]:
    """Share right on the examples kept back, each fold in its turn, with the first so many corrections of the others
    and what stood beside them. `answered` is what the way says with all of them: the end of the curve."""
    truth = lessons.answers.argmax(axis=1)
    corrected = lessons.is_corrected > 0
    corrections = int(corrected.sum())
    most = corrections - max((int(corrected[folds == one].sum()) for one in np.unique(folds)), default=0)
    points = [(0, share(lessons.shipped.argmax(axis=1) == truth, lessons.weight))]
    for size in (one for one in CURVE if one < most):
        said = _cross_fitted(way, lessons, folds, corrections=size)
        points.append((size, share(said.argmax(axis=1) == truth, lessons.weight)))
    if corrections:
        points.append((corrections, share(answered.argmax(axis=1) == truth, lessons.weight)))
    return points


def _of(stood: int, size: int, corrections: int) -> int:
    return round(stood * size / corrections) if corrections else stood


def _cross_fitted(way: str, lessons: Lessons, folds: NDArray[np.int_], *, corrections: int | None = None) -> Matrix:
    """Each fold's answers by the way fitted to the others: to all of them, or to their first so many corrections."""
    said = np.array(lessons.shipped)
    for fold in np.unique(folds):
        kept_back = folds == fold
        if kept_back.any() and not kept_back.all():
            rest = np.flatnonzero(~kept_back)
            part = rest if corrections is None else _first(lessons, rest, corrections)
            method = WAYS[way](lessons.at(part))
            said[kept_back] = method.shares(lessons.features[kept_back], lessons.shipped[kept_back])
    return said


def _first(lessons: Lessons, rest: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    """Of some rows the first so many corrections, and as large a part of what stood."""
    corrected = rest[lessons.is_corrected[rest] > 0]
    stood = rest[lessons.is_corrected[rest] == 0]
    return np.sort(np.concatenate([corrected[:size], stood[: _of(len(stood), size, len(corrected))]]))


def _by_language(
    languages: Sequence[str], was_right: NDArray[np.bool_], is_right: NDArray[np.bool_], weight: Matrix
) -> dict[str, tuple[int, float, float]]:
    found = {}
    spoken = np.array(languages)
    for language in sorted(set(languages)):
        these = spoken == language
        found[language] = (
            int(these.sum()),
            share(was_right[these], weight[these]),
            share(is_right[these], weight[these]),
        )
    return found
