"""Importing a file of history: stored and heard stretch by stretch, so that a kill loses nothing; then, once all of it
is there, recorded with its true times and handed to triage and routing like everything else.

While it is being read, its conversations are filed away (resolved or noted), so that nothing half-read is given to
anybody; when it ends they arrive, and routing finds them answered, too old to answer, or work.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from django.db import connection

from choir.channels.importing import remark, store_rows
from choir.channels.imports.formats import Source
from choir.channels.imports.said import ReadRow
from choir.channels.models import FileImport
from choir.flow.hear import hear_channel
from choir.flow.import_end import finish

STRETCH = 2000
SURVEYED_AFTER = {0, 1, 4, 16, 64, 256, 1024}
GROWING = (
    "channels_arrival (workspace_id, channel_id, file_import_id, heard_at)",
    "customers_identity (workspace_id, network, external_id)",
    "listening_mention (workspace_id, channel_id, external_id, read_at)",
    "inbox_conversation (workspace_id, channel_id, thread_key, state)",
    "inbox_message (workspace_id, conversation_id, external_id, arrival_id)",
)

Progress = Callable[[int], None]


def run_import(
    run: FileImport, source: Source, *, at: dt.datetime, progress: Progress = lambda rows: None
) -> FileImport:
    """Read a file to its end, from where it was left; `progress` hears how many rows are read. The import comes back
    finished, with its result."""
    if run.finished_at is not None:
        return run
    rows = source.rows()
    _skip(rows, run.rows_count)
    progress(run.rows_count)
    for number, stretch in enumerate(_stretches(rows)):
        store_rows(run, stretch, at=at)
        hear_all(run, at=at)
        if number in SURVEYED_AFTER:
            _survey()
        progress(run.rows_count)
    hear_all(run, at=at)
    if source.clockwork.zoneless_count:
        remark(run, [f"Times without a zone were read as {source.clockwork.zone}."])
    return finish(run, at=at)


def hear_all(run: FileImport, *, at: dt.datetime) -> None:
    """Hear all that waits in the channel; a worker that hears it at the same time is waited for."""
    while hear_channel(run.channel, at=at, wait=True):
        pass


def _survey() -> None:
    """Have the database look at what grows: an import outruns its own looking, and it would plan for empty tables."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(GROWING)}")


def _skip(rows: Iterator[ReadRow], count: int) -> None:
    for _ in islice(rows, count):
        pass


def _stretches(rows: Iterable[ReadRow]) -> Iterator[list[ReadRow]]:
    reading = iter(rows)
    while stretch := list(islice(reading, STRETCH)):
        yield stretch
