"""A tree in a network's own words: the widest question it can be asked, so that nothing that the query finds is missed.

What a network cannot be asked is left out of its question and completed here: everything that comes back is matched
in memory like anything else that arrives. `SearchAbility` (`choir.channels.contract`) says what a network understands.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from choir.channels.contract import SearchAbility
from choir.listening.language.tree import And, Field, Near, Node, Not, Or, Phrase


@dataclass(frozen=True, slots=True)
class NativeSearch:
    """Questions to a network; what any of them finds is wanted, as far as the network can tell. None at all: it cannot
    be asked. `is_exact`: every answer fulfils the query, as the network understands words."""

    questions: tuple[str, ...]
    is_exact: bool


@dataclass(frozen=True, slots=True)
class _Clause:
    """Pieces that must all hold, as the network writes them, unwanted ones apart."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()

    def __add__(self, other: _Clause) -> _Clause:
        return _Clause(
            tuple(dict.fromkeys(self.wanted + other.wanted)), tuple(dict.fromkeys(self.unwanted + other.unwanted))
        )


Clauses = tuple[_Clause, ...]
EVERYTHING: Clauses = (_Clause(),)


def for_network(tree: Node, ability: SearchAbility) -> NativeSearch:
    """The widest questions for a tree: together they find all that it finds, and perhaps more."""
    clauses, is_exact = _widened(tree, ability)
    questions: list[str] = []
    for clause in clauses:
        if not clause.wanted:
            return NativeSearch((), is_exact=False)
        question, whole = _written(clause, ability)
        if not question:
            return NativeSearch((), is_exact=False)
        questions.append(question)
        is_exact = is_exact and whole
    joined = _joined(list(dict.fromkeys(questions)), ability)
    if len(joined) > ability.most_questions:
        return NativeSearch((), is_exact=False)
    if ability.also_hashtags:
        tags = [tag for clause in clauses if (tag := _hashtag_of(clause))]
        joined += [tag for tag in dict.fromkeys(tags) if tag not in joined][: ability.most_questions]
    return NativeSearch(tuple(joined), is_exact)


def _hashtag_of(clause: _Clause) -> str:
    """The hashtag that stands for a clause: one it names, or its longest word; none where there is a phrase: one word
    would bring too much."""
    if any('"' in one for one in clause.wanted):
        return ""
    words = [one for one in clause.wanted if one.removeprefix("#").isalnum()]
    return max((f"#{one.removeprefix('#')}" for one in words), key=lambda tag: (tag in words, len(tag)), default="")


def _widened(node: Node, ability: SearchAbility) -> tuple[Clauses, bool]:
    """Alternatives that together are at least as wide as the node, and whether they are just as wide."""
    if isinstance(node, Or):
        found = [_widened(part, ability) for part in node.parts]
        every = tuple(clause for clauses, _ in found for clause in clauses)
        return (every, all(exact for _, exact in found)) if len(every) <= _most(ability) else (EVERYTHING, False)
    if isinstance(node, And):
        return _all_of([_widened(part, ability) for part in node.parts], ability)
    if isinstance(node, Not):
        return _without(node, ability)
    if isinstance(node, Near):
        left, right = (_widened(Or(side), ability)[0] for side in (node.left, node.right))
        return _all_of([(left, False), (right, False)], ability)
    piece = _field(node, ability) if isinstance(node, Field) else _phrase(node, ability)
    return piece if piece is not None else (EVERYTHING, False)


def _most(ability: SearchAbility) -> int:
    return 64 if ability.either else ability.most_questions


def _all_of(found: list[tuple[Clauses, bool]], ability: SearchAbility) -> tuple[Clauses, bool]:
    """Every combination of alternatives; a part that would make too many is left out, which is wider."""
    clauses, is_exact = EVERYTHING, True
    for more, exact in sorted(found, key=lambda one: len(one[0])):
        if len(clauses) * len(more) > _most(ability):
            is_exact = False
            continue
        clauses = tuple(one + other for one, other in itertools.product(clauses, more))
        is_exact = is_exact and exact
    return clauses, is_exact


def _without(node: Not, ability: SearchAbility) -> tuple[Clauses, bool]:
    """What is unwanted may be left to the network only where it understands exactly that."""
    clauses, is_exact = _widened(node.part, ability)
    single = all(len(clause.wanted) == 1 and not clause.unwanted for clause in clauses)
    if not ability.without or not is_exact or not single:
        return EVERYTHING, False
    return (_Clause(unwanted=tuple(clause.wanted[0] for clause in clauses)),), True


def _phrase(node: Phrase, ability: SearchAbility) -> tuple[Clauses, bool] | None:
    tags = tuple(word.folded for word in node.words if word.folded.startswith("#"))
    if ability.only_hashtags:
        return ((_Clause(tags[:1]),), len(node.words) == 1) if tags and node.words[0].is_plain else None
    if any(not word.is_plain for word in node.words):
        word = node.words[0]
        if ability.beginnings and word.folded == f"{word.stem}*":
            return (_Clause((word.typed,)),), True
        return None
    if len(node.words) == 1:
        return (_Clause((node.typed,)),), True
    if ability.phrases:
        return (_Clause((f'"{node.typed}"',)),), True
    return (_Clause(tuple(node.typed.split())),), False


def _field(node: Field, ability: SearchAbility) -> tuple[Clauses, bool] | None:
    written = ability.fields.get(f"{node.name}:{node.value}") or ability.fields.get(node.name)
    if written is None or node.compared != "=" or (" " in node.value and "{value}" in written):
        return None
    return (_Clause((written.replace("{value}", node.value),)),), node.name != "author"


def _written(clause: _Clause, ability: SearchAbility) -> tuple[str, bool]:
    """One clause as a question, as much of it as the network takes; and whether that is all of it. What is unwanted
    goes first when it grows too long, then the shortest words."""
    pieces = [*clause.wanted, *(ability.without.replace("{value}", one) for one in clause.unwanted)]
    kept: list[str] = []
    order = sorted(range(len(pieces)), key=lambda place: (place >= len(clause.wanted), -len(pieces[place])))
    for place in order:
        if len(" ".join([*kept, pieces[place]])) <= ability.longest:
            kept.append(pieces[place])
    inside = [piece for piece in pieces if piece in kept]
    wanted = any(piece in clause.wanted for piece in inside)
    return (" ".join(inside) if wanted else ""), len(inside) == len(pieces)


def _joined(questions: list[str], ability: SearchAbility) -> list[str]:
    """Alternatives in as few questions as the network's “or” and its longest question allow. Where it knows no
    brackets, only single words and phrases are joined: what binds closer there is not to be relied on."""
    if not ability.either or len(questions) == 1:
        return questions
    joined: list[str] = []
    alone: list[str] = []
    for one in questions:
        is_single = " " not in one or (one.startswith('"') and one.count('"') == 2 and one.endswith('"'))
        if not is_single and not ability.groups:
            alone.append(one)
            continue
        piece = one if is_single else f"({one})"
        together = f"{joined[-1]}{ability.either}{piece}" if joined else ""
        if together and len(together) <= ability.longest:
            joined[-1] = together
        else:
            joined.append(piece if len(piece) <= ability.longest else one)
    return joined + alone
