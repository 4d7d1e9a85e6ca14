"""What a workspace's corrections made of one head: how it changes the shipped answer, and its form in the database.

Two ways, of which the one that holds better on examples kept back is taken:

- **refit**: the shipped scores, trusted to a share, plus a linear correction fitted to the examples and held close to
  nothing (Chelba & Acero 2006, maximum a posteriori adaptation of a maximum-entropy classifier);
- **neighbours**: the answers of the examples whose vectors lie near, the nearer the weightier, against the shipped
  answer (kernel regression, Nadaraya & Watson 1964). It helps from a handful of examples on.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

import numpy as np

from choir.triage.encoder import WIDTH, Matrix
from choir.triage.heads import softmax

LEAST_LIKELY = 1e-6
REACH = 0.2  # how fast a neighbour's say falls with the angle between two texts' unit vectors
INTERCEPT = np.float32(0.5)


class Method(Protocol):
    """One way of changing shipped answers."""

    def shares(self, features: Matrix, shipped: Matrix) -> Matrix:
        """Texts × labels: probabilities after the examples were heard."""

    def arrays(self) -> dict[str, Matrix]:
        """What has to be kept of it."""


@dataclass(frozen=True, slots=True)
class Refit:
    """A linear correction of the shipped scores: `weight` is (features + 1) × labels."""

    trust: float  # in the shipped scores, 0 to 1
    weight: Matrix

    def shares(self, features: Matrix, shipped: Matrix) -> Matrix:
        """Shipped log-probabilities times the trust, plus the correction."""
        return softmax(np.float32(self.trust) * logs(shipped) + widened(features) @ self.weight)

    def arrays(self) -> dict[str, Matrix]:
        """Its trust and its weights."""
        return {"trust": np.array([self.trust], dtype=np.float32), "weight": self.weight.astype(np.float16)}


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Examples' vectors and answers. `doubt` is how much nearness it takes to outweigh the shipped answer."""

    doubt: float
    vectors: Matrix
    answers: Matrix  # examples × labels, one 1 a row times the example's weight

    def shares(self, features: Matrix, shipped: Matrix) -> Matrix:
        """Shipped probabilities mixed with the neighbours' answers."""
        nearness = np.exp((features[:, :WIDTH] @ self.vectors.T - 1) / np.float32(REACH))
        heard = nearness @ self.answers
        total = heard.sum(axis=1, keepdims=True) + np.float32(self.doubt)
        return np.asarray((heard + np.float32(self.doubt) * shipped) / total, dtype=np.float32)

    def arrays(self) -> dict[str, Matrix]:
        """Its doubt, vectors and answers."""
        return {
            "doubt": np.array([self.doubt], dtype=np.float32),
            "vectors": self.vectors.astype(np.float16),
            "answers": self.answers.astype(np.float16),
        }


def logs(shares: Matrix) -> Matrix:
    """Log-probabilities, none of them infinite."""
    return np.asarray(np.log(np.clip(shares, LEAST_LIKELY, 1.0)), dtype=np.float32)


def widened(features: Matrix) -> Matrix:
    """Features with a constant one, whose weight is the correction's intercept."""
    return np.concatenate([features, np.full((len(features), 1), INTERCEPT, dtype=np.float32)], axis=1)


def packed(method: Method) -> bytes:
    """A method as bytes: arrays only, no pickle."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **method.arrays())  # type: ignore[arg-type]  # its stub names one keyword only
    return buffer.getvalue()


def unpacked(kept: bytes) -> Method:
    """The method that `packed` kept; raises ValueError for bytes that are none."""
    with np.load(io.BytesIO(kept), allow_pickle=False) as arrays:
        found = {name: arrays[name].astype(np.float32) for name in arrays.files}
    if "weight" in found:
        return Refit(float(found["trust"][0]), found["weight"])
    if "vectors" in found:
        return Neighbours(float(found["doubt"][0]), found["vectors"], found["answers"])
    raise ValueError(
        "These bytes are no adaptation of a head. Roll the version back; the next examples make a new one."
    )


@dataclass(frozen=True, slots=True)
class Learnt:
    """All that a workspace's corrections changed: per field the method in force. Empty means as shipped."""

    tag: str = ""  # the numbers of the versions in force, for the reading's own version
    methods: Mapping[str, Method] = field(default_factory=dict)

    def adjust(self, shares: dict[str, Matrix], features: Matrix, rows: Sequence[int], names: Sequence[str]) -> None:
        """Change the named fields' probabilities at `rows`, in place."""
        at = list(rows)
        for name in names:
            if (method := self.methods.get(name)) is not None and name in shares:
                shares[name][at] = method.shares(features[at], shares[name][at])

    @classmethod
    def nothing(cls) -> Self:
        """As shipped."""
        return cls()


def adjust(found: dict[str, Matrix], features: Matrix, taught: Sequence[Learnt], fields: Sequence[str]) -> None:
    """Let each workspace's corrections change what the heads say about its texts, in place."""
    rows: dict[int, list[int]] = {}
    for at, learnt in enumerate(taught):
        if learnt.methods:
            rows.setdefault(id(learnt), []).append(at)
    for places in rows.values():
        taught[places[0]].adjust(found, features, places, fields)
