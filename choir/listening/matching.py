"""Matching: which queries find which mentions, and how many by the hour.

Three ways lead to a match: a mention is heard (`keep`), a query's past is matched (`match_past`), or a reading changes
(`follow_readings`). All of them write matches once and count them in the same statement, so that the volume is what
counting would give.

Whoever keeps wordings shares a lock on the workspace's queries, whoever changes a query has it alone. So a wording is
either committed before the query is made, and found when its past is matched, or kept after, and matched as it is.
`rewriting` keeps apart those who write matches of mentions that are there already.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from django.db import connection, transaction
from django.db.models import QuerySet

from choir.listening.copies import fold
from choir.listening.language.matching import Matcher
from choir.listening.language.sql import where
from choir.listening.models import Mention, Query, Wording
from choir.listening.wordings import Understood, channel_names, document_of, set_reading, wordings_of
from choir.prepared import Slot, one_of, prepared
from choir.rows import insert, write_back
from choir.statements import told

PAST_AT_ONCE = 5_000
_matchers: dict[uuid.UUID, tuple[frozenset[tuple[uuid.UUID, int]], Matcher[uuid.UUID]]] = {}

COUNTED = """
new AS (
    INSERT INTO listening_match (id, workspace_id, query_id, mention_id, posted_at, sentiment, topic)
    SELECT gen_random_uuid(), found.* FROM found ON CONFLICT DO NOTHING
    RETURNING workspace_id, query_id, posted_at, sentiment, topic
)
INSERT INTO listening_volume AS kept (id, workspace_id, query_id, hour, sentiment, topic, count)
SELECT gen_random_uuid(), workspace_id, query_id, date_trunc('hour', posted_at, 'UTC'), sentiment, topic, count(*)
FROM new GROUP BY 2, 3, 4, 5, 6 ORDER BY 3, 4, 5, 6
ON CONFLICT (workspace_id, query_id, hour, sentiment, topic) DO UPDATE SET count = kept.count + excluded.count
"""
FOUND = """
WITH found AS (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[], %s::text[], %s::text[])
),"""


def share(workspace_id: uuid.UUID) -> None:
    """Queries of the workspace stay as they are until the transaction ends."""
    _lock("pg_advisory_xact_lock_shared", workspace_id, "queries")


def own(workspace_id: uuid.UUID) -> None:
    """Nobody keeps wordings of the workspace until the transaction ends."""
    _lock("pg_advisory_xact_lock", workspace_id, "queries")


def rewriting(workspace_id: uuid.UUID) -> None:
    """Nobody else writes matches of mentions that are there already until the transaction ends."""
    _lock("pg_advisory_xact_lock", workspace_id, "matches")


def _lock(function: str, workspace_id: uuid.UUID, what: str) -> None:
    told(f"SELECT {function}(hashtextextended(%s, 0))", [f"{what} {workspace_id}"])


def keep(mentions: Sequence[Mention], understood: Mapping[uuid.UUID, Understood]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Keep what queries see of mentions just read, fold copies, match them: the queries that found each, by mention.
    What was kept before has other words now; it is forgotten first. Call inside a transaction."""
    found: dict[uuid.UUID, set[uuid.UUID]] = {}
    wordings = wordings_of(mentions, understood)
    known = {pk for (pk,) in _known(ids=[one.mention_id for one in wordings])}
    for workspace_id in sorted({one.workspace_id for one in wordings}):
        ours = [one for one in wordings if one.workspace_id == workspace_id]
        anew = [one.mention_id for one in ours if one.mention_id in known]
        if anew:
            forget(workspace_id, anew)
        share(workspace_id)
        fold(ours)
        insert(ours, skips_known=True)
        found |= match(workspace_id, ours)
    return found


@prepared
def _known(ids: Slot) -> QuerySet[Wording, tuple[uuid.UUID]]:
    return Wording.objects.filter(one_of("pk", ids)).values_list("pk")


def match(workspace_id: uuid.UUID, wordings: Sequence[Wording]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Write and count the matches of wordings with the queries that are not paused; each mention's queries."""
    found: dict[uuid.UUID, set[uuid.UUID]] = {one.mention_id: set() for one in wordings}
    matcher = _matcher(workspace_id)
    if matcher is None:
        return found
    channels = channel_names(workspace_id)
    rows = [
        (workspace_id, query_id, one.mention_id, one.posted_at, one.sentiment, one.topic)
        for one in wordings
        for query_id in matcher.matching(document_of(one, channels))
    ]
    if rows:
        told(FOUND + COUNTED, [list(column) for column in zip(*rows, strict=True)])
    for row in rows:
        found[row[2]].add(row[1])
    return found


def _matcher(workspace_id: uuid.UUID) -> Matcher[uuid.UUID] | None:
    """The workspace's queries, ready; made anew when one of them changed. None without any."""
    rows = {pk: (version, text) for pk, version, text in _listening(workspace=workspace_id)}
    known = frozenset((pk, version) for pk, (version, _) in rows.items())
    if not known:
        _matchers.pop(workspace_id, None)
        return None
    kept = _matchers.get(workspace_id)
    if kept is None or kept[0] != known:
        queries = Query.objects.filter(pk__in=rows)
        kept = _matchers[workspace_id] = (known, Matcher({one.pk: one.tree for one in queries}))
    return kept[1]


@prepared
def _listening(workspace: Slot) -> QuerySet[Query, tuple[uuid.UUID, int, str]]:
    return Query.objects.filter(workspace=workspace).listening().values_list("pk", "version", "text")


UNCOUNTED = """
WITH gone AS (
    DELETE FROM listening_match WHERE workspace_id = %s AND mention_id = ANY(%s)
    RETURNING workspace_id, query_id, posted_at, sentiment, topic
), counted AS (
    SELECT workspace_id, query_id, date_trunc('hour', posted_at, 'UTC') AS hour, sentiment, topic, count(*) AS count
    FROM gone GROUP BY 1, 2, 3, 4, 5
)
UPDATE listening_volume AS kept SET count = kept.count - counted.count FROM counted
WHERE (kept.workspace_id, kept.query_id, kept.hour, kept.sentiment, kept.topic)
    = (counted.workspace_id, counted.query_id, counted.hour, counted.sentiment, counted.topic)
"""


def unmatch(workspace_id: uuid.UUID, mention_ids: Sequence[uuid.UUID]) -> None:
    """Take back the matches of some mentions, and their count."""
    with connection.cursor() as cursor:
        cursor.execute(UNCOUNTED, [workspace_id, list(mention_ids)])


@transaction.atomic
def forget(workspace_id: uuid.UUID, mention_ids: Sequence[uuid.UUID]) -> None:
    """What these mentions said is no longer to be found: their authors took it back. Matches and counts go with it."""
    rewriting(workspace_id)
    own(workspace_id)
    unmatch(workspace_id, mention_ids)
    Wording.objects.filter(workspace=workspace_id, pk__in=mention_ids).delete()


@transaction.atomic
def reread(workspace_id: uuid.UUID, understood: Mapping[uuid.UUID, Understood]) -> int:
    """Readings of mentions changed: match them anew, and count them as what they are now; how many there were."""
    rewriting(workspace_id)
    own(workspace_id)
    wordings = list(Wording.objects.filter(workspace=workspace_id, pk__in=understood).defer("search"))
    for one in wordings:
        set_reading(one, understood[one.mention_id])
    write_back(wordings, ["language", "sentiment", "objective", "topic"])
    unmatch(workspace_id, [one.mention_id for one in wordings])
    match(workspace_id, wordings)
    return len(wordings)


@transaction.atomic
def match_past(query_id: uuid.UUID, *, at: dt.datetime) -> int:
    """Match one stretch of a query's past, the newest first; how many wordings it had, 0 when there is nothing left."""
    workspace_id = Query.objects.values_list("workspace_id", flat=True).get(pk=query_id)
    rewriting(workspace_id)
    query = Query.objects.select_for_update().get(pk=query_id)
    if query.past_matched_at is not None:
        return 0
    before = query.past_before or at + dt.timedelta(days=1)
    stretch = Wording.objects.filter(workspace=workspace_id, posted_at__lt=before).order_by("-posted_at")
    since = stretch.values_list("posted_at", flat=True)[PAST_AT_ONCE - 1 : PAST_AT_ONCE].first()
    rows = stretch.filter(posted_at__gte=since) if since is not None else stretch
    count = rows.order_by().count()
    _match_between(query, since, before)
    query.past_before, query.past_count = since, query.past_count + count
    if since is None:
        query.past_matched_at, query.past_total = at, query.past_count
    query.save(update_fields=["past_before", "past_count", "past_total", "past_matched_at"])
    return max(count, 1)


def _match_between(query: Query, since: dt.datetime | None, before: dt.datetime) -> None:
    condition, values = where(query.tree, table="wording", channels=channel_names(query.workspace_id))
    from_when = " AND wording.posted_at >= %s" if since is not None else ""
    found = (
        "WITH found AS (SELECT wording.workspace_id, %s::uuid, wording.mention_id, wording.posted_at, "  # noqa: S608
        "wording.sentiment, wording.topic FROM listening_wording AS wording "
        f"WHERE wording.workspace_id = %s AND wording.posted_at < %s{from_when} AND {condition}),"
    )
    times = [before] if since is None else [before, since]
    with connection.cursor() as cursor:
        cursor.execute(found + COUNTED, [query.pk, query.workspace_id, *times, *values])
