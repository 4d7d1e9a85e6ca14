"""Which department would do best at an objective: pure, so that it can be checked by simulation (`bin/bench fit`).

Each conversation went well or it did not. A logistic model gives every department an effect of its own, drawn towards
the others' by a common normal distribution (partial pooling: ten conversations cannot beat a thousand by luck), beside
effects of what it was given: language, channel, urgency, topic. How far departments differ is itself uncertain and is
averaged over (`SPREADS`), each weighed by how well it explains the rows (Laplace's approximation; Gelman & Hill, Data
Analysis Using Regression and Multilevel Models, 2007, ch. 12 and 14) and by a prior that keeps away from no difference
at all, which few departments would else suggest (Chung et al., Psychometrika 78, 2013). Departments are then compared
on one and the same mix, the objective's own (standardisation; Hernán & Robins, Causal Inference, 2020, ch. 13).

History is no experiment: what is in no row, such as harder cases given to better people, is in no figure either.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SPREADS = (0.15, 0.3, 0.5, 0.8, 1.2)  # standard deviations of departments, in log odds
USUAL_SPREAD = 1.0
MIX_SPREAD = 0.7
LEVEL_SPREAD = 2.0
DRAWS = 2_000
ROUNDS = 40
SEED = 5


@dataclass(frozen=True, slots=True)
class Handled:
    """One conversation: who had it first, whether it went well, and what sort it was (a value for each feature)."""

    department_id: uuid.UUID
    went_well: bool
    mix: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """A middle value with the range that holds four of five."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Fit:
    """How a department does at an objective: the share that would go well on the objective's own mix, the chance that
    no other does better, and the difference to the present owner."""

    department_id: uuid.UUID
    n: int
    went_well: int
    share: Interval
    chance_best: float
    against_owner: Interval | None


def fits(handled: Sequence[Handled], departments: Sequence[uuid.UUID], owner_id: uuid.UUID | None) -> list[Fit]:
    """Every department's fit, the most likely best first; those without a row have the others' spread as theirs."""
    if not any(one.department_id in departments for one in handled):
        return []
    model = _Model(handled, departments)
    shares = model.shares()
    best = np.bincount(shares.argmax(axis=1), minlength=len(departments)) / len(shares)
    owner = departments.index(owner_id) if owner_id in departments else None
    counts = Counter(one.department_id for one in handled)
    good = Counter(one.department_id for one in handled if one.went_well)
    found = [
        Fit(
            department_id=one,
            n=counts[one],
            went_well=good[one],
            share=_interval(shares[:, place]),
            chance_best=float(best[place]),
            against_owner=None if owner in (None, place) else _interval(shares[:, place] - shares[:, owner]),
        )
        for place, one in enumerate(departments)
    ]
    return sorted(found, key=lambda fit: -fit.chance_best)


def _interval(draws: Floats) -> Interval:
    low, middle, high = np.quantile(draws, [0.1, 0.5, 0.9])
    return Interval(float(low), float(middle), float(high))


class _Model:
    """The rows grouped by who had them and what they were, and the model over them."""

    def __init__(self, handled: Sequence[Handled], departments: Sequence[uuid.UUID]) -> None:
        place = {one: number for number, one in enumerate(departments)}
        known = [one for one in handled if one.department_id in place]
        values = sorted({(number, value) for one in known for number, value in enumerate(one.mix)})
        column = {value: len(departments) + 1 + number for number, value in enumerate(values)}
        groups = Counter((one.department_id, one.mix) for one in known)
        good = Counter((one.department_id, one.mix) for one in known if one.went_well)
        self.width, self.departments_count = len(departments) + 1 + len(values), len(departments)
        self.rows = np.zeros((len(groups), self.width))
        for row, (department_id, mix) in zip(self.rows, groups, strict=True):
            row[0], row[1 + place[department_id]] = 1, 1
            row[[column[part] for part in enumerate(mix)]] = 1
        self.n = np.array(list(groups.values()), dtype=float)
        self.good = np.array([good[group] for group in groups], dtype=float)

    def shares(self) -> Floats:
        """Draws × departments: the share that would go well if a department had the whole mix."""
        chance = np.random.default_rng(SEED)
        solved = [self._solve(spread) for spread in SPREADS]
        weights = np.exp(np.array([score for *_, score in solved]) - max(score for *_, score in solved))
        per_spread = chance.multinomial(DRAWS, weights / weights.sum())
        draws = np.vstack([
            chance.multivariate_normal(mode, covariance, size=count, method="cholesky")
            for (mode, covariance, _), count in zip(solved, per_spread, strict=True)
            if count
        ])  # fmt: skip
        mix = self.rows.copy()
        mix[:, 1 : 1 + self.departments_count] = 0
        base = draws @ mix.T
        effects = draws[:, 1 : 1 + self.departments_count]
        shares = [
            (_likely(base + effects[:, [number]]) * self.n).sum(axis=1) / self.n.sum()
            for number in range(self.departments_count)
        ]
        return np.column_stack(shares)

    def _solve(self, spread: float) -> tuple[Floats, Floats, float]:
        """Mode, covariance and evidence for one spread of the departments, by Newton's method."""
        precision = np.full(self.width, 1 / MIX_SPREAD**2)
        precision[0] = 1 / LEVEL_SPREAD**2
        precision[1 : 1 + self.departments_count] = 1 / spread**2
        mode = np.zeros(self.width)
        for _ in range(ROUNDS):
            likely = _likely(self.rows @ mode)
            slope = self.rows.T @ (self.good - self.n * likely) - precision * mode
            curvature = (self.rows.T * (self.n * likely * (1 - likely))) @ self.rows + np.diag(precision)
            change = np.linalg.solve(curvature, slope)
            mode = mode + change
            if np.abs(change).max() < 1e-8:
                break
        likely = np.clip(_likely(self.rows @ mode), 1e-12, 1 - 1e-12)
        fitted = float((self.good * np.log(likely) + (self.n - self.good) * np.log(1 - likely)).sum())
        prior = float(0.5 * np.log(precision).sum() - 0.5 * (precision * mode**2).sum())
        score = fitted + prior - 0.5 * float(np.linalg.slogdet(curvature)[1])
        score += float(np.log(spread)) - spread**2 / (2 * USUAL_SPREAD**2)
        covariance: Floats = np.linalg.inv(curvature).astype(float)
        return mode, covariance, score


def _likely(odds: Floats) -> Floats:
    likely: Floats = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return likely


@dataclass(frozen=True, slots=True)
class Advice:
    """What the fits amount to: `change` to another department, `keep` the owner, `pilot` to find out, or `wait`."""

    verdict: str
    best: Fit
    owner: Fit | None


SURE = 0.8
WORTH = 0.03  # a smaller difference is not worth a hand-over of habits
FEWEST = 20
FEWEST_FOR_PILOT = 8


def advice(found: Sequence[Fit], owner_id: uuid.UUID | None) -> Advice | None:
    """What to do about it; None without any row."""
    if not found:
        return None
    owner = next((one for one in found if one.department_id == owner_id), None)
    tried = [one for one in found if one.n >= FEWEST_FOR_PILOT or one is owner]
    if not tried:
        return Advice("wait", found[0], owner)
    best = tried[0]
    if best.department_id == owner_id:
        return Advice("keep" if best.n >= FEWEST else "wait", best, owner)
    enough = best.n >= FEWEST and (owner is None or owner.n >= FEWEST)
    gain = best.against_owner
    if enough and best.chance_best >= SURE and (gain is None or gain.middle >= WORTH):
        return Advice("change", best, owner)
    if enough and gain is not None and gain.middle < WORTH:
        return Advice("keep", best, owner)
    return Advice("pilot", best, owner)
