"""How long the pages of figures take on the server, as history grows: read from tallies, and from rows alone."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from bench.figures import say
from bench.history import make
from bench.place import Place, fresh
from bench.timed import timed
from choir.listening.models import Query
from choir.measurement.measure import rebuild
from choir.measurement.tally import tally_all

TIMES = 20


def measure(sizes: Sequence[int]) -> dict[str, float]:
    """Every page of figures at every size of history."""
    figures: dict[str, float] = {}
    for size in sizes:
        place = fresh()
        make(place, conversations=size)
        began = time.perf_counter()
        rebuild(place.workspace, at=timezone.now())
        figures[f"measure all, {size}"] = time.perf_counter() - began
        say(f"measuring {size:,} conversations from nothing", f"{figures[f'measure all, {size}']:.1f} s")
        vary()
        speak_of(place)
        figures |= _pages(place, size, "from rows")
        began = time.perf_counter()
        days = tally_all(place.workspace, at=timezone.now())
        figures[f"tally all, {size}"] = time.perf_counter() - began
        say(f"tallying {days:,} days of it", f"{figures[f'tally all, {size}']:.1f} s")
        figures |= _pages(place, size, "from tallies")
    connection.close()
    return figures


def vary() -> None:
    """Answers and resolutions after times as they come in life (log-normal, medians of 20 minutes and 5 hours), and
    promises of an hour: the history that was made answers everything after five minutes and records no resolution."""
    spread = "exp({middle} + {width} * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))::int"
    first, last = spread.format(middle=7.1, width=1.2), spread.format(middle=9.8, width=1.1)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE measurement_course SET first_response_seconds = {first}, resolution_seconds = {last}"
            " WHERE answers_count > 0"
        )
        cursor.execute(
            "UPDATE measurement_course SET first_response_business_seconds = first_response_seconds / 3,"
            " resolution_business_seconds = resolution_seconds / 3,"
            " response_promise_at = arrived_at + interval '1 hour',"
            " response_promise_is_met = first_response_seconds <= 3600,"
            " resolved_at = least(now(), arrived_at + make_interval(secs => resolution_seconds)),"
            " first_resolved_at = least(now(), arrived_at + make_interval(secs => resolution_seconds))"
            " WHERE answers_count > 0"
        )
        cursor.execute("VACUUM (ANALYZE) measurement_course")


def speak_of(place: Place) -> None:
    """Half of what was said names us, a fifth a competitor; queries with a group found it: we have a share."""
    for group, every in (("Ours", 2), ("Theirs", 5)):
        query = Query.objects.create(
            workspace=place.workspace, name=group, text=group, group=group, is_ours=group == "Ours"
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO listening_match (id, workspace_id, query_id, mention_id, posted_at, sentiment, topic)"
                " SELECT gen_random_uuid(), workspace_id, %s, id, posted_at, 'neutral', '' FROM listening_mention"
                " WHERE workspace_id = %s AND substr(external_id, 2)::int %% %s = 0",
                [query.pk, place.workspace.pk, every],
            )
            cursor.execute(
                "INSERT INTO listening_volume (id, workspace_id, query_id, hour, sentiment, topic, count)"
                " SELECT gen_random_uuid(), workspace_id, query_id, date_trunc('hour', posted_at, 'UTC'), 'neutral',"
                " '', count(*) FROM listening_match WHERE query_id = %s GROUP BY 2, 3, 4",
                [query.pk],
            )
            cursor.execute("VACUUM (ANALYZE) listening_match, listening_volume")


def _pages(place: Place, size: int, read: str) -> dict[str, float]:
    """Server milliseconds of each page, no answer kept between requests."""
    here = f"/w/{place.workspace.slug}/insights/"
    pages = {
        "overview, 28 days": here,
        "overview, a year": f"{here}?period=365",
        "first response, 28 days": f"{here}first_response/",
        "first response, a year, one department": f"{here}first_response/?period=365&department=legal",
        "backlog by day, a year": f"{here}charts/backlog/table?period=365",
        "one figure for programs": f"{here}conversations.json",
        "share of voice, a year": f"{here}share_of_voice/?period=365",
    }  # fmt: skip
    return timed(place, pages, kind=f"{size:,}, {read}", times=TIMES)
