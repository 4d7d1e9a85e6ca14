"""Pages of rows in the order of a name, by keyset: page 400 costs what page 1 costs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import models
from django.db.models import F, Q

PAGE_SIZE = 50
Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Leaf(Generic[Row]):
    """Some rows in order; `after` is the row to read on behind, None at the end."""

    rows: list[Row]
    after: uuid.UUID | None


def leaf(rows: models.QuerySet[Row], *, by: str, after: uuid.UUID | None = None, size: int = PAGE_SIZE) -> Leaf[Row]:
    """The rows behind one of them in the order of column `by` and the id; from the start when that one is not among
    them (any more)."""
    start = rows.filter(pk=after).values_list(by, "pk").first() if after else None
    if start is not None:
        name, key = start
        rows = rows.filter(Q(**{f"{by}__gte": name}) & (Q(**{f"{by}__gt": name}) | Q(pk__gt=key)))
    found = list(rows.order_by(F(by), "pk")[: size + 1])
    return Leaf(found[:size], found[size - 1].pk if len(found) > size else None)
