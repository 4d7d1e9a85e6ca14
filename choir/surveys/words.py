"""What customers read of a survey, in their language; English where it is not among those of `words.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language. `ask` holds {name} and {link}; `scores` are from very bad to very good."""

    language: str
    ask: str
    question: str
    scores: tuple[str, ...]
    comment: str
    send: str
    thanks: str
    said: str
    once: str
    unknown: str

    @property
    def direction(self) -> str:
        """Which way it is read."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"


def words_in(language: str) -> Words:
    """The words of a language, by its first two letters."""
    known = _known()
    return known.get(language[:2].lower(), known["en"])


@cache
def _known() -> Mapping[str, Words]:
    text = (Path(__file__).parent / "words.toml").read_text(encoding="utf-8")
    stated: dict[str, dict[str, Any]] = tomllib.loads(text)
    return {
        language: Words(language=language, **(one | {"scores": tuple(one["scores"])}))
        for language, one in stated.items()
    }
