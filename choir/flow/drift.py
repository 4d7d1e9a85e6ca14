"""Drift: whether what arrives, or how sure triage is of it, is no longer what it was in the weeks before.

The last seven days stand against the eight weeks before them. The share of unsure readings is compared by a one-sided
test of two proportions, the mix of objectives and of topics by Pearson's chi-square. Weeks differ among themselves by
more than chance, so both are held against how much those eight weeks differed from each other (a quasi-likelihood
dispersion, McCullagh & Nelder 1989). Each test cries wolf in one unchanged week of a hundred.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from choir.flow.owning import DEFAULT_FLOOR, NEVER_SORTED
from choir.inbox.models import Direction
from choir.people.models import Workspace
from choir.routing.models import RoutingPolicy

WEEK = dt.timedelta(days=7)
WEEKS_BEFORE = 8
FALSE_ALARMS = 0.01
HANDFUL = 5  # unsure conversations in the week; a test of proportions says nothing of fewer
FEWEST = 30  # conversations in the week, and in the weeks before together, without which nothing is said
OTHER = "other"  # conversations without a topic
EXPECTED = 5.0  # parts expected less often than this are counted together


@dataclass(frozen=True, slots=True)
class Shift:
    """One thing that shifted: what, from which share to which, and between which shares single weeks stood before."""

    about: str  # unsure, objective or topic
    name: str
    before: float
    now: float
    least: float = 0.0
    most: float = 1.0
    count: int = 0  # conversations of the last seven days that are so, of `total`
    total: int = 0


@dataclass(frozen=True, slots=True)
class Week:
    """One week's arrivals: how many, how many of them unsure, and how they split."""

    total: int
    unsure: int
    objectives: Counter[str]
    topics: Counter[str]


def shifts_of(workspace: Workspace, *, at: dt.datetime) -> list[Shift]:
    """What shifted in the last seven days; empty where nothing did, or too little is known. One statement."""
    weeks = _weeks(workspace, at=at)
    now, before = weeks[0], [week for week in weeks[1:] if week.total]
    if now.total < FEWEST or sum(week.total for week in before) < FEWEST or len(before) < 2:
        return []
    found = _unsure(now, before)
    found += shifted("objective", now.objectives, [week.objectives for week in before])
    found += shifted("topic", now.topics, [week.topics for week in before])
    return found


def shifted(about: str, now: Counter[str], before: Sequence[Counter[str]]) -> list[Shift]:
    """The part that moved most, where the whole mix moved by more than chance and the weeks' own restlessness. What
    has no name of its own is told by what has."""
    whole = sum(before, Counter[str]())
    chi, freedom = _chi_square(now, whole)
    if not freedom:
        return []
    others = [_chi_square(week, whole - week) for week in before]
    restless = max(1.0, sum(one for one, _ in others) / max(1, sum(free for _, free in others)))
    if chance_of(chi / restless, freedom) >= FALSE_ALARMS:
        return []
    n, m = sum(now.values()), sum(whole.values())
    named = now.keys() | whole.keys()
    name = max(named - {OTHER} or named, key=lambda one: (abs(now[one] / n - whole[one] / m), one))
    weekly = [week[name] / total for week in before if (total := sum(week.values()))]
    return [Shift(about, name, whole[name] / m, now[name] / n, min(weekly), max(weekly), now[name], n)]


def _unsure(now: Week, before: Sequence[Week]) -> list[Shift]:
    n, m = now.total, sum(week.total for week in before)
    was, is_ = sum(week.unsure for week in before) / m, now.unsure / n
    pooled = (now.unsure + was * m) / (n + m)
    spread = pooled * (1 - pooled)
    if now.unsure < HANDFUL or is_ <= was or not spread:
        return []
    restless = max(
        1.0, sum((week.unsure - was * week.total) ** 2 / (week.total * spread) for week in before) / (len(before) - 1)
    )
    z = (is_ - was) / math.sqrt(spread * restless * (1 / n + 1 / m))
    if 0.5 * math.erfc(z / math.sqrt(2)) >= FALSE_ALARMS:
        return []
    weekly = [week.unsure / week.total for week in before]
    return [Shift("unsure", "", was, is_, min(weekly), max(weekly), now.unsure, n)]


def _chi_square(now: Counter[str], before: Counter[str]) -> tuple[float, int]:
    """Pearson's statistic of two rows of counts, and its degrees of freedom; rare parts are one."""
    n, m = sum(now.values()), sum(before.values())
    if not n or not m:
        return 0.0, 0
    smaller = min(n, m) / (n + m)
    common = [name for name in now.keys() | before.keys() if (now[name] + before[name]) * smaller >= EXPECTED]
    rows = [(now[name], before[name]) for name in common]
    rest = n - sum(a for a, _ in rows), m - sum(b for _, b in rows)
    rows += [rest] if sum(rest) else []
    chi = 0.0
    for a, b in rows:
        for seen, total in ((a, n), (b, m)):
            expected = (a + b) * total / (n + m)
            chi += (seen - expected) ** 2 / expected
    return chi, len(rows) - 1


def chance_of(chi: float, freedom: int) -> float:
    """How often chance alone gives so large a chi-square (Wilson & Hilferty 1931; right to about a thousandth)."""
    third = (chi / freedom) ** (1 / 3)
    z = (third - (1 - 2 / (9 * freedom))) / math.sqrt(2 / (9 * freedom))
    return 0.5 * math.erfc(z / math.sqrt(2))


OPENED = """
SELECT conversation.id, conversation.first_inbound_at, conversation.channel_id, opened.objective, opened.topic,
    opened.objective_confidence < %(floor)s AND opened.objective <> ALL(%(sure)s) AS is_unsure
FROM inbox_conversation AS conversation
JOIN inbox_message AS message ON message.conversation_id = conversation.id
    AND message.at = conversation.first_inbound_at AND message.direction = %(inbound)s
CROSS JOIN LATERAL (
    SELECT objective, topic, objective_confidence FROM triage_reading
    WHERE mention_id = message.mention_id AND by_id IS NULL ORDER BY at DESC LIMIT 1
) AS opened
WHERE conversation.workspace_id = %(workspace)s AND conversation.last_message_at > %(since)s
    AND conversation.first_inbound_at > %(since)s AND conversation.first_inbound_at <= %(until)s
"""
"""What each conversation opened with, as triage read it: what it reads as now has changed with how it went on, and who
had it has changed whether it counts as unsure. Weeks that are over would stand against one that is not."""


def opened_since(workspace: Workspace, since: dt.datetime, until: dt.datetime) -> dict[str, Any]:
    """The values of OPENED."""
    floors = RoutingPolicy.objects.filter(workspace=workspace).values_list("confidence_floor", flat=True)
    return {
        "workspace": workspace.pk, "since": since, "until": until, "inbound": Direction.INBOUND.value,
        "floor": floors.first() or DEFAULT_FLOOR, "sure": sorted(NEVER_SORTED),
    }  # fmt: skip


WEEKLY = f"""
SELECT floor(extract(epoch FROM %(until)s - first_inbound_at) / %(week)s)::int, objective, topic, count(*),
    count(*) FILTER (WHERE is_unsure)
FROM ({OPENED}) AS opening GROUP BY 1, 2, 3
"""  # noqa: S608 -- made of constants


def _weeks(workspace: Workspace, *, at: dt.datetime) -> list[Week]:
    """This week first, then the eight before it."""
    values = opened_since(workspace, at - (WEEKS_BEFORE + 1) * WEEK, at) | {"week": WEEK.total_seconds()}
    with connection.cursor() as cursor:
        cursor.execute(WEEKLY, values)
        rows = cursor.fetchall()
    totals, unsures = Counter[int](), Counter[int]()
    objectives = [Counter[str]() for _ in range(WEEKS_BEFORE + 1)]
    topics = [Counter[str]() for _ in range(WEEKS_BEFORE + 1)]
    for weeks_ago, objective, topic, n, unsure in rows:
        place = min(weeks_ago, WEEKS_BEFORE)
        totals[place] += n
        unsures[place] += unsure
        objectives[place][objective] += n
        topics[place][topic or OTHER] += n
    return [Week(totals[at], unsures[at], objectives[at], topics[at]) for at in range(WEEKS_BEFORE + 1)]
