"""Arrival: storing what came, before it is acknowledged; and what becomes of a channel that is read."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

from django.db import transaction

from choir.channels.contract import Raw
from choir.channels.models import Arrival, ArrivalSource, Channel
from choir.rows import insert, made
from choir.wake import Step, wake

LONGEST_KEY = 200
LONGEST_PAYLOAD = 8 * 1024 * 1024


class TooLargeError(Exception):
    """One raw thing is larger than is taken from any network."""


@transaction.atomic
def store(
    channel: Channel, raws: Sequence[Raw], *, source: ArrivalSource, at: dt.datetime, cursor: str | None = None
) -> int:
    """Keep raw things byte for byte, each once, in one statement; how many were offered. `cursor` moves in the same
    transaction, from the one the channel was read with: two readers at once move it once. A stream has a cursor of its
    own. Wakes hearing."""
    insert_new(
        [
            made(
                Arrival,
                workspace_id=channel.workspace_id,
                channel_id=channel.pk,
                key=key_of(raw),
                source=source,
                payload=raw.payload,
                received_at=at,
            )
            for raw in raws
        ]
    )
    if cursor is not None:
        _move(channel, "stream_cursor" if source == ArrivalSource.STREAM else "cursor", cursor)
    if raws:
        wake(Step.HEAR)
    return len(raws)


def _move(channel: Channel, name: str, cursor: str) -> None:
    before = getattr(channel, name)
    if cursor == before:
        return
    if Channel.objects.filter(pk=channel.pk, **{name: before}).update(**{name: cursor}):
        setattr(channel, name, cursor)
    else:
        channel.refresh_from_db(fields=[name])


def insert_new(arrivals: Sequence[Arrival]) -> int:
    """Insert arrivals in one statement; those that are there already stay as they are. How many were new."""
    if not arrivals:
        return 0
    for one in arrivals:
        if len(one.payload) > LONGEST_PAYLOAD:
            raise TooLargeError(f"One item has {len(one.payload):,} bytes; {LONGEST_PAYLOAD:,} are taken at most.")
    return insert(arrivals, skips_known=True)


def key_of(raw: Raw) -> str:
    """What makes it the same thing when it comes again, short enough to be kept: a long key keeps its beginning and
    gets its digest."""
    key = raw.key.replace("\x00", "\ufffd")
    key = key.encode("utf-8", "replace").decode()
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[:130]}:{hashlib.sha256(raw.key.encode('utf-8', 'surrogatepass')).hexdigest()}"
