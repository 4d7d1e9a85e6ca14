"""Names of a workspace's own in a text: its products, its places, its order numbers as they are written there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from choir.triage.models import Term, TermKind

MOST_FOUND = 12
READ_CHARACTERS = 5_000
_SIGNS = {"#": r"\d", "@": r"[^\W\d_]"}


@dataclass(frozen=True, slots=True)
class _Way:
    """One way in which a term is written."""

    kind: str
    name: str
    said: re.Pattern[str]


class Terms:
    """Finds a workspace's terms in texts, whole words only, whatever their case."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._ways = [
            _Way(term.kind, term.name, pattern(spelling, is_number=term.kind == TermKind.ORDER_NUMBER))
            for term in terms
            for spelling in dict.fromkeys([term.name, *term.spellings])
            if spelling.strip()
        ]

    def found(self, text: str) -> list[dict[str, str]]:
        """Kind, name and what was said, in the order of the text; the longer where two overlap."""
        part = text[:READ_CHARACTERS]
        spans = [(*match.span(), way) for way in self._ways for match in way.said.finditer(part)]
        kept: list[tuple[int, int, _Way]] = []
        for begin, end, way in sorted(spans, key=lambda one: (one[0] - one[1], one[0])):
            if not any(begin < other_end and other < end for other, other_end, _ in kept):
                kept.append((begin, end, way))
        kept.sort(key=lambda one: one[0])
        found = [{"kind": way.kind, "name": way.name, "said": part[begin:end]} for begin, end, way in kept]
        return list({(one["kind"], one["said"].lower()): one for one in found}.values())[:MOST_FOUND]


def pattern(spelling: str, *, is_number: bool) -> re.Pattern[str]:
    """What a spelling matches. In a number # is a figure and @ a letter; spaces match any run of spaces. Only fixed
    pieces come out of it, so that no spelling can make matching slow."""
    parts: Sequence[str] = [
        r"\s+" if sign == " " else _SIGNS[sign] if is_number and sign in _SIGNS else re.escape(sign)
        for sign in " ".join(spelling.split())
    ]
    return re.compile(r"(?<!\w)" + "".join(parts) + r"(?!\w)", re.IGNORECASE)
