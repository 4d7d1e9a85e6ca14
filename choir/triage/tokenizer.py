"""Texts into pieces of the encoder's vocabulary, each word once.

No piece reaches over a space, so the best pieces of a text are the best pieces of its words (the sum that Viterbi's
algorithm makes greatest falls apart at the spaces). Words come again and again; their pieces are kept.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

SPACE = "▁"
KEPT_WORDS = 50_000
LONGEST_KEPT = 40  # characters; what is longer is no word that comes again


class Tokenizer:
    """In place of the encoder's own tokenizer, with the same answers."""

    def __init__(self, own: Any) -> None:
        """`own` is the encoder's; raises ValueError if its vocabulary has pieces that reach over a space."""
        if any(SPACE in piece[1:] for piece in own._pieces):
            raise ValueError("The encoder's vocabulary has pieces of several words; they cannot be kept word by word.")
        self._own = own
        self._kept = lru_cache(maxsize=KEPT_WORDS)(self._of_run)

    @property
    def pieces(self) -> list[str]:
        """The vocabulary by id."""
        return list(self._own._pieces)

    def encode(self, text: str, out_type: type = int, *, add_bos: bool = True, add_eos: bool = True) -> list[int]:
        """The ids of a text's pieces, as the encoder asks for them."""
        ids = [self._own._bos_id] if add_bos else []
        ids += self.ids(text)
        if add_eos:
            ids.append(self._own._eos_id)
        return ids

    def ids(self, text: str) -> list[int]:
        """The ids of a text's pieces, without a beginning and an end."""
        runs = text.split(" ") if _is_plain(text) else self._runs(text)
        found: list[int] = []
        for run in runs:
            found += self._kept(run) if len(run) <= LONGEST_KEPT else self._of_run(run)
        return found or [self._own._unk_id]

    def _runs(self, text: str) -> Sequence[str]:
        normalized = self._own._normalizer.normalize(text)
        return normalized[1:].split(SPACE) if normalized else ()

    def _of_run(self, run: str) -> tuple[int, ...]:
        return tuple(self._own._viterbi(SPACE + run))


def _is_plain(text: str) -> bool:
    """Whether normalizing would leave it as it is: printable ASCII, one space between words and none around."""
    return text.isascii() and text.isprintable() and "  " not in text and text == text.strip() != ""
