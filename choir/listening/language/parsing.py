"""From what a person typed to a tree, by recursive descent; errors name the character and say what to do.

    query   = either
    either  = all { OR all }
    all     = near { [AND] near }
    near    = unary [ NEAR/n unary ]
    unary   = (NOT | -) unary | ( either ) | term
    term    = "phrase" | field:value | field:"value" | field:(either of values) | word

Operators are capitals, so that “not” and “or” can be looked for in quotes. Nothing is guessed: what is not understood
is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from choir.listening.language.fields import FIELDS
from choir.listening.language.folding import LONGEST_WORD, SIGILS, folded, words_in
from choir.listening.language.tree import And, Compared, Field, Near, Node, Not, Or, Phrase, Word, is_only_without

LONGEST_QUERY = 4_000
MOST_TERMS = 200
DEEPEST = 20
WIDEST_NEAR = 50
SHORTEST_STEM = 2

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<open>\() | (?P<close>\)) |
    (?P<near>NEAR(?:/(?P<between>\d*))?(?=[\s("]|$)) |
    (?P<operator>(?:AND|OR|NOT)(?=[\s()"]|$)) |
    (?P<field>[^\W\d_]+):(?=\S) |
    (?P<minus>-)(?=[^\s-]) |
    "(?P<phrase>[^"]*)(?P<end>"?) |
    (?P<word>[^\s()"]+)
    )""",
    re.VERBOSE,
)
_QUOTES = str.maketrans("“”„«»＂（）", '""""""()')  # what phones and other keyboards write
_NUMBER = re.compile(r"(>=|<=|>|<|=)?(\d{1,12})")
_LOWER = {"and": "AND", "or": "OR", "not": "NOT"}


class QueryError(Exception):
    """What was typed is no query. `position` is the character (from 0) at which it stops being one."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int
    is_closed: bool = True


@lru_cache(maxsize=4096)
def parse(typed: str) -> Node:
    """The tree of a query. Raises QueryError."""
    if len(typed) > LONGEST_QUERY:
        raise QueryError(
            f"A query has {LONGEST_QUERY:,} characters at most; this has {len(typed):,}. Make two of it.", LONGEST_QUERY
        )
    tokens = _tokens(typed.translate(_QUOTES))
    if not tokens:
        raise QueryError("Nothing is looked for yet. Type a word, or a phrase in quotes.", 0)
    reading = _Reading(tokens, len(typed))
    tree = reading.either()
    if (left := reading.peek) is not None:
        raise QueryError("This ) closes nothing. Take it out, or open one before.", left.at)
    if is_only_without(tree):
        at = next((one.at for one in tokens if one.text == "NOT"), 0)
        raise QueryError("This only says what is unwanted. Say first what to look for: parcel NOT letter.", at)
    return tree


def _tokens(typed: str) -> list[_Token]:
    tokens: list[_Token] = []
    place = 0
    while found := _TOKEN.match(typed, place):
        place = found.end()
        kind = str(found.lastgroup)
        if kind == "between":
            kind = "near"
        if kind == "end":
            kind = "phrase"
        if kind == "minus":
            tokens.append(_Token("operator", "NOT", found.start("minus")))
        else:
            text = found["between"] if kind == "near" else found[kind]
            start = found.start("field" if kind == "field" else kind) - (kind == "phrase")
            tokens.append(_Token(kind, text if text is not None else "", start, found["end"] != "" or kind != "phrase"))
    return tokens


class _Reading:
    """Tokens being read from the left."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self.tokens, self.end, self.place, self.depth, self.terms = tokens, end, 0, 0, 0

    @property
    def peek(self) -> _Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def is_next(self, kind: str, text: str | None = None) -> bool:
        one = self.peek
        return one is not None and one.kind == kind and (text is None or one.text == text)

    def take(self) -> _Token:
        one = self.tokens[self.place]
        self.place += 1
        return one

    def either(self) -> Node:
        parts = [self.all_of()]
        while self.is_next("operator", "OR"):
            self.take()
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def all_of(self) -> Node:
        parts = [self.near()]
        while True:
            if self.is_next("operator", "AND"):
                self.take()
            elif self.peek is None or self.is_next("close") or self.is_next("operator", "OR"):
                break
            parts.append(self.near())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def near(self) -> Node:
        start = self.peek
        left = self.unary()
        if not self.is_next("near"):
            return left
        operator = self.take()
        if not operator.text:
            raise QueryError("NEAR needs a distance: NEAR/5 is up to five words between.", operator.at)
        between = int(operator.text)
        if between > WIDEST_NEAR:
            raise QueryError(f"NEAR reaches {WIDEST_NEAR} words at most. Use AND for further.", operator.at)
        right_start = self.peek
        right = self.unary()
        if self.is_next("near"):
            raise QueryError("NEAR joins two. Put AND between: (a NEAR/5 b) AND (b NEAR/5 c).", self.take().at)
        return Near(_placed(left, start), _placed(right, right_start), between)

    def unary(self) -> Node:
        one = self.peek
        if one is None:
            before = self.tokens[-1]
            raise QueryError(f"Something is missing after {_shown(before)}.", self.end)
        if one.kind == "operator" and one.text == "NOT":
            self.take()
            return Not(self.deeper(one, self.unary))
        if one.kind == "open":
            return self.group()
        if one.kind in ("operator", "near", "close"):
            raise QueryError(f"Something is missing before {_shown(one)}.", one.at)
        return self.term()

    def deeper(self, one: _Token, read: object) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise QueryError(f"This is nested more than {DEEPEST} deep. Make two queries of it.", one.at)
        found: Node = read()  # type: ignore[operator]
        self.depth -= 1
        return found

    def group(self) -> Node:
        opening = self.take()
        if self.is_next("close"):
            raise QueryError("There is nothing between these brackets.", opening.at)
        inside = self.deeper(opening, self.either)
        if not self.is_next("close"):
            raise QueryError("This ( is never closed. Put a ) after what belongs together.", opening.at)
        self.take()
        return inside

    def term(self) -> Node:
        one = self.take()
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise QueryError(f"A query has {MOST_TERMS} terms at most. Make two of it.", one.at)
        if one.kind == "field":
            return self.field(one)
        if one.kind == "phrase":
            return _phrase(one)
        if one.text in _LOWER:
            raise QueryError(
                f"Write {_LOWER[one.text]} in capitals if you mean the operator, or “{one.text}” in quotes if you mean "
                "the word.",
                one.at,
            )
        return _word(one)

    def field(self, name: _Token) -> Node:
        known = folded(name.text)
        if known not in FIELDS:
            raise QueryError(
                f"There is no field “{name.text}”; there are {', '.join(FIELDS)}. Put a word with a colon in quotes.",
                name.at,
            )
        if self.is_next("open"):
            opening = self.take()
            values = [self.value(known, name)]
            while self.is_next("operator", "OR"):
                self.take()
                values.append(self.value(known, name))
            if not self.is_next("close"):
                raise QueryError(
                    f"Between these brackets are values of {known} with OR between them: {known}:(a OR b).", opening.at
                )
            self.take()
            return values[0] if len(values) == 1 else Or(tuple(values))
        return self.value(known, name)

    def value(self, name: str, field: _Token) -> Field:
        one = self.peek
        if one is None or one.kind not in ("word", "phrase"):
            raise QueryError(f"{name}: needs a value, such as {FIELDS[name].example}.", field.at)
        self.take()
        return _field(name, one)


def _field(name: str, one: _Token) -> Field:
    asked = FIELDS[name]
    if asked.is_number:
        number = _NUMBER.fullmatch(one.text)
        if number is None:
            raise QueryError(f"{name}: is compared with a number, such as {asked.example}.", one.at)
        compared: Compared = number[1] or "="  # type: ignore[assignment]
        return Field(name, str(int(number[2])), compared)
    value = " ".join(words_in(one.text)) if name in ("author", "channel") else folded(one.text).strip()
    if name == "author":
        value = value.lstrip(SIGILS)
    if not value:
        raise QueryError(f"{name}: needs a value, such as {asked.example}.", one.at)
    if asked.values and value not in asked.values:
        raise QueryError(f"{name}: knows {', '.join(asked.values)}; “{one.text}” is none of them.", one.at)
    return Field(name, value)


def _phrase(one: _Token) -> Phrase:
    if not one.is_closed:
        raise QueryError("This quotation mark is never closed. Put another one after the phrase.", one.at)
    words = tuple(Word(word, word) for word in words_in(one.text))
    if not words:
        raise QueryError("There is no word between these quotation marks.", one.at)
    return Phrase(words, one.text.strip())


def _word(one: _Token) -> Phrase:
    """A word, or several where it has a hyphen or is of a script without spaces: then a phrase."""
    if "*" not in one.text and "?" not in one.text:
        words = words_in(one.text)
        if not words:
            raise QueryError(f"“{one.text}” has no letter, digit or emoji that could be found.", one.at)
        return Phrase(tuple(Word(word, one.text) for word in words), one.text)
    pieces = re.split(r"([*?])", one.text)
    made = "".join(piece if piece in ("*", "?") else _piece(piece, one) for piece in pieces)
    made = re.sub(r"\*[*?]*\*|\*\*", "*", made)[:LONGEST_WORD]
    if len(made.replace("*", "").replace("?", "").lstrip(SIGILS)) < SHORTEST_STEM:
        raise QueryError(
            f"“{one.text}” would find nearly everything. Write at least {SHORTEST_STEM} letters beside a * or ?.",
            one.at,
        )
    return Phrase((Word(made, one.text),), one.text)


def _piece(piece: str, one: _Token) -> str:
    words = words_in(piece)
    if len(words) > 1 or (words and words[0] != folded(piece).strip()) or (piece and not words):
        raise QueryError(f"“{one.text}” is several words; a * or ? stands inside one. Take them apart.", one.at)
    return words[0] if words else ""


def _placed(node: Node, start: _Token | None) -> tuple[Phrase, ...]:
    """What may stand beside NEAR: a word, a phrase, or some of them with OR between."""
    parts = node.parts if isinstance(node, Or) else (node,)
    phrases = tuple(part for part in parts if isinstance(part, Phrase))
    if len(phrases) != len(parts):
        raise QueryError(
            "Beside NEAR stand words, phrases, or some of them in brackets with OR between: "
            "(late OR lost) NEAR/5 parcel.",
            start.at if start else 0,
        )
    return phrases


def _shown(one: _Token) -> str:
    return {"open": "(", "close": ")", "near": f"NEAR/{one.text}", "field": f"{one.text}:"}.get(one.kind, one.text)
