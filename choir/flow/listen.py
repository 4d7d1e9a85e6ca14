"""The step `listen`: past mentions are matched with new queries, changed readings are followed, spikes are noticed.

What has just been understood is matched by `heard`, in the transaction that keeps its readings.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import connection

from choir.flow.bring_in import bring_in
from choir.flow.judge import URGENT
from choir.flow.noticing import notice
from choir.flow.owning import NEVER_SORTED
from choir.inbox.live import announce_listening
from choir.listening.matching import keep, match_past, reread
from choir.listening.models import Mention, Query, Watch
from choir.listening.wordings import Understood
from choir.measurement.measure import OVERLAP, first_id_of
from choir.people.models import Workspace
from choir.triage.models import Reading

READINGS_AT_ONCE = 1_000
LOOK_EVERY = dt.timedelta(minutes=5)


def heard(mentions: Sequence[Mention], readings: Sequence[Reading]) -> None:
    """Mentions were understood: keep what queries see of them, match them, tell open pages. What was not said to us
    becomes somebody's work all the same where it tells of a danger or a threat to the company, or where it asks for an
    answer and was found by a query that brings such things in."""
    found = keep(mentions, {one.mention_id: understood(one) for one in readings})
    for workspace_id in {one.workspace_id for one in mentions if one.pk in found}:
        announce_listening(workspace_id, what="mentions")
    read = {one.mention_id: one for one in readings}
    overheard = [one for one in mentions if not one.is_addressed and found.get(one.pk)]
    bringing = _bringing_work([query for one in overheard for query in found[one.pk]])
    bring_in([one for one in overheard if _concerns_us(read[one.pk], asked_for=bool(found[one.pk] & bringing))])


def _bringing_work(query_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those of some queries that bring to the inbox what asks for an answer."""
    if not query_ids:
        return set()
    return set(Query.objects.filter(pk__in=query_ids, brings_work=True).values_list("pk", flat=True))


def _concerns_us(reading: Reading, *, asked_for: bool) -> bool:
    if reading.is_spam:
        return False
    return reading.urgency >= URGENT or reading.objective in NEVER_SORTED or (asked_for and reading.needs_reply)


def understood(reading: Reading) -> Understood:
    """What a reading says, as far as queries ask about it."""
    return Understood(reading.language, reading.sentiment, reading.objective, reading.topic)


def listen(*, at: dt.datetime) -> int:
    """One stretch of the past for one query, changed readings, and a look for spikes; how much was done."""
    waiting = Query.objects.unmatched().order_by("changed_at").values_list("pk", flat=True).first()
    moved = match_past(waiting, at=at) if waiting is not None else 0
    for workspace in Workspace.objects.filter(queries__isnull=False).select_related("organisation").distinct():
        watch, _ = Watch.objects.get_or_create(workspace=workspace, defaults={"readings_at": at})
        moved += _follow(watch, at=at)
        if watch.spikes_at is None or at - watch.spikes_at >= LOOK_EVERY:
            watch.spikes_at = at
            watch.save(update_fields=["spikes_at"])
            notice(workspace, at=at)
    return moved


CHANGED = """
SELECT reading.mention_id, reading.language, reading.sentiment, reading.objective, reading.topic
FROM triage_reading AS reading JOIN listening_wording AS wording ON wording.mention_id = reading.mention_id
WHERE reading.id >= %s AND reading.workspace_id = %s AND reading.is_current
    AND (wording.language, wording.sentiment, wording.objective, wording.topic)
        IS DISTINCT FROM (reading.language, reading.sentiment, reading.objective, reading.topic)
LIMIT %s
"""


def _follow(watch: Watch, *, at: dt.datetime) -> int:
    """Match anew what reads otherwise than it did; how many."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, [first_id_of(watch.readings_at - OVERLAP), watch.workspace_id, READINGS_AT_ONCE])
        changed: dict[uuid.UUID, Understood] = {row[0]: Understood(*row[1:]) for row in cursor.fetchall()}
    if changed:
        reread(watch.workspace_id, changed)
    if len(changed) < READINGS_AT_ONCE:
        watch.readings_at = at
        watch.save(update_fields=["readings_at"])
    return len(changed)
