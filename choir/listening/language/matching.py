"""A tree against texts in memory: many queries, many texts, as they arrive.

Each query has anchors: words of which at least one must be there. Only queries with an anchor in the text are tried,
so that hundreds of them cost little more than a few.
"""

from __future__ import annotations

import operator
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

from choir.listening.language import patterns
from choir.listening.language.folding import SIGILS
from choir.listening.language.tree import And, Field, Near, Node, Not, Or, Phrase, Word

Key = TypeVar("Key", bound=Hashable)
COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    "=": operator.eq, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip


@dataclass
class Document:
    """One mention as a query sees it. Words, author and channel are folded and spaced, the rest is folded."""

    words: str
    author: str = " "
    channel: str = " "
    language: str = ""
    network: str = ""
    kind: str = ""
    sentiment: str = ""
    objective: str = ""
    topic: str = ""
    traits: frozenset[str] = field(default_factory=frozenset)
    stars: int | None = None
    followers: int | None = None

    @cached_property
    def known(self) -> frozenset[str]:
        """Its words, and those with a sigil also without."""
        words = self.words.split()
        return frozenset(words) | {word[1:] for word in words if word[0] in SIGILS}


Test = Callable[[Document], bool]


@lru_cache(maxsize=4096)
def finder(node: Node) -> Test:
    """The tree as a function."""
    if isinstance(node, And):
        tests = [finder(part) for part in node.parts]
        return lambda said: all(test(said) for test in tests)
    if isinstance(node, Or):
        tests = [finder(part) for part in node.parts]
        return lambda said: any(test(said) for test in tests)
    if isinstance(node, Not):
        found = finder(node.part)
        return lambda said: not found(said)
    if isinstance(node, Field):
        return _of_field(node)
    return _of_pattern(patterns.of_near(node)) if isinstance(node, Near) else _of_phrase(node)


def _of_phrase(node: Phrase) -> Test:
    if len(node.words) == 1 and node.words[0].is_plain:
        word = node.words[0].folded
        return lambda said: word in said.known
    plain = [word.folded for word in node.words if word.is_plain]
    search = re.compile(patterns.of_phrase(node)).search
    return lambda said: all(word in said.known for word in plain) and search(said.words) is not None


def _of_pattern(pattern: str) -> Test:
    search = re.compile(pattern).search
    return lambda said: search(said.words) is not None


def _of_field(node: Field) -> Test:
    name, value = node.name, node.value
    if name in ("stars", "followers"):
        compare, number = COMPARISONS[node.compared], int(value)
        return lambda said: (has := getattr(said, name)) is not None and compare(has, number)
    if name in ("author", "channel"):
        inside = f" {value} "
        return lambda said: inside in getattr(said, name)
    if name == "has":
        return lambda said: value in said.traits
    attribute = "kind" if name == "is" else name
    return lambda said: bool(getattr(said, attribute) == value)


@dataclass(frozen=True, slots=True)
class _Anchors:
    """At least one of these is in every text that the query finds: whole words, beginnings of words."""

    words: frozenset[str]
    stems: frozenset[str] = frozenset()

    def __or__(self, other: _Anchors) -> _Anchors:
        return _Anchors(self.words | other.words, self.stems | other.stems)

    @property
    def worth(self) -> tuple[int, int]:
        """Few and long are best."""
        every = self.words | self.stems
        return (-len(every), min(len(one) for one in every))


def has_anchor(node: Node) -> bool:
    """Whether each text that it finds has one of some words: else it may find nearly everything that anybody says."""
    return _anchors(node) is not None


def _anchors(node: Node) -> _Anchors | None:
    """None: the query may find a text with none of its words."""
    if isinstance(node, Phrase):
        return _of_words(node.words)
    if isinstance(node, Near):
        return _best([_together(node.left), _together(node.right)])
    if isinstance(node, And):
        return _best(_anchors(part) for part in node.parts)
    return _together(node.parts) if isinstance(node, Or) else None


def _of_words(words: Iterable[Word]) -> _Anchors | None:
    plain = [word.folded for word in words if word.is_plain]
    if plain:
        return _Anchors(frozenset([max(plain, key=len)]))
    stems = [word.stem for word in words if word.stem]
    return _Anchors(frozenset(), frozenset([max(stems, key=len)])) if stems else None


def _best(found: Iterable[_Anchors | None]) -> _Anchors | None:
    known = [one for one in found if one is not None]
    return max(known, key=lambda one: one.worth, default=None)


def _together(nodes: Iterable[Node]) -> _Anchors | None:
    every = _Anchors(frozenset())
    for one in (_anchors(node) for node in nodes):
        if one is None:
            return None
        every = every | one
    return every


class Matcher(Generic[Key]):
    """Many queries, ready for many texts."""

    def __init__(self, queries: Mapping[Key, Node]) -> None:
        self._tests = {key: finder(node) for key, node in queries.items()}
        self._by_word: dict[str, list[Key]] = defaultdict(list)
        self._by_stem: dict[str, list[Key]] = defaultdict(list)
        self._always: list[Key] = []
        for key, node in queries.items():
            anchors = _anchors(node)
            if anchors is None:
                self._always.append(key)
                continue
            for word in anchors.words:
                self._by_word[word].append(key)
            for stem in anchors.stems:
                self._by_stem[stem].append(key)
        self._lengths = sorted({len(stem) for stem in self._by_stem})

    def matching(self, said: Document) -> list[Key]:
        """The queries that find this text."""
        tried = set(self._always)
        for word in said.known & self._by_word.keys():
            tried.update(self._by_word[word])
        for length in self._lengths:
            for stem in {word[:length] for word in said.known} & self._by_stem.keys():
                tried.update(self._by_stem[stem])
        return [key for key in tried if self._tests[key](said)]
