"""Every metric counted anew from the tables, to hold figures against: by SQL written for each (`recounts`) and by
arrays, each row read once for all questions. Nothing here is of `choir.measurement`, so that a mistake there is not
made here as well.

A row of a metric has a moment, six places (department, team, channel, objective, language, campaign) and two amounts.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from bench.recounts import RECOUNTS, Recount

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Told = tuple[float | None, int, float | None]  # value, how many rows, 90th percentile
PLACES = ("department", "team", "channel", "objective", "language", "campaign")
NOTHING: Told = (None, 0, None)


@dataclass(frozen=True, slots=True)
class Asked:
    """Days of a time zone (the last until `end`), in which hours, and of which places."""

    days: tuple[dt.date, ...]
    end: dt.datetime
    zone: ZoneInfo
    is_business: bool
    narrowed: tuple[tuple[str, str], ...]

    @property
    def edges(self) -> list[float]:
        """When its days begin, and when the last one ends."""
        begins = [dt.datetime.combine(day, dt.time(), self.zone).timestamp() for day in self.days]
        return [*begins, self.end.timestamp()]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one metric, column by column; `places` are codes of `keys`."""

    recount: Recount
    at: Numbers
    met: Numbers
    against: Numbers
    places: Mapping[str, NDArray[np.int64]]
    keys: Mapping[str, list[Any]]

    def figures(self, asked: Asked) -> dict[Any, Told]:
        """The figure in all (`all`), of each day, and of each value of each place that is not narrowed."""
        edges = asked.edges
        held = self._held(dict(asked.narrowed))
        whole = self._held({name: one for name, one in asked.narrowed if name not in ("department", "team")})
        if self.recount.kind == "standing":
            return self._standing(asked, held, edges)
        inside = (self.at >= edges[0]) & (self.at < edges[-1])
        held, whole = held & inside, whole & inside
        day = np.searchsorted(edges, self.at, side="right") - 1
        found: dict[Any, Told] = {"all": self._told(asked, held, int(whole.sum()))}
        wholes = np.bincount(day[whole], minlength=len(asked.days))
        for number, rows in enumerate(_grouped(day, held, len(asked.days))):
            found[asked.days[number]] = self._told(asked, rows, int(wholes[number]))
        for name in PLACES:
            if name in dict(asked.narrowed):
                continue
            codes, of_all = self.places[name], name in ("department", "team")
            sums = np.bincount(codes[whole], minlength=len(self.keys[name]))
            for code, rows in enumerate(_grouped(codes, held, len(self.keys[name]))):
                if len(rows):
                    of = int(sums.sum() if of_all else sums[code])
                    found[name, self.keys[name][code]] = self._told(asked, rows, of)
        return found

    def _held(self, narrowed: Mapping[str, str]) -> Mask:
        found = np.ones(len(self.at), bool)
        for name, value in narrowed.items():
            codes = [code for code, key in enumerate(self.keys[name]) if str(key) == value]
            found &= np.isin(self.places[name], codes)
        return found

    def _told(self, asked: Asked, rows: NDArray[Any], whole: int) -> Told:
        """The figure of some rows: a mask or their numbers."""
        met, against, kind = self.met[rows], self.against[rows], self.recount.kind
        n = len(met)
        if kind == "lasting":
            lasted = against if asked.is_business else met
            lasted = np.sort(lasted[~np.isnan(lasted)])
            return (_quantile(lasted, 0.5), len(lasted), _quantile(lasted, 0.9)) if len(lasted) else NOTHING
        if kind == "counted":
            return float(n), n, None
        above, below = int(met.sum()), int(against.sum())
        if kind == "summed":
            return above / self.recount.scale, n, None
        if kind == "portion":
            return (n / whole if whole else None), n, None
        if kind == "ratio":
            return (above / below if below else None), n, None
        return ((above - (below if kind == "net" else 0)) / n if n else None), n, None

    def _standing(self, asked: Asked, held: Mask, edges: list[float]) -> dict[Any, Told]:
        def at(moment: float) -> Mask:
            return held & (self.at < moment) & (np.isnan(self.met) | (self.met >= moment))

        found: dict[Any, Told] = {
            day: (float(n), n, None)
            for day, end in zip(asked.days, edges[1:], strict=True)
            for n in [int(at(end).sum())]
        }
        last = at(edges[-1])
        found["all"] = float(last.sum()), int(last.sum()), None
        for name in PLACES:
            if name not in dict(asked.narrowed):
                counts = np.bincount(self.places[name][last], minlength=len(self.keys[name]))
                found |= {(name, self.keys[name][code]): (float(n), int(n), None) for code, n in enumerate(counts) if n}
        return found


def rows_of(slug: str) -> Rows:
    """All rows of a metric; the database holds one workspace."""
    recount = RECOUNTS[slug]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT array_agg(extract(epoch FROM {recount.at})::float8), array_agg(({recount.met})::float8),"
            f" array_agg(({recount.against})::float8), {recount.places}"
            f" FROM {recount.of} AND {recount.at} IS NOT NULL GROUP BY {', '.join(map(str, range(4, 4 + len(PLACES))))}"
        )
        groups = cursor.fetchall()
    at, met, against = (
        np.concatenate([np.empty(0), *(np.array(one[column], float) for one in groups)]) for column in range(3)
    )
    sizes = [len(one[0]) for one in groups]
    codes, keys = dict[str, NDArray[np.int64]](), dict[str, list[Any]]()
    for number, name in enumerate(PLACES, start=3):
        keys[name] = list(dict.fromkeys(one[number] for one in groups))
        of_groups = np.array([keys[name].index(one[number]) for one in groups], np.int64)
        codes[name] = np.repeat(of_groups, sizes)
    return Rows(recount, at, met, against, codes, keys)


def _grouped(codes: NDArray[np.int64], held: Mask, count: int) -> list[NDArray[np.int64]]:
    """The numbers of the rows of each code."""
    rows = np.flatnonzero(held)
    order = rows[np.argsort(codes[rows], kind="stable")]
    return np.split(order, np.searchsorted(codes[order], np.arange(1, count))) if count else []


def _quantile(ascending: Numbers, share: float) -> float:
    """Between neighbours, in proportion."""
    place = share * (len(ascending) - 1)
    low, high = ascending[math.floor(place)], ascending[math.ceil(place)]
    return float(low + (place - math.floor(place)) * (high - low))
