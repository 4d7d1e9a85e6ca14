"""What mentions are about, found in them: groups of nearly the same meaning, and what a mention is nearest to. No
database.

    vectors ─▶ less what all have in common ─▶ the densest neighbourhoods, one after the other ─▶ centre, reach

What all mentions of a company have in common (its name, its trade) hides what sets them apart, so their mean, the
`origin`, is taken away first. A group is grown around the text with the most neighbours (the "fast community detection"
of Reimers' sentence transformers); then, as in spherical k-means (Dhillon & Modha 2001), each text goes to the nearest
centre that it is near, and centres to the middle of theirs, a few times.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from choir.triage.encoder import WIDTH, Matrix

LIKE = 0.32  # of two vectors without their origin (cosine) from which their texts count as near
LOOSE = 0.1  # how much further from the centre than most of its members a new mention may be
REACHES = (0.3, 0.9)  # the least and the most likeness to a centre that is asked for
FEWEST = 6
MOST_GROUPS = 40
ROUNDS = 3
BLOCK = 512
EXAMPLES = 6
_NONE: Matrix = np.zeros((0, WIDTH), dtype=np.float32)

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Found:
    """One group of texts: which they are (nearest to the centre first), where its centre is as seen from the origin,
    how far it reaches."""

    members: Places
    centre: Matrix
    origin: Matrix
    reach: float


def groups(vectors: Matrix, *, fewest: int = FEWEST, like: float = LIKE) -> list[Found]:
    """The groups of unit vectors, largest first; a vector may belong to none."""
    if not len(vectors):
        return []
    origin = np.asarray(vectors.mean(axis=0), dtype=np.float32)
    apart = apart_from(origin, vectors)
    centres = _grown(apart, fewest=fewest, like=like)
    for _ in range(ROUNDS if len(centres) else 0):
        centres = np.stack(
            [middle(apart[members]) if len(members) >= fewest else centre
             for members, centre in zip(_shared(apart, centres, like), centres, strict=True)]
        )  # fmt: skip
    found = []
    for members, centre in zip(_shared(apart, centres, like) if len(centres) else [], centres, strict=True):
        if len(members) >= fewest:
            likeness = apart[members] @ centre
            ordered = members[np.argsort(-likeness, kind="stable")]
            found.append(Found(ordered, centre, origin, _reach(likeness)))
    return sorted(found, key=lambda one: -len(one.members))


def apart_from(origin: Matrix, vectors: Matrix) -> Matrix:
    """Vectors (or one) as directions from the origin."""
    away = vectors - origin
    return np.asarray(away / np.maximum(np.linalg.norm(away, axis=-1, keepdims=True), 1e-9), dtype=np.float32)


def whole(centre: Matrix, origin: Matrix) -> Matrix:
    """About where a text at a centre would be, its origin put back: unit vectors with the mean `origin` are
    √(1 − |origin|²) away from it, in the quadratic mean."""
    return np.asarray(origin + centre * max(1 - float(origin @ origin), 0.0) ** 0.5, dtype=np.float32)


def _grown(apart: Matrix, *, fewest: int, like: float) -> Matrix:
    """Centres of the densest neighbourhoods, each of texts that no denser one has."""
    free = np.linalg.norm(apart, axis=1) > 0
    neighbours = _neighbours(apart, like)
    centres: list[Matrix] = []
    while len(centres) < MOST_GROUPS:
        counts = neighbours @ free.astype(np.float32) * free
        seed = int(counts.argmax())
        if counts[seed] < fewest:
            break
        members = np.flatnonzero(neighbours[seed].astype(bool) & free)
        centre = middle(apart[members])
        likeness = apart @ centre
        members = np.flatnonzero((likeness >= _reach(likeness[members])) & free)
        free[members] = False
        free[seed] = False
        if len(members) >= fewest:
            centres.append(centre)
    return np.stack(centres) if centres else np.zeros((0, apart.shape[1]), dtype=np.float32)


def _shared(apart: Matrix, centres: Matrix, like: float) -> list[Places]:
    """The texts of each centre: each text is with the nearest that it is near."""
    likeness = apart @ centres.T
    nearest = np.where(likeness.max(axis=1) >= like, likeness.argmax(axis=1), -1)
    return [np.flatnonzero(nearest == place) for place in range(len(centres))]


def _neighbours(vectors: Matrix, like: float) -> Matrix:
    """Texts × texts: 1 where two are near, in blocks, so that only the answer is large."""
    near = np.zeros((len(vectors), len(vectors)), dtype=np.float32)
    for begin in range(0, len(vectors), BLOCK):
        near[begin : begin + BLOCK] = vectors[begin : begin + BLOCK] @ vectors.T >= like
    return near


def _reach(likeness: Matrix) -> float:
    """The likeness to the centre that nine in ten members have, a little less for those to come."""
    return float(np.clip(np.quantile(likeness, 0.1) - LOOSE, *REACHES))


def middle(vectors: Matrix) -> Matrix:
    """The mean direction of unit vectors."""
    mean = vectors.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)


class Themes:
    """The accepted themes of a workspace, each as (id, centre, origin, reach): the nearest centre within its reach
    labels a mention."""

    def __init__(self, kept: Sequence[tuple[uuid.UUID, bytes, bytes, float]]) -> None:
        self._ids = [pk for pk, *_ in kept]
        self._centres = np.stack([unpacked(centre) for _, centre, _, _ in kept]) if kept else _NONE
        self._origins = np.stack([unpacked(origin) for _, _, origin, _ in kept]) if kept else _NONE
        self._reach = np.array([reach for *_, reach in kept])

    def of(self, vector: Matrix) -> uuid.UUID | None:
        """The theme of one mention, None where it is near none."""
        if not self._ids:
            return None
        beyond = (apart_from(self._origins, vector) * self._centres).sum(axis=1) - self._reach
        nearest = int(beyond.argmax())
        return self._ids[nearest] if beyond[nearest] >= 0 else None


def packed(centre: Matrix) -> bytes:
    """A centre or an origin as it is kept."""
    return centre.astype(np.float16).tobytes()


def unpacked(kept: bytes | memoryview) -> Matrix:
    """A centre or an origin as it was; nothing where nothing is kept."""
    if not len(kept):
        return np.zeros(WIDTH, dtype=np.float32)
    return np.frombuffer(bytes(kept), dtype=np.float16).astype(np.float32)
