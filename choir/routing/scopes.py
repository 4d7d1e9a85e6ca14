"""Scopes of the ownership matrix compared: which lies within which, and where two meet without either deciding.

“The most specific wins” says who owns a contact only if, of the cells that cover it, one lies within all the others.
Two that cross (care about delivery, care in German) leave open who owns what lies in both (care about delivery in
German), until a cell for just that decides. Such a tie is refused when it would be saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from choir.routing.decide import Cell


def within(inner: Cell, outer: Cell) -> bool:
    """Whether all that the one covers is covered by the other: a channel lies in its workspace, a workspace in its
    market."""
    return (
        outer.channel_id in (None, inner.channel_id)
        and outer.workspace_id in (None, inner.home_id)
        and outer.language in ("", inner.language)
        and outer.topic in ("", inner.topic)
        and outer.product.casefold() in ("", inner.product.casefold())
        and outer.region.casefold() in ("", inner.region.casefold(), inner.market.casefold())
    )


def crossing(one: Cell, other: Cell) -> Cell | None:
    """The scope of what both cover, None where they have nothing in common. Two products or two places can stand in one
    text; the one named first decides there, so these have nothing in common."""
    apart = (
        one.home_id and other.home_id and one.home_id != other.home_id,
        one.channel_id and other.channel_id and one.channel_id != other.channel_id,
        *(_differ(getattr(one, name), getattr(other, name)) for name in ("language", "topic", "product", "region")),
        _elsewhere(one, other) or _elsewhere(other, one),
    )
    if any(apart):
        return None
    nearer = one if one.channel_id or (one.workspace_id and not other.channel_id) else other
    return replace(
        nearer,
        channel_id=one.channel_id or other.channel_id,
        workspace_id=None if nearer.channel_id else one.workspace_id or other.workspace_id,
        workspace_name="" if nearer.channel_id else one.workspace_name or other.workspace_name,
        language=one.language or other.language,
        topic=one.topic or other.topic,
        product=one.product or other.product,
        region=_region(one, other),
    )


def _differ(left: str, right: str) -> bool:
    return bool(left and right) and left.casefold() != right.casefold()


def _elsewhere(one: Cell, other: Cell) -> bool:
    """Whether the one's region is a market in which the other's workspace is not."""
    if not one.region or one.is_place or other.home_id is None:
        return False
    return one.region.casefold() != other.market.casefold()


def _region(one: Cell, other: Cell) -> str:
    """The region that has to be said of the crossing: none that goes without saying, as the market of a workspace."""
    region = one.region or other.region
    market = one.market or other.market
    return "" if region.casefold() == market.casefold() else region


def undecided(one: Cell, other: Cell, cells: Sequence[Cell]) -> Cell | None:
    """What both cover and neither decides: None where they do not meet, one lies within the other, or a cell for just
    what they share says who owns that."""
    shared = crossing(one, other)
    if shared is None or within(one, other) is not within(other, one):
        return None
    decided = any(within(shared, cell) and within(cell, one) and within(cell, other) for cell in cells)
    return None if decided else shared


def ties(cell: Cell, cells: Sequence[Cell]) -> list[tuple[Cell, Cell]]:
    """The cells of the same objective that would own some contacts as much as this one, for another department, each
    with the scope of what they share."""
    return [
        (other, shared)
        for other in cells
        if other.objective == cell.objective and other.responsible_id != cell.responsible_id
        if (shared := undecided(cell, other, [one for one in cells if one not in (cell, other)])) is not None
    ]
