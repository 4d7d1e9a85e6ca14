"""Whether figures read from tallies are what a recount of all rows says (`recount`, which shares nothing with them): on
generated history, with what is heard late, and on real threads where the folder named by CHOIR_BENCH_DATA has
care-threads/threads.csv.gz, in the form of imports."""

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

from bench.dashboards import speak_of, vary
from bench.figures import say
from bench.history import completed, make
from bench.place import Place, fresh
from bench.recount import Asked, Told, rows_of
from choir.channels.importing import begin, import_channel
from choir.channels.imports.formats import source
from choir.channels.imports.opening import opened
from choir.events.actions import event, record_many
from choir.flow.import_file import run_import
from choir.flow.seal import seal
from choir.flow.steps import advance_all
from choir.inbox.models import Conversation
from choir.measurement.figures import Figure, by_day, figure, splits
from choir.measurement.measure import measure_workspace, rebuild
from choir.measurement.metric import TALLIED, Lasting, Metric
from choir.measurement.metrics import catalogue
from choir.measurement.models import Course, Progress
from choir.measurement.question import Period, Question, question
from choir.measurement.tallies import held
from choir.measurement.tally import tally_all
from choir.people.models import Department, Team
from choir.routing.models import Hours
from choir.wake import Step

PERIODS = (28, 365)
SETTLED = dt.timedelta(hours=1)  # after which events are sealed
ROUNDED = 0.01  # how far a quantile may be from what rows say
LATE = 20  # conversations of which something is heard late
ELSEWHERE = ZoneInfo("America/St_Johns")
RICHER = (
    """UPDATE people_person SET hourly_cost = 20 + length(name) % 30""",
    """UPDATE inbox_message m SET person_id = c.assignee_id, handling_seconds = (30 + random() * 600)::int
       FROM inbox_conversation c WHERE m.conversation_id = c.id AND m.direction = 'outbound'
         AND c.assignee_id IS NOT NULL""",
    """INSERT INTO outbound_engagement (id, workspace_id, channel_id, message_id, likes_count, reposts_count,
         replies_count, views_count, measured_at, measurings_count)
       SELECT gen_random_uuid(), m.workspace_id, c.channel_id, m.id, (random() * 9)::int, NULL, (random() * 2)::int,
         CASE WHEN random() < 0.7 THEN (random() * 900)::int END, now() - interval '1 day', 7
       FROM inbox_message m JOIN inbox_conversation c ON c.id = m.conversation_id
       WHERE m.direction = 'outbound' AND m.handling_seconds % 5 = 0""",
    """INSERT INTO inbox_handover (id, workspace_id, conversation_id, from_department_id, to_department_id, because, at)
       SELECT gen_random_uuid(), workspace_id, id, (SELECT id FROM people_department d WHERE d.id <> department_id
         ORDER BY d.id LIMIT 1), department_id, '', created_at + interval '9 minutes'
       FROM inbox_conversation WHERE id::text ~ '[0-1]$'""",
    """INSERT INTO outbound_approval (id, workspace_id, conversation_id, author_id, text, in_reply_to, seen_revision,
         approvers_count, asked_at, expires_at, closed_at, outcome)
       SELECT gen_random_uuid(), workspace_id, id, assignee_id, '', '', 1, 1, created_at,
         created_at + interval '9 days', created_at + make_interval(secs => (random() * 90000)::int),
         CASE WHEN random() < 0.8 THEN 'approved' ELSE 'withdrawn' END
       FROM inbox_conversation WHERE assignee_id IS NOT NULL AND id::text ~ '[0-2]$'""",
    """INSERT INTO surveys_survey (id, workspace_id, conversation_id, customer_id, language, asked_at, because,
         answered_at, score, comment)
       SELECT gen_random_uuid(), workspace_id, id, customer_id, 'en', created_at + interval '1 hour', '',
         CASE WHEN n < 0.4 THEN created_at + interval '3 hours' END, CASE WHEN n < 0.4 THEN 1 + (n * 10)::int END, ''
       FROM (SELECT *, random() AS n FROM inbox_conversation WHERE id::text ~ '[0-3]$') AS c""",
    """INSERT INTO knowledge_reuse (id, workspace_id, conversation_id, person_id, message_id, taken_at)
       SELECT gen_random_uuid(), workspace_id, conversation_id, person_id, id, at FROM inbox_message
       WHERE person_id IS NOT NULL AND handling_seconds % 7 = 0""",
)
CAMPAIGNS = """UPDATE {table} SET campaign = CASE WHEN conversation_id::text ~ '[0-3]$' THEN 'spring' ELSE 'autumn' END
               WHERE conversation_id::text ~ '[0-7]$'"""


def measure(sizes: Sequence[int]) -> dict[str, float]:
    """Generated history of the largest size; real threads where there are any."""
    place, size = fresh(), max(sizes)
    make(place, conversations=size)
    speak_of(place)
    _all_of(RICHER)
    while seal(at=timezone.now() + SETTLED):
        pass
    rebuild(place.workspace, at=timezone.now())
    vary()
    _all_of([CAMPAIGNS.format(table=f"measurement_{name}") for name in ("course", "stretch")])
    _tallied(place, f"{size:,} conversations")
    figures = _compare(place, f"{size:,} conversations", PERIODS)
    _hear_late(place)
    figures |= _compare(place, f"{size:,}, days stale", PERIODS[-1:])
    _tallied(place, f"{size:,}, heard late")
    figures |= _compare(place, f"{size:,}, heard late", PERIODS[-1:])
    folder = os.environ.get("CHOIR_BENCH_DATA", "")
    threads = Path(folder) / "care-threads" / "threads.csv.gz"
    if folder and threads.exists():
        place = fresh()
        _bring_in(place, threads)
        _tallied(place, "real threads")
        figures |= _compare(place, "real threads", PERIODS)
    else:
        say("real threads", "none", "name their folder in CHOIR_BENCH_DATA")
    connection.close()
    return figures


def _all_of(statements: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for one in statements:
            values: dict[str, Any] = {}
            whole = completed(one, values)
            cursor.execute(whole.replace(" % ", " %% ") if values else whole, values or None)
        cursor.execute("VACUUM (ANALYZE)")


def _tallied(place: Place, name: str) -> None:
    """Every day that is due."""
    began = time.perf_counter()
    days = tally_all(place.workspace, at=timezone.now())
    say(f"{name}: tallying {days:,} days", f"{time.perf_counter() - began:.0f} s")


def _hear_late(place: Place) -> None:
    """Of some conversations of any age it is recorded only now that they were resolved, opened again or given away, a
    while after they came; measured, so that their days are stale."""
    ids = list(Conversation.objects.order_by("pk").values_list("pk", flat=True))
    some = Conversation.objects.filter(pk__in=ids[:: max(1, len(ids) // LATE)]).order_by("pk")
    team = Team.objects.order_by("pk")[0]
    elsewhere = {"department": str(team.department_id), "team": str(team.pk)}
    late = []
    for number, one in enumerate(some):
        here = {"department": str(one.department_id or ""), "team": str(one.team_id or "")}
        verbs = (("resolved", here), ("reopened", here), ("handed_over", elsewhere))[: 1 + number % 3]
        late += [
            event(
                verb=f"conversation.{verb}", subject=one, organisation_id=place.workspace.organisation_id,
                workspace_id=place.workspace.pk, at=min(one.created_at + dt.timedelta(hours=7 * hours), timezone.now()),
                facts=facts,
            )
            for hours, (verb, facts) in enumerate(verbs, start=1)
        ]  # fmt: skip
    record_many(late)
    _measured(place)
    stale = len(Progress.objects.get().stale_days)
    say(f"heard late of {len(some):,} conversations, days to be counted again", f"{stale:,}")


def _measured(place: Place) -> None:
    while seal(at=timezone.now() + SETTLED):
        pass
    while measure_workspace(place.workspace, at=timezone.now()):
        pass


def _bring_in(place: Place, threads: Path) -> None:
    """Import, understand, route, seal and measure, event by event: what the command and the workers do."""
    now, read = timezone.now(), source(opened(threads), format="threads", columns={})
    channel = import_channel(place.workspace, name="Threads", format="threads", at=now)
    run_import(begin(channel, read, by=None, at=now), read, at=now)
    advance_all(only=(Step.UNDERSTAND, Step.ROUTE))
    _measured(place)


def _compare(place: Place, name: str, periods: Sequence[int]) -> dict[str, float]:
    """Every metric's figure, days and splits, as pages have them and counted anew."""
    workspace = place.workspace
    courses = Course.objects.filter(workspace=workspace)
    last = courses.order_by("-arrived_at").values_list("arrived_at", flat=True)[0]
    found: Counter[str] = Counter()
    worst, known, zone = 0.0, held(workspace.pk), ZoneInfo(workspace.organisation.time_zone)
    asked_for = [replace(one, held=known) for one in _questions(place, last, zone, periods)]
    for metric in catalogue().values():
        rows = rows_of(metric.slug)
        for asked in asked_for:
            if asked.hours == Hours.BUSINESS and not metric.has_hours:
                continue
            shown, recounted = _everything(metric, asked), rows.figures(_asked(asked))
            for key in shown.keys() | recounted.keys():
                off = _off(shown.get(key), recounted.get(key))
                is_unequal = off > ROUNDED or (off > 0 and not isinstance(metric, Lasting))
                if is_unequal and found["unequal"] < 20:
                    say(f"  {metric.slug}, {key}", f"{shown.get(key)}", f"recounted: {recounted.get(key)}; {asked}")
                found["compared"] += 1
                found["unequal"] += is_unequal
                worst = max(worst, off)
    say(f"{name}: {courses.count():,} courses, figures compared", f"{found['compared']:,}")
    say(f"{name}: unequal to a recount", f"{found['unequal']:,}", f"bar 0; quantiles off by {worst:.2%} at most")
    return {f"{name}, compared": found["compared"], f"{name}, unequal": found["unequal"], f"{name}, worst": worst}


def _questions(place: Place, last: dt.datetime, zone: ZoneInfo, periods: Sequence[int]) -> Iterator[Question]:
    """Of everybody, in both kinds of hours and in days that begin elsewhere; of one department; of one campaign."""
    for count in periods:
        asked = question(place.champion, place.workspace, Period.days_to(last, zone, count), hours=Hours.CALENDAR)
        yield asked
        yield replace(asked, hours=Hours.BUSINESS)
        yield asked.to(department=Department.objects.order_by("pk")[0].pk)
        yield asked.to(campaign="spring")
    yield replace(asked, period=Period.days_to(last, ELSEWHERE, periods[0]))


def _asked(one: Question) -> Asked:
    return Asked(
        tuple(one.period.days), one.period.end, one.period.zone, one.hours == Hours.BUSINESS, one.narrowed
    )  # fmt: skip


def _everything(metric: Metric, asked: Question) -> Mapping[Any, Figure]:
    """The figure, its days and its splits."""
    found: dict[Any, Figure] = {"all": figure(metric, asked)}
    found |= dict(by_day(metric, asked).items())
    others = [by for by in TALLIED if by not in dict(asked.narrowed)]
    for by, figures in splits(metric, asked, others).items():
        found |= {(by, key): one for key, one in figures.items()}
    return found


def _off(shown: Figure | None, recounted: Told | None) -> float:
    """How far a figure is from a recount: 0 where they are equal, as a part of it where quantiles are rounded, infinite
    where they are different things."""
    told = (shown.value, shown.n, shown.p90) if shown is not None else None
    if told == recounted:
        return 0.0
    if told is None or recounted is None or told[1] != recounted[1]:
        return math.inf
    pairs = [(told[0], recounted[0]), (told[2], recounted[2])]
    if any((one is None) != (other is None) for one, other in pairs):
        return math.inf
    return max(abs(one - other) / max(abs(other), 1) for one, other in pairs if one is not None and other is not None)
