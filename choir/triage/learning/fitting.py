"""Fitting: from labelled examples to a method that changes the shipped answers. Plain numpy, no randomness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from choir.triage.encoder import WIDTH, Matrix
from choir.triage.heads import softmax
from choir.triage.learning.adapted import Method, Neighbours, Refit, logs, widened

STEPS = 120
MOST_NEIGHBOURS = 600


@dataclass(frozen=True, slots=True)
class Lessons:
    """Labelled examples of one field, as arithmetic sees them. All have one row each, oldest first."""

    features: Matrix
    shipped: Matrix  # what the shipped heads say: probabilities
    answers: Matrix  # one 1 a row
    weight: Matrix  # how many conversations of the workspace each row stands for
    is_corrected: Matrix  # 1 where a person changed the answer, 0 where it stood

    def __len__(self) -> int:
        return len(self.features)

    def at(self, places: NDArray[np.intp]) -> Lessons:
        """Some of the rows."""
        return Lessons(
            self.features[places],
            self.shipped[places],
            self.answers[places],
            self.weight[places],
            self.is_corrected[places],
        )


def refit(lessons: Lessons, *, trust: float, penalty: float) -> Refit:
    """The correction that makes the answers likeliest, its squared size costing `penalty`: multinomial logistic
    regression with a Gaussian prior around the shipped head."""
    rows, start = widened(lessons.features), np.float32(trust) * logs(lessons.shipped)
    if len(rows) < 2 * rows.shape[1]:  # then it is quicker to weigh the rows, of which the correction is a sum
        alike = rows @ rows.T
        return Refit(trust, rows.T @ _descended(alike, start, lessons.answers, penalty, curvature=alike))
    weight = _descended(rows, start, lessons.answers, penalty, curvature=rows.T @ rows, back=rows.T)
    return Refit(trust, weight)


def _descended(
    rows: Matrix, start: Matrix, answers: Matrix, penalty: float, *, curvature: Matrix, back: Matrix | None = None
) -> Matrix:
    """Nesterov's accelerated gradient, from nothing. Half the largest eigenvalue of `curvature` bounds a softmax's
    (Böhning 1992), so the step never overshoots; the Frobenius norm bounds that in turn, closely where texts have much
    in common, and costs nothing. Without `back` what is looked for are weights of the rows themselves."""
    step = np.float32(1 / (0.5 * float(np.linalg.norm(curvature)) + penalty))
    weight = np.zeros((rows.shape[1], answers.shape[1]), dtype=np.float32)
    ahead, pace = weight, 1.0
    for _ in range(STEPS):
        wrong = softmax(start + rows @ ahead) - answers
        slope = (wrong if back is None else back @ wrong) + np.float32(penalty) * ahead
        nearer = ahead - step * slope
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = nearer + np.float32((pace - 1) / faster) * (nearer - weight)
        weight, pace = nearer, faster
    return weight


def neighbours(lessons: Lessons, *, doubt: float) -> Neighbours:
    """The newest examples as neighbours to be asked. Of more than are kept, corrections and answers that stood keep
    their proportion: among corrections alone, whatever triage already reads rightly would have wrong neighbours."""
    corrected = np.flatnonzero(lessons.is_corrected > 0)
    stood = np.flatnonzero(lessons.is_corrected == 0)
    share = min(1.0, MOST_NEIGHBOURS / len(lessons))
    order = np.concatenate([_newest(stood, share), _newest(corrected, share)])
    return Neighbours(doubt, lessons.features[order, :WIDTH], lessons.answers[order])


def _newest(places: NDArray[np.intp], share: float) -> NDArray[np.intp]:
    return places[len(places) - round(share * len(places)) :]


Fit = Callable[[Lessons], Method]

# Penalties and trusts between which the examples kept back choose: from hardly moving to mostly relearning.
WAYS: Mapping[str, Fit] = {
    "neighbours, cautious": lambda lessons: neighbours(lessons, doubt=1.0),
    "neighbours": lambda lessons: neighbours(lessons, doubt=0.2),
    "refit, close to the shipped head": lambda lessons: refit(lessons, trust=1.0, penalty=10.0),
    "refit, near the shipped head": lambda lessons: refit(lessons, trust=1.0, penalty=2.0),
    "refit, half from the shipped head": lambda lessons: refit(lessons, trust=0.5, penalty=1.0),
    "refit, mostly from the examples": lambda lessons: refit(lessons, trust=0.5, penalty=0.3),
}
