"""What the rows behind a part of an account add up to: the number that the account shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from choir.conversions.models import Conversion


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows there are, how many of them count (an objective that several goals name counts for each in equal
    parts), and the hours of recorded work that count."""

    rows: int
    counts: float
    hours: float

    @property
    def is_shared(self) -> bool:
        """Whether some rows count for other goals as well."""
        return self.rows != self.counts


def total(found: QuerySet[Any], paths: Mapping[str, str], weights: Mapping[Any, float]) -> Total:
    """Of conversations or answers; `paths` leads to their objective and, where they have them, their seconds of work;
    `weights` says how much an objective's rows count, all of them where it is empty."""
    seconds = {"seconds": Sum(paths["seconds"])} if "seconds" in paths else {}
    path = f"{paths['objective']}_id"
    rows, counts, worked = 0, 0.0, 0.0
    for one in found.order_by().values(path).annotate(n=Count("pk"), **seconds):
        part = weights.get(one[path], 1.0)
        rows += one["n"]
        counts += part * one["n"]
        worked += part * (one.get("seconds") or 0)
    return Total(rows, counts, worked / 3600)


@dataclass(frozen=True, slots=True)
class Converted:
    """How many conversions, and what those with an amount add up to."""

    rows: int
    amount: Decimal


def total_of_conversions(found: QuerySet[Conversion]) -> Converted:
    """All that the address asks for."""
    told = found.aggregate(rows=Count("pk"), amount=Sum("amount"))
    return Converted(told["rows"], told["amount"] or Decimal())
