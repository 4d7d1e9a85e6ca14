"""A tree as a condition on the table of wordings, for PostgreSQL.

Words are looked up in the index of `search`; phrases, nearness and inner wildcards are looked up by their words and
then held to the pattern over `words`. Nothing is left to be completed outside.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from choir.listening.language import patterns
from choir.listening.language.folding import SIGILS
from choir.listening.language.tree import And, Field, Near, Node, Not, Or, Phrase, Word

Channels = Mapping[uuid.UUID, str]


@dataclass
class Condition:
    """A WHERE expression over columns of `table`, and its parameters."""

    table: str
    channels: Channels
    parameters: list[Any] = field(default_factory=list)

    def of(self, node: Node) -> str:
        """The expression of a tree; parameters are gathered on the way, in order. Never NULL."""
        if isinstance(node, And | Or):
            word = " AND " if isinstance(node, And) else " OR "
            return f"({word.join(self.of(part) for part in node.parts)})"
        if isinstance(node, Not):
            return f"NOT {self.of(node.part)}"
        if isinstance(node, Field):
            return self._field(node)
        if isinstance(node, Near):
            return self._near(node)
        return self._phrase(node)

    def _phrase(self, node: Phrase) -> str:
        looked_up = self._words(all_lexemes([node]))
        if len(node.words) == 1 and _is_lookup(node.words[0]):
            return looked_up
        return f"({looked_up} AND {self._pattern(patterns.of_phrase(node))})"

    def _near(self, node: Near) -> str:
        left, right = self._words(all_lexemes(node.left)), self._words(all_lexemes(node.right))
        return f"({left} AND {right} AND {self._pattern(patterns.of_near(node))})"

    def _words(self, lexemes: str) -> str:
        if not lexemes:
            return "true"
        return self._with(f"{self.table}.search @@ %s::tsquery", lexemes)

    def _pattern(self, pattern: str) -> str:
        return self._with(f"{self.table}.words ~ %s", pattern)

    def _with(self, expression: str, *values: Any) -> str:
        self.parameters.extend(values)
        return expression

    def _field(self, node: Field) -> str:
        name, value, table = node.name, node.value, self.table
        if name in ("stars", "followers"):
            return self._with(f"coalesce({table}.{name} {node.compared} %s, false)", int(value))
        if name == "author":
            return self._with(f"position(%s IN {table}.author) > 0", f" {value} ")
        if name == "channel":
            named = [pk for pk, words in self.channels.items() if f" {value} " in words]
            return self._with(f"{table}.channel_id = ANY(%s)", named)
        if name == "has":
            return self._with(f"%s = ANY({table}.traits)", value)
        return self._with(f"{table}.{'kind' if name == 'is' else name} = %s", value)


def where(node: Node, *, table: str, channels: Channels) -> tuple[str, list[Any]]:
    """The condition of a tree on a table (or its alias) with the columns of a wording. `channels` tells their folded
    names by id."""
    condition = Condition(table, channels)
    return condition.of(node), condition.parameters


def all_lexemes(phrases: Iterable[Phrase]) -> str:
    """A tsquery that every text with one of these phrases fulfils; "" when there is none to be had."""
    each = [" & ".join(filter(None, (_lexeme(word) for word in phrase.words))) for phrase in phrases]
    return " | ".join(f"({one})" for one in each) if all(each) else ""


def _lexeme(word: Word) -> str:
    stem = word.stem
    if not stem.lstrip(SIGILS):
        return ""
    begun = "" if word.is_plain else ":*"
    forms = [stem] if stem[0] in SIGILS else [stem, *(sigil + stem for sigil in SIGILS)]
    each = " | ".join(f"'{form}'{begun}" for form in forms)
    return f"({each})"


def _is_lookup(word: Word) -> bool:
    """Whether the index alone decides: a whole word, or the beginning of one."""
    return word.is_plain or (word.folded.endswith("*") and word.stem + "*" == word.folded and bool(_lexeme(word)))
