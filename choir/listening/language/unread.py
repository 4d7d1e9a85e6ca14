"""A tree for what nobody has read yet: fields that only a reading fills (its language, its mood) are not known when a
network shows something, so they must not keep it out."""

from __future__ import annotations

from choir.listening.language.tree import And, Field, Node, Not, Or

OF_A_READING = frozenset({"language", "sentiment", "objective", "topic"})


def possible(tree: Node) -> Node | None:
    """The narrowest tree without those fields that finds all that the tree may find; None: it may find anything."""
    return _bound(tree, is_upper=True)


def _bound(node: Node, *, is_upper: bool) -> Node | None:
    """What holds whenever the node may hold (`is_upper`), or only when it must; None: always, or never."""
    if isinstance(node, Field):
        return None if node.name in OF_A_READING else node
    if isinstance(node, Not):
        inside = _bound(node.part, is_upper=not is_upper)
        return None if inside is None else Not(inside)
    if isinstance(node, And | Or):
        parts = [_bound(part, is_upper=is_upper) for part in node.parts]
        known = tuple(part for part in parts if part is not None)
        is_decided = isinstance(node, Or) == is_upper and len(known) < len(parts)
        if is_decided or not known:
            return None
        return known[0] if len(known) == 1 else type(node)(known)
    return node
