"""Keeping tallies up: the days whose rows changed are counted again, and in time every day is.

Measuring marks a day stale in the transaction that changes its rows (`mark`), so a tally never says what its rows do
not: until the day is counted again, figures read its rows. The step `tally` counts stale days and those that have ended
since. What changes rows without a word, such as the erasure of a person, is found because all days are counted again in
turn.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.db.models import Min, QuerySet

from choir.measurement.counting import Part, Run, counted_by_each
from choir.measurement.metric import TALLIED, Metric
from choir.measurement.metrics import catalogue
from choir.measurement.models import Course, Progress, Stretch, Tally
from choir.measurement.question import DAY, Period, Question, midnight
from choir.measurement.spread import rounded
from choir.people.models import Workspace
from choir.prepared import Slot, one_of, prepared

DAYS_AT_ONCE = 31
PAUSE = dt.timedelta(minutes=5)  # between countings of a workspace that has few stale days
CHECKED_AT_ONCE = 2  # days that nothing was heard of, counted again each time


def tally(*, at: dt.datetime) -> int:
    """Count the next due days of every workspace; how many."""
    return sum(tally_workspace(one, at=at) for one in Workspace.objects.select_related("organisation"))


@transaction.atomic
def tally_workspace(workspace: Workspace, *, at: dt.datetime, is_hurried: bool = False) -> int:
    """One batch of days of one workspace. Nothing happens while it is being measured, before it was, or, save in a
    hurry, so soon after the last time that few days can be stale."""
    progress = Progress.objects.select_for_update(skip_locked=True).filter(workspace=workspace).first()
    if progress is None:
        return 0
    zone = ZoneInfo(workspace.organisation.time_zone)
    _widen(progress, zone, until=progress.at.astimezone(zone).date() - DAY)
    rested = progress.tallied_at is None or progress.tallied_at + PAUSE <= at
    if not (rested or is_hurried or len(progress.stale_days) > DAYS_AT_ONCE):
        return 0
    days = sorted(progress.stale_days, reverse=True)[:DAYS_AT_ONCE]
    stale = set(progress.stale_days) - set(days)
    checked = [] if days and len(days) == DAYS_AT_ONCE else _next_to_check(progress, CHECKED_AT_ONCE, stale)
    _count(workspace.pk, sorted({*days, *checked}), zone)
    progress.stale_days = sorted(stale)
    progress.tallied_at = at
    progress.save()
    return len(days)


def tally_all(workspace: Workspace, *, at: dt.datetime) -> int:
    """Count every day that is due, now; how many."""
    count = 0
    while batch := tally_workspace(workspace, at=at, is_hurried=True):
        count += batch
    return count


def forget_tallies(workspace: Workspace) -> None:
    """Throw them all away; they are counted anew from the rows."""
    Tally.objects.filter(workspace=workspace).delete()
    Progress.objects.filter(workspace=workspace).update(
        tallied_in="", tallied_at=None, tallied_first=None, tallied_last=None, stale_days=[], checked_to=None
    )


def mark(progress: Progress, moments: Iterable[dt.datetime]) -> None:
    """Rows of these moments changed: their days are stale, those before the first tallied day due. The caller holds
    the row and saves it."""
    if progress.tallied_first is None or progress.tallied_last is None:
        return
    zone = ZoneInfo(progress.tallied_in)
    days = {moment.astimezone(zone).date() for moment in moments}
    first = min(days | {progress.tallied_first})
    days |= _between(first, progress.tallied_first - DAY)
    progress.tallied_first = first
    known = {day for day in days if day <= progress.tallied_last}
    progress.stale_days = sorted(known.union(progress.stale_days))


def mark_all(organisation_id: uuid.UUID) -> None:
    """Something changed that rows of any day rest on: every tallied day is stale, in the caller's transaction."""
    known = Progress.objects.select_for_update().filter(workspace__organisation_id=organisation_id)
    for progress in known.filter(tallied_first__isnull=False, tallied_last__isnull=False).order_by("pk"):
        if progress.tallied_first is not None and progress.tallied_last is not None:
            progress.stale_days = sorted(_between(progress.tallied_first, progress.tallied_last))
            progress.save(update_fields=["stale_days"])


def moments_of(conversation_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[dt.datetime]]:
    """When the rows of each of these conversations count, of every metric that is tallied."""
    ids = list(conversation_ids)
    found: dict[uuid.UUID, set[dt.datetime]] = defaultdict(set)
    for dated in _dated():
        for pk, *moments in dated(ids=ids):
            found[pk].update(moment for moment in moments if moment is not None)
    return found


Moments = Callable[..., list[tuple[Any, ...]]]


@cache
def _dated() -> list[Moments]:
    """For each kind of row that is tallied, what tells a conversation's moments."""
    sources: dict[tuple[type[models.Model], str], set[str]] = defaultdict(set)
    anything = Question(uuid.UUID(int=0), Period.days_to(dt.datetime.now(dt.UTC), ZoneInfo("UTC"), 1), None)
    for metric in _metrics():
        sources[metric.rows(anything).model, metric.conversation].update(metric.dates)
    return [_moments(model, of, sorted(dates)) for (model, of), dates in sources.items()]


def _moments(model: type[models.Model], of: str, dates: Sequence[str]) -> Moments:
    @prepared
    def moments(ids: Slot) -> QuerySet[models.Model, tuple[Any, ...]]:
        return model._base_manager.filter(one_of(of, ids)).values_list(of, *dates)

    return moments


def _metrics() -> list[Metric]:
    return [one for one in catalogue().values() if one.is_tallied]


def _widen(progress: Progress, zone: ZoneInfo, *, until: dt.date) -> None:
    """Every whole day since the first row is tallied or due; in another time zone all of them begin anew."""
    if progress.tallied_in != str(zone):
        Tally.objects.filter(workspace_id=progress.workspace_id).delete()
        progress.tallied_in, progress.stale_days, progress.checked_to = str(zone), [], None
        progress.tallied_first = progress.tallied_last = None
    if progress.tallied_first is None or progress.tallied_last is None:
        first = _first_day(progress.workspace_id, zone)
        if first is None or first > until:
            return
        progress.tallied_first, progress.tallied_last = first, first - DAY
    if until > progress.tallied_last:
        progress.stale_days = [*progress.stale_days, *_between(progress.tallied_last + DAY, until)]
        progress.tallied_last = until


def _first_day(workspace_id: uuid.UUID, zone: ZoneInfo) -> dt.date | None:
    arrived = Course.objects.filter(workspace_id=workspace_id).aggregate(first=Min("arrived_at"))["first"]
    began = Stretch.objects.filter(workspace_id=workspace_id).aggregate(first=Min("began_at"))["first"]
    moments = [one for one in (arrived, began) if one is not None]
    return min(moments).astimezone(zone).date() if moments else None


def _between(first: dt.date, last: dt.date) -> set[dt.date]:
    return {first + number * DAY for number in range((last - first).days + 1)}


def _next_to_check(progress: Progress, count: int, stale: set[dt.date]) -> list[dt.date]:
    """The days after those that were checked last, around and around."""
    first, last = progress.tallied_first, progress.tallied_last
    if first is None or last is None or last < first:
        return []
    day = progress.checked_to if progress.checked_to and first <= progress.checked_to <= last else last
    days = []
    for _ in range(min(count, (last - first).days + 1)):
        day = day + DAY if day < last else first
        days.append(day)
    progress.checked_to = day
    return [one for one in days if one not in stale]


def _count(workspace_id: uuid.UUID, days: Sequence[dt.date], zone: ZoneInfo) -> None:
    """Replace the tallies of these days by what their rows say now."""
    if not days:
        return
    Tally.objects.filter(workspace_id=workspace_id, day__in=days).delete()
    asked = Question(workspace_id, Period(days[0], days[-1], zone, midnight(days[-1] + DAY, zone)), None)
    runs = _runs(days, zone)
    made = []
    for metric in _metrics():
        found = metric.rows(asked).filter(workspace_id=workspace_id)
        fields = {"": None} | {one: metric.splits[one] for one in TALLIED if one in metric.splits}
        for dimension, places in counted_by_each(metric, found, runs, fields, zone=zone, daily=True).items():
            for (day, key), part in places.items():
                if day is not None:
                    one = _tally(metric, part)
                    one.workspace_id, one.day = workspace_id, day
                    one.dimension, one.key = dimension, "" if key is None else str(key)
                    made.append(one)
    Tally.objects.bulk_create(made, batch_size=2_000)


def _tally(metric: Metric, part: Part) -> Tally:
    packed = [rounded(spread).packed() for spread in part.spreads] or [b"", b""]
    return Tally(
        metric=metric.slug, n=part.n, met=part.met, against=part.against, calendar=packed[0], business=packed[-1]
    )


def _runs(days: Sequence[dt.date], zone: ZoneInfo) -> list[Run]:
    runs: list[Run] = []
    for day in days:
        start, end = midnight(day, zone), midnight(day + DAY, zone)
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs
