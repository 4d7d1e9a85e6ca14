"""A query as a tree: parsed once, then searched in PostgreSQL, matched in memory, or put to a network.

Every node is immutable and holds what was typed where a network needs it (`typed`), and folded words where we do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Compared = Literal["=", ">", ">=", "<", "<="]


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `folded` may hold wildcards: `*` any characters, `?` one. `typed` is as the person wrote it."""

    folded: str
    typed: str

    @property
    def is_plain(self) -> bool:
        """Whether it stands for itself only."""
        return "*" not in self.folded and "?" not in self.folded

    @property
    def stem(self) -> str:
        """What stands before the first wildcard."""
        return self.folded.partition("*")[0].partition("?")[0]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words one after the other."""

    words: tuple[Word, ...]
    typed: str


@dataclass(frozen=True, slots=True)
class Near:
    """One of `left` and one of `right`, in either order, with at most `between` words between them."""

    left: tuple[Phrase, ...]
    right: tuple[Phrase, ...]
    between: int


@dataclass(frozen=True, slots=True)
class Field:
    """Something about the mention rather than in its words. `value` is folded; numbers are compared."""

    name: str
    value: str
    compared: Compared = "="


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Without it."""

    part: Node


Node = Phrase | Near | Field | And | Or | Not


def is_only_without(node: Node) -> bool:
    """Whether it would find what says nothing at all: a query must ask for something."""
    if isinstance(node, Not):
        return not is_only_without(node.part)
    if isinstance(node, And):
        return all(is_only_without(part) for part in node.parts)
    return isinstance(node, Or) and any(is_only_without(part) for part in node.parts)
