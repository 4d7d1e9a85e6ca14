"""Words, phrases and nearness as patterns over a spaced text: written in what Python and PostgreSQL both understand,
so that both find the same."""

from __future__ import annotations

from collections.abc import Iterable

from choir.listening.language.folding import SIGILS
from choir.listening.language.tree import Near, Phrase, Word

_ANY_SIGIL = f"[{SIGILS}]?"
_WILD = {"*": "[^ ]*", "?": "[^ ]", "$": "\\$"}


def of_word(word: Word) -> str:
    """One word, with or without a sigil unless it names one."""
    inside = "".join(_WILD.get(character, character) for character in word.folded)
    return inside if word.folded[0] in SIGILS else _ANY_SIGIL + inside


def of_phrase(phrase: Phrase) -> str:
    """Words one after the other."""
    return f" {_inside(phrase)} "


def of_near(near: Near) -> str:
    """Either side first, with at most so many words between."""
    left, right = _any(near.left), _any(near.right)
    gap = f"(?: [^ ]+){{0,{near.between}}}"
    return f" (?:{left}{gap} {right}|{right}{gap} {left}) "


def _inside(phrase: Phrase) -> str:
    return " ".join(of_word(word) for word in phrase.words)


def _any(phrases: Iterable[Phrase]) -> str:
    return f"(?:{'|'.join(_inside(phrase) for phrase in phrases)})"
