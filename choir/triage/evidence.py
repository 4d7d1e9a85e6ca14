"""The words that led to an answer: how each word of a text leans, read from a table made at training.

The table holds, for every piece of the encoder's vocabulary, what the heads say to that piece alone. Adding a word's
pieces is far cheaper than leaving each word out in turn and encoding again.
"""

import re
from collections.abc import Mapping, Sequence, Set
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import numpy as np

from choir.triage.cues import Cues
from choir.triage.encoder import Encoder, Matrix, excerpt
from choir.triage.function_words import says_nothing
from choir.triage.heads import EMOTIONS, SHIPPED, Heads
from choir.triage.romanised import is_hindi, meaning

FIELDS = ("sentiment", "objective", "department", "intent", "stage", "needs_reply", "spam")
TABLE = "evidence.npz"
MOST_WORDS = 5
READ_WORDS = 40
CUE_WEIGHT = 2.0
KEPT_WORDS = 20_000
FAINT = 0.35  # of the strongest word's lean; what leans less is not named

_SKIPPED = re.compile(r"https?:\S*|\bwww\.\S+|(?<![\w.])@[\w.]+", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[\U0001f300-\U0001faff☀-➿]")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")


Leaning: TypeAlias = list[tuple[str, list[float]]]
"""The words of a text, each with how it leans: one column per explained answer."""


class Evidence:
    """Names the words of a text that speak for an answer."""

    def __init__(self, encoder: Encoder, heads: Heads, cues: Cues, folder: Path = SHIPPED) -> None:
        with np.load(folder / TABLE, allow_pickle=False) as arrays:
            self._table = arrays["leans"]
            self._scale = arrays["scale"].astype(np.float32)
        self._encoder = encoder
        self._cues = cues
        self._columns = {pair: at for at, (pair, _) in enumerate(explained(heads))}
        self._cue_leans = cue_leans(heads).tolist()
        self._vocabulary = [piece.lstrip("▁") for piece in encoder.vocabulary]
        self._leans: dict[str, list[float]] = {}

    def leaning(self, texts: Sequence[str]) -> list[Leaning]:
        """Per text its words with how they lean: what `words` asks for."""
        meant = [self._meant(excerpt(text)) for text in texts]
        leans = self._known({meaning for one in meant for meaning in one.values()})
        return [[(word, leans[meaning]) for word, meaning in one.items()] for one in meant]

    def words(
        self, text: str, answers: dict[str, str], told: Sequence[float], leans: Leaning
    ) -> dict[str, tuple[str, ...]]:
        """Per field, at most five words of the text, strongest first, for the answer given to that field.

        `told` are the text's cue features, so that phrases are looked for only where a cue was seen.
        """
        phrases = self._phrases(excerpt(text), told)
        named: dict[str, tuple[str, ...]] = {}
        for field, label in answers.items():
            column = self._columns.get((field, label))
            candidates: dict[str, float] = {}
            if column is not None:
                for phrase, cue in phrases:
                    if cue[column] > 0:
                        candidates[phrase] = CUE_WEIGHT * cue[column]
                for word, lean in leans:
                    candidates[word] = max(candidates.get(word, lean[column]), lean[column])
            named[field] = strongest(candidates, text)
        return named

    def split(self, text: str) -> list[str]:
        """The distinct words of a text; where a script writes none, the encoder's pieces."""
        found: dict[str, None] = {}
        for word in _WORD.findall(_SKIPPED.sub(" ", text))[:READ_WORDS]:
            if _UNSPACED.search(word):
                found.update((piece, None) for piece in self._parts(word) if piece in word)
            else:
                found[word] = None
        return list(found)

    def _parts(self, run: str) -> list[str]:
        return [part for piece in self._encoder.pieces(run[:200]) if (part := self._vocabulary[piece])]

    def _meant(self, part: str) -> dict[str, str]:
        """The words of a text that say something, each with what it means."""
        meant = meaning if is_hindi(part) else str
        return {word: meant(word) for word in self.split(part) if not says_nothing(word)}

    def _known(self, meanings: Set[str]) -> Mapping[str, list[float]]:
        """How these lean, among others: words come again, and how they lean is kept."""
        leans = self._leans
        new = sorted(meanings - leans.keys())
        if new and len(leans) + len(new) > KEPT_WORDS:
            leans = self._leans = {}  # who still reads the old ones goes on with them
            new = sorted(meanings)
        if new:
            leans.update(zip(new, self._lean(new), strict=True))
        return leans

    def _lean(self, words: Sequence[str]) -> list[list[float]]:
        """The sum of each word's pieces in the table, over the root of their number."""
        pieces = [[piece for piece in self._encoder.pieces(word) if self._vocabulary[piece]] for word in words]
        counts = np.array([len(one) for one in pieces])
        rows = np.vstack([self._table[list(chain.from_iterable(pieces))], np.zeros_like(self._table[:1])])
        begins = np.concatenate([[0], counts.cumsum()[:-1]])
        sums = np.add.reduceat(rows.astype(np.float32) * self._scale, begins, axis=0)
        sums[counts == 0] = 0
        shares: list[list[float]] = (sums / np.sqrt(np.maximum(counts, 1))[:, None].astype(np.float32)).tolist()
        return shares

    def _phrases(self, text: str, told: Sequence[float]) -> list[tuple[str, Sequence[float]]]:
        """The telling phrases in the text, each with how its cue leans."""
        return [
            (whole(text, *span), self._cue_leans[at])
            for at, name in enumerate(self._cues.phrases)
            if told[at] > 0
            for span in self._cues.found(text, name)
        ]


def explained(heads: Heads) -> list[tuple[tuple[str, str], int]]:
    """The answers whose words can be named, in the table's order, each with its column of the heads: every label of
    `FIELDS`, haste, and the emotions' "yes"."""
    found = []
    for field, place in heads.columns().items():
        for at, label in enumerate(heads.labels[field]):
            if field in FIELDS or (field == "urgency" and label in "23") or (field in EMOTIONS and label == "yes"):
                found.append(((field, label), place.start + at))
    return found


def leans(scores: Matrix, heads: Heads) -> Matrix:
    """What rows of scores speak for, one column per explained answer: each against the mean of its field's answers."""
    centred = scores.copy()
    for place in heads.columns().values():
        centred[:, place] -= centred[:, place].mean(axis=1, keepdims=True)
    return centred[:, [column for _, column in explained(heads)]]


def cue_leans(heads: Heads) -> Matrix:
    """What each cue speaks for, columns as in the table."""
    return leans(heads.weight[-len(heads.cues) :] * heads.cue_scale, heads)


def whole(text: str, begin: int, end: int) -> str:
    """The span grown to whole words, where the script has them."""
    while begin > 0 and text[begin - 1].isalnum() and not _UNSPACED.match(text[begin - 1]):
        begin -= 1
    while end < len(text) and text[end].isalnum() and not _UNSPACED.match(text[end]):
        end += 1
    return text[begin:end]


def strongest(candidates: dict[str, float], text: str) -> tuple[str, ...]:
    """The words that lean most, strongest first, without those already inside a stronger one. Where none speaks for
    the answer, the one that speaks least against it."""
    if not candidates:
        return ()
    top = max(candidates.values())
    floor = max(top * FAINT, 0.0) if top > 0 else top
    ranked = sorted(((lean, word) for word, lean in candidates.items() if lean >= floor), reverse=True)
    kept: list[str] = []
    for _, word in ranked:
        if len(kept) == MOST_WORDS:
            break
        if word in text and word.strip() and not any(word in other or other in word for other in kept):
            kept.append(word)
    return tuple(kept)
