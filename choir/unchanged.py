"""What was read from small tables, kept for as long as no row of them changes.

Routing reads the whole organisation for each batch, a dozen queries for what changes a few times a day. One query tells
whether it did: every version of a row has a place (`ctid`) and the transaction that made it (`xmin`), and the sum over
all rows that are visible now is another one as soon as any of them is added, changed or removed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from threading import Lock
from typing import Any, TypeVar

from django.db import connection, models

from choir.statements import asked

MOST_KEPT = 64

Kept = TypeVar("Kept")
_kept: OrderedDict[Hashable, tuple[tuple[Any, ...], Any]] = OrderedDict()
_lock = Lock()


def unchanged(key: Hashable, tables: Sequence[type[models.Model]], read: Callable[[], Kept]) -> Kept:
    """What `read` returns of these tables, read anew only if one of their rows changed since. Whoever gets it must not
    change it."""
    now = stamp(tables)
    with _lock:
        known = _kept.get(key)
    if known is not None and known[0] == now:
        found: Kept = known[1]
        return found
    fresh = read()
    with _lock:
        _kept[key] = (now, fresh)
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return fresh


@cache
def _question(tables: tuple[type[models.Model], ...]) -> str:
    quote = connection.ops.quote_name
    sums = ", ".join(
        f"(SELECT sum(hashtextextended(xmin::text || ctid::text, 0)) FROM {quote(one._meta.db_table)})"  # noqa: S608 -- names of our tables
        for one in tables
    )
    return f"SELECT {sums}"


def stamp(tables: Sequence[type[models.Model]]) -> tuple[Any, ...]:
    """What these tables hold now, as numbers: one query."""
    (found,) = asked(_question(tuple(tables)))
    return found
