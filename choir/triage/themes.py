"""What mentions are about, found in them: groups of nearly the same meaning, each with words for a name. No database.

    vectors ─▶ who is near whom ─▶ the densest neighbourhoods, one after the other ─▶ centre, reach, telling words

A group is grown around the text with the most neighbours (the "fast community detection" of Reimers' sentence
transformers), then drawn once more around its mean. Its words are those that it says more than the rest: c-TF-IDF
(Grootendorst 2022), frequency in the group × log(1 + mean words a group ÷ frequency everywhere).
"""

import math
import re
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from choir.triage.encoder import WIDTH, Matrix, clean

LIKE = 0.5  # of two vectors (cosine) from which their texts count as near; chosen on written texts of known subjects
LOOSE = 0.1  # how much further from the centre than most of its members a new mention may be
FEWEST = 6
MOST_GROUPS = 40
BLOCK = 512
NAMING_WORDS = 3
KEPT_WORDS = 8
EXAMPLES = 6

FUNCTION_WORDS = frozenset(Path(__file__).with_name("function_words.txt").read_text(encoding="utf-8").split())

Places = NDArray[np.intp]
_WORD = re.compile(r"[^\W\d_]{3,}")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Found:
    """One group of texts: which they are (nearest to the centre first), where its centre is, how far it reaches."""

    members: Places
    centre: Matrix
    reach: float
    words: tuple[str, ...]

    @property
    def name(self) -> str:
        """A name to begin with: its most telling words."""
        return ", ".join(self.words[:NAMING_WORDS])


def groups(vectors: Matrix, texts: Sequence[str], *, fewest: int = FEWEST, like: float = LIKE) -> list[Found]:
    """The groups of unit vectors, largest first; texts may belong to none. Raises ValueError for unequal numbers."""
    if len(vectors) != len(texts):
        raise ValueError(f"{len(vectors)} vectors do not belong to {len(texts)} texts.")
    free = np.linalg.norm(vectors, axis=1) > 0
    neighbours = _neighbours(vectors, like)
    found: list[tuple[Places, Matrix, float]] = []
    while len(found) < MOST_GROUPS:
        counts = neighbours @ free.astype(np.float32) * free
        seed = int(counts.argmax()) if len(counts) else 0
        if not len(counts) or counts[seed] < fewest:
            break
        members = np.flatnonzero(neighbours[seed].astype(bool) & free)
        centre = middle(vectors[members])
        likeness = vectors @ centre
        members = np.flatnonzero((likeness >= _reach(likeness[members])) & free)
        free[members] = False
        free[seed] = False
        if len(members) >= fewest:
            ordered = members[np.argsort(-likeness[members], kind="stable")]
            found.append((ordered, centre, _reach(likeness[ordered])))
    told = telling_words([[texts[at] for at in members] for members, _, _ in found], texts)
    named = [Found(*one, words=words) for one, words in zip(found, told, strict=True) if words]
    return sorted(named, key=lambda one: -len(one.members))


def _neighbours(vectors: Matrix, like: float) -> Matrix:
    """Texts × texts: 1 where two are near, in blocks, so that only the answer is large."""
    near = np.zeros((len(vectors), len(vectors)), dtype=np.float32)
    for begin in range(0, len(vectors), BLOCK):
        near[begin : begin + BLOCK] = vectors[begin : begin + BLOCK] @ vectors.T >= like
    return near


def _reach(likeness: Matrix) -> float:
    """The likeness to the centre that nine in ten members have, a little less for those to come."""
    return float(np.clip(np.quantile(likeness, 0.1) - LOOSE, 0.4, 0.9))


def middle(vectors: Matrix) -> Matrix:
    """The mean direction of unit vectors."""
    mean = vectors.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)


def telling_words(gathered: Sequence[Sequence[str]], everything: Sequence[str]) -> list[tuple[str, ...]]:
    """Per group of texts, the words it says more than others do, strongest first; a word counts once a text."""
    everywhere = Counter(word for text in everything for word in _words(text))
    counted = [Counter(word for text in texts for word in _words(text)) for texts in gathered]
    mean = sum(sum(one.values()) for one in counted) / max(len(counted), 1)
    told = []
    for one in counted:
        least = max(2, math.ceil(0.05 * max(one.values(), default=0)))
        weights = {word: count * math.log1p(mean / everywhere[word]) for word, count in one.items() if count >= least}
        told.append(tuple(sorted(weights, key=lambda word: (-weights[word], word))[:KEPT_WORDS]))
    return told


def _words(text: str) -> set[str]:
    cleaned = clean(text).lower()
    words = {word for word in _WORD.findall(cleaned) if word not in FUNCTION_WORDS and not _CJK.search(word)}
    return words | {pair for run in re.findall("[\u30a1-\u30ff]{3,}|[\u4e00-\u9fff]{2,4}", cleaned) for pair in [run]}


class Themes:
    """The accepted themes of a workspace: the nearest centre within its reach labels a mention."""

    def __init__(self, kept: Sequence[tuple[uuid.UUID, bytes, float]]) -> None:
        self._ids = [pk for pk, _, _ in kept]
        self._centres = np.stack([unpacked(centre) for _, centre, _ in kept]) if kept else np.zeros((0, WIDTH))
        self._reach = np.array([reach for _, _, reach in kept])

    def of(self, vector: Matrix) -> uuid.UUID | None:
        """The theme of one mention, None where it is near none."""
        if not self._ids:
            return None
        beyond = self._centres @ vector - self._reach
        nearest = int(beyond.argmax())
        return self._ids[nearest] if beyond[nearest] >= 0 else None


def packed(centre: Matrix) -> bytes:
    """A centre as it is kept."""
    return centre.astype(np.float16).tobytes()


def unpacked(kept: bytes | memoryview) -> Matrix:
    """A centre as it was."""
    return np.frombuffer(bytes(kept), dtype=np.float16).astype(np.float32)
