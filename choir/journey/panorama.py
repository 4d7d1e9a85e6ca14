"""Panoramas: where everybody was and is, drawn ahead every quarter of an hour, so that a page reads what a hundred
thousand customers take a second to work out. What a cell counts and whom it lists are the same rows."""

from __future__ import annotations

import datetime as dt
import heapq
import uuid
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max

from choir.journey.cohorts import Cohort, cohorts
from choir.journey.meetings import Met, Voice, met
from choir.journey.models import Panorama, PanoramaCell, StageCorrection, Walk
from choir.journey.queries import GONE, UNTOLD, Flow, placed
from choir.measurement.question import Period
from choir.people.models import Workspace
from choir.rows import insert, made

DAYS = (28, 90, 365)
EVERY = dt.timedelta(minutes=15)


def redraw(*, at: dt.datetime) -> int:
    """Draw the next panorama that is missing, older than `EVERY`, or older than what a person put right since, of a
    workspace whose customers are all followed; how many."""
    known = {(one.workspace_id, one.days): one.at for one in Panorama.objects.defer("told")}
    right = StageCorrection.objects.values_list("workspace").annotate(newest=Max("at"))
    corrected = dict(right.order_by())
    for walk in Walk.objects.filter(is_whole=True).select_related("workspace__organisation"):
        for days in DAYS:
            drawn = known.get((walk.workspace_id, days))
            put_right = corrected.get(walk.workspace_id)
            if drawn is None or drawn <= at - EVERY or (put_right is not None and drawn < put_right <= at):
                draw(walk.workspace, days, at=at)
                return 1
    return 0


def panorama_of(workspace: Workspace, days: int, *, at: dt.datetime) -> Panorama:
    """The one that is kept, or, where there is none yet, one drawn now."""
    return Panorama.objects.filter(workspace=workspace, days=days).first() or draw(workspace, days, at=at)


def period_of(panorama: Panorama, workspace: Workspace) -> Period:
    """Its days, as the organisation's."""
    return Period.days_to(panorama.at, ZoneInfo(workspace.organisation.time_zone), panorama.days)


@transaction.atomic
def draw(workspace: Workspace, days: int, *, at: dt.datetime) -> Panorama:
    """Work a panorama out and keep it in the place of the one before."""
    period = Period.days_to(at, ZoneInfo(workspace.organisation.time_zone), days)
    cells: dict[tuple[str, str, str], _Cell] = {}
    rows = placed(workspace, period).order_by("name", "pk").values_list("pk", "began", "ended", "ended_stage")
    for rank, (pk, began, ended, stood) in enumerate(rows.iterator(chunk_size=5_000)):
        cell = cells.setdefault((began, ended, stood if ended == GONE else ""), _Cell())
        cell.ranks.append(rank)
        cell.customers += pk.bytes
    told = {
        "met": [asdict(one) for one in met(workspace, period)],
        "cohorts": [asdict(one) for one in cohorts(workspace, at=period.end, zone=period.zone)],
    }
    for one in (*told["cohorts"], *(voice for found in told["met"] for voice in found["voices"])):
        name = "month" if "month" in one else "newest"
        one[name] = one[name].isoformat()
    drawn, _ = Panorama.objects.update_or_create(workspace=workspace, days=days, defaults={"at": at, "told": told})
    PanoramaCell.objects.filter(panorama=drawn).delete()
    insert([
        made(PanoramaCell, panorama=drawn, began=began, ended=ended, stood=stood, count=len(cell.ranks),
             ranks=cell.ranks.tobytes(), customers=bytes(cell.customers))
        for (began, ended, stood), cell in cells.items()
    ])  # fmt: skip
    return drawn


@dataclass(slots=True)
class _Cell:
    ranks: array[int] = field(default_factory=lambda: array("I"))
    customers: bytearray = field(default_factory=bytearray)


def flow_of(panorama: Panorama) -> Flow:
    """Its flow."""
    cells: Counter[tuple[str, str]] = Counter()
    left: Counter[str] = Counter()
    for began, ended, stood, n in panorama.cells.values_list("began", "ended", "stood", "count"):
        cells[began, ended] += n
        if ended == GONE and began != GONE:
            left[stood or UNTOLD] += n
    return Flow(dict(cells), dict(left))


def met_of(panorama: Panorama) -> list[Met]:
    """What happened at each stage."""
    return [
        Met(**{
            **one,
            "departments": [(slug, name, n) for slug, name, n in one["departments"]],
            "voices": [Voice(**{**two, "newest": dt.datetime.fromisoformat(two["newest"])}) for two in one["voices"]],
        })
        for one in panorama.told["met"]
    ]  # fmt: skip


def cohorts_of(panorama: Panorama) -> list[Cohort]:
    """Its cohorts, the newest last."""
    return [Cohort(**{**one, "month": dt.datetime.fromisoformat(one["month"])}) for one in panorama.told["cohorts"]]


@dataclass(frozen=True, slots=True)
class Listed:
    """One customer of a panorama: their place among all by name, and where they were and are."""

    rank: int
    customer: uuid.UUID
    began: str
    ended: str


def cells_of(panorama: Panorama, *, start: str = "", end: str = "", left: str = "") -> list[PanoramaCell]:
    """The cells that a count adds up: of whoever was at `start`, is at `end`, or left from `left`."""
    found = panorama.cells.all()
    if start:
        found = found.filter(began=start)
    if end:
        found = found.filter(ended=end)
    if left:
        found = found.filter(ended=GONE, stood="" if left == UNTOLD else left).exclude(began=GONE)
    return list(found)


def listed(
    cells: Sequence[PanoramaCell],
    *,
    after: int = -1,
    most: int | None = None,
    only: Container[bytes] | None = None,
) -> list[Listed]:
    """Whom these cells count, by name, from the place behind `after` on; `only` those with these ids, as bytes."""
    return list(islice(heapq.merge(*(_from(cell, after, only) for cell in cells), key=lambda one: one.rank), most))


def _from(cell: PanoramaCell, after: int, only: Container[bytes] | None) -> Iterator[Listed]:
    ranks: Any = memoryview(cell.ranks).cast("I")
    ids = bytes(cell.customers)
    for place in range(bisect_right(ranks, after), len(ranks)):
        pk = ids[16 * place : 16 * place + 16]
        if only is None or pk in only:
            yield Listed(ranks[place], uuid.UUID(bytes=pk), cell.began, cell.ended)
