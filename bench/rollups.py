"""Whether figures read from tallies are what a recount of all rows says: on generated history, and on real threads
where the folder named by CHOIR_BENCH_DATA has care-threads/threads.csv.gz, in the form of imports."""

from __future__ import annotations

import datetime as dt
import math
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from bench.dashboards import vary
from bench.figures import say
from bench.history import make
from bench.place import Place, fresh
from choir.channels.importing import begin, import_channel
from choir.channels.imports.formats import source
from choir.channels.imports.opening import opened
from choir.flow.import_file import run_import
from choir.flow.seal import seal
from choir.flow.steps import advance_all
from choir.measurement.figures import Figure, by_day, figure, split
from choir.measurement.measure import measure_workspace, rebuild
from choir.measurement.metric import TALLIED, Lasting, Metric
from choir.measurement.metrics import catalogue
from choir.measurement.models import Course
from choir.measurement.question import NOT_TALLIED, Period, Question, question
from choir.measurement.tallies import held
from choir.measurement.tally import tally_all
from choir.people.models import Department
from choir.routing.models import Hours
from choir.wake import Step

PERIODS = (28, 365)
SETTLED = dt.timedelta(hours=1)  # after which events are sealed
ROUNDED = 0.01  # how far a quantile may be from what rows say
RICHER = (
    """UPDATE people_person SET hourly_cost = 20 + length(name) %% 30""",
    """UPDATE inbox_message m SET person_id = c.assignee_id, handling_seconds = (30 + random() * 600)::int
       FROM inbox_conversation c WHERE m.conversation_id = c.id AND m.direction = 'outbound'
         AND c.assignee_id IS NOT NULL""",
    """INSERT INTO outbound_engagement (id, workspace_id, channel_id, message_id, likes_count, reposts_count,
         replies_count, views_count, measured_at, measurings_count)
       SELECT gen_random_uuid(), m.workspace_id, c.channel_id, m.id, (random() * 9)::int, NULL, (random() * 2)::int,
         CASE WHEN random() < 0.7 THEN (random() * 900)::int END, now(), 7
       FROM inbox_message m JOIN inbox_conversation c ON c.id = m.conversation_id
       WHERE m.direction = 'outbound' AND m.handling_seconds %% 5 = 0""",
)
CAMPAIGNS = """UPDATE {table} SET campaign = CASE WHEN conversation_id::text ~ '[0-3]$' THEN 'spring' ELSE 'autumn' END
               WHERE conversation_id::text ~ '[0-7]$'"""


def measure(sizes: Sequence[int]) -> dict[str, float]:
    """Generated history of the largest size; real threads where there are any."""
    figures: dict[str, float] = {}
    place = fresh()
    make(place, conversations=max(sizes))
    _all_of(RICHER)
    rebuild(place.workspace, at=timezone.now())
    vary()
    _all_of([CAMPAIGNS.format(table=f"measurement_{name}") for name in ("course", "stretch")])
    figures |= _compare(place, f"{max(sizes):,} conversations")
    folder = os.environ.get("CHOIR_BENCH_DATA", "")
    threads = Path(folder) / "care-threads" / "threads.csv.gz"
    if folder and threads.exists():
        place = fresh()
        _bring_in(place, threads)
        figures |= _compare(place, "real threads")
    else:
        say("real threads", "none", "name their folder in CHOIR_BENCH_DATA")
    connection.close()
    return figures


def _all_of(statements: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for one in statements:
            cursor.execute(one.replace("%%", "%"))


def _bring_in(place: Place, threads: Path) -> None:
    """Import, understand, route, seal and measure, event by event: what the command and the workers do."""
    now, read = timezone.now(), source(opened(threads), format="threads", columns={})
    channel = import_channel(place.workspace, name="Threads", format="threads", at=now)
    run_import(begin(channel, read, by=None, at=now), read, at=now)
    advance_all(only=(Step.UNDERSTAND, Step.ROUTE))
    while seal(at=timezone.now() + SETTLED):
        pass
    while measure_workspace(place.workspace, at=timezone.now()):
        pass


def _compare(place: Place, name: str) -> dict[str, float]:
    """Every metric's figure, days and splits in several periods, from tallies and from rows."""
    workspace = place.workspace
    began = time.perf_counter()
    days = tally_all(workspace, at=timezone.now())
    say(f"{name}: tallying {days:,} days", f"{time.perf_counter() - began:.0f} s")
    courses = Course.objects.filter(workspace=workspace)
    last = courses.order_by("-arrived_at").values_list("arrived_at", flat=True)[0]
    found: Counter[str] = Counter()
    worst = 0.0
    known, zone = held(workspace.pk), ZoneInfo(workspace.organisation.time_zone)
    for asked in _questions(place, last, zone):
        for metric in catalogue().values():
            if asked.hours == Hours.BUSINESS and not metric.has_hours:
                continue
            kept = _everything(metric, replace(asked, held=known))
            recounted = _everything(metric, replace(asked, held=NOT_TALLIED))
            for key in kept.keys() | recounted.keys():
                off = _off(kept.get(key), recounted.get(key))
                found["compared"] += 1
                found["unequal"] += off > ROUNDED or (off > 0 and not isinstance(metric, Lasting))
                worst = max(worst, off)
    say(f"{name}: {courses.count():,} courses, figures compared", f"{found['compared']:,}")
    say(f"{name}: unequal to a recount", f"{found['unequal']:,}", f"bar 0; quantiles off by {worst:.2%} at most")
    return {f"{name}, compared": found["compared"], f"{name}, unequal": found["unequal"], f"{name}, worst": worst}


def _questions(place: Place, last: dt.datetime, zone: ZoneInfo) -> Iterator[Question]:
    """Of everybody, in both kinds of hours; of one department; of one campaign."""
    for count in PERIODS:
        asked = question(place.champion, place.workspace, Period.days_to(last, zone, count), hours=Hours.CALENDAR)
        yield asked
        yield replace(asked, hours=Hours.BUSINESS)
        yield asked.to(department=Department.objects.order_by("pk")[0].pk)
        yield asked.to(campaign="spring")


def _everything(metric: Metric, asked: Question) -> Mapping[Any, Figure]:
    """The figure, its days and its splits."""
    found: dict[Any, Figure] = {"all": figure(metric, asked)}
    found |= dict(by_day(metric, asked).items())
    for by in TALLIED:
        if by not in dict(asked.narrowed):
            found |= {(by, key): one for key, one in split(metric, asked, by).items()}
    return found


def _off(kept: Figure | None, recounted: Figure | None) -> float:
    """How far a figure from tallies is from a recount: 0 where they are equal, as a part of it where quantiles are
    rounded, infinite where they are different things."""
    if kept == recounted:
        return 0.0
    if kept is None or recounted is None or kept.n != recounted.n:
        return math.inf
    pairs = [(kept.value, recounted.value), (kept.p90, recounted.p90)]
    if any(one is None or other is None for one, other in pairs):
        return math.inf
    return max(abs(one - other) / max(abs(other), 1) for one, other in pairs if one is not None and other is not None)
