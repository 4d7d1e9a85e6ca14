"""Arrival: storing what came, before it is acknowledged; and what becomes of a channel that is read."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence

from django.db import transaction

from choir.channels.contract import Raw
from choir.channels.models import Arrival, ArrivalSource, Channel
from choir.wake import Step, wake

LONGEST_KEY = 200
LONGEST_PAYLOAD = 8 * 1024 * 1024
ROWS_A_STATEMENT = 5000


class TooLargeError(Exception):
    """One raw thing is larger than is taken from any network."""


@transaction.atomic
def store(
    channel: Channel, raws: Sequence[Raw], *, source: ArrivalSource, at: dt.datetime, cursor: str | None = None
) -> int:
    """Keep raw things byte for byte, each once, in one statement; how many were offered. `cursor` moves in the same
    transaction, from the one the channel was read with: two readers at once move it once. Wakes hearing."""
    keep(
        Arrival(
            workspace_id=channel.workspace_id,
            channel=channel,
            key=key_of(raw),
            source=source,
            payload=raw.payload,
            received_at=at,
        )
        for raw in raws
    )
    if cursor is not None and cursor != channel.cursor:
        moved = Channel.objects.filter(pk=channel.pk, cursor=channel.cursor).update(cursor=cursor)
        if moved:
            channel.cursor = cursor
        else:
            channel.refresh_from_db(fields=["cursor"])
    if raws:
        wake(Step.HEAR)
    return len(raws)


def keep(arrivals: Iterable[Arrival]) -> None:
    """Insert arrivals; those that are there already stay as they are."""
    rows = list(arrivals)
    for row in rows:
        if len(row.payload) > LONGEST_PAYLOAD:
            raise TooLargeError(f"One item has {len(row.payload):,} bytes; {LONGEST_PAYLOAD:,} are taken at most.")
    Arrival.objects.bulk_create(rows, ignore_conflicts=True, batch_size=ROWS_A_STATEMENT)


def key_of(raw: Raw) -> str:
    """What makes it the same thing when it comes again, short enough to be kept: a long key keeps its beginning and
    gets its digest."""
    key = raw.key.replace("\x00", "\ufffd")
    key = key.encode("utf-8", "replace").decode()
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[:130]}:{hashlib.sha256(raw.key.encode('utf-8', 'surrogatepass')).hexdigest()}"
