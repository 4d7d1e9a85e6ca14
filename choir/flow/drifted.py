"""Where a shift shows: since which day, on which channel and about what most, and in which conversations. Only what
shifted is looked at, in three statements."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from choir.channels.models import Channel
from choir.flow.drift import OPENED, OTHER, WEEK, Shift, opened_since
from choir.people.models import Workspace

LOOKS_BACK = 2 * WEEK  # the change may have begun before the week in which it shows
EXAMPLES = 30  # kept; of them a page shows the first few that its reader may read
MOST_OF_IT = 0.4  # of what is so now; a part that has less is not named

SO = {"unsure": "is_unsure", "objective": "objective = %(name)s", "topic": "topic = %(name)s"}
DAYS = """
SELECT (first_inbound_at AT TIME ZONE %(zone)s)::date, count(*) FILTER (WHERE {so}), count(*)
FROM ({opened}) AS opening GROUP BY 1 ORDER BY 1
"""
PARTS = """
SELECT channel_id, objective, topic, count(*) FROM ({opened}) AS opening
WHERE {so} AND first_inbound_at > %(week)s GROUP BY 1, 2, 3
"""
NEWEST = """
SELECT id FROM ({opened}) AS opening WHERE {so} AND first_inbound_at > %(week)s
ORDER BY first_inbound_at DESC, id DESC LIMIT %(examples)s
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A channel, an objective or a topic that much of it is on or about."""

    kind: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """One shift's."""

    since: dt.date
    parts: tuple[Part, ...]
    examples: tuple[uuid.UUID, ...]  # conversations, newest first; none where there is less of it


def evidence_of(workspace: Workspace, shift: Shift, *, at: dt.datetime) -> Evidence:
    """Since when, where, and the newest conversations. Days are the organisation's."""
    zone = workspace.organisation.time_zone
    values = opened_since(workspace, at - LOOKS_BACK, at) | {
        "zone": zone, "week": at - WEEK, "name": "" if shift.name == OTHER else shift.name, "examples": EXAMPLES,
    }  # fmt: skip
    rises = shift.now > shift.before
    # Half-way between what was and what is: a day belongs to the change where it is nearer to the latter.
    began = since(_asked(DAYS, shift, values), share=(shift.before + shift.now) / 2, rises=rises)
    return Evidence(
        since=began or (at - WEEK).astimezone(ZoneInfo(zone)).date(),
        parts=_parts(shift, _asked(PARTS, shift, values)) if rises else (),
        examples=tuple(pk for (pk,) in _asked(NEWEST, shift, values)) if rises else (),
    )


def _asked(statement: str, shift: Shift, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(so=SO[shift.about], opened=OPENED), values)
        return list(cursor.fetchall())


def since(days: Sequence[tuple[dt.date, int, int]], *, share: float, rises: bool) -> dt.date | None:
    """The day from which on most is above (or below) what a share lets expect: where the sum of what is unexpected, up
    to now, is largest (CUSUM; Page 1954). Days come oldest first, each with how many are so, of how
    many; None without any."""
    best, found, total = 0.0, None, 0.0
    for day, so, of in reversed(days):
        total += (so - share * of) * (1 if rises else -1)
        if total > best:
            best, found = total, day
    return found


def _parts(shift: Shift, rows: Sequence[tuple[Any, ...]]) -> tuple[Part, ...]:
    """The channel, the objective and the topic that most of it has; what shifted itself says nothing new."""
    channels = dict(Channel.objects.filter(pk__in={row[0] for row in rows}).values_list("pk", "name"))
    counted: dict[str, Counter[str]] = {"channel": Counter(), "objective": Counter(), "topic": Counter()}
    for channel, objective, topic, n in rows:
        for kind, name in (("channel", channels.get(channel, "")), ("objective", objective), ("topic", topic)):
            counted[kind][name] += n
    found = []
    for kind, names_of in counted.items():
        name, n = next(iter(names_of.most_common(1)), ("", 0))
        if kind != shift.about and name and n >= MOST_OF_IT * names_of.total():
            found.append(Part(kind, name, n))
    return tuple(found)
