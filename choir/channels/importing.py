"""The rows of one import: beginning it or going on with it, storing a stretch of rows, and what it came to."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import transaction

from choir.channels.actions import insert_new, key_of
from choir.channels.contract import Raw
from choir.channels.imports.formats import FIXED_FORMATS, Source, source
from choir.channels.imports.opening import opened
from choir.channels.imports.said import ReadRow
from choir.channels.imports.times import Clockwork
from choir.channels.models import Arrival, ArrivalSource, Channel, FileImport
from choir.people.models import Department, Person, Workspace

CONNECTOR = "import"
TWITTER = "Twitter"
FUTURE = dt.timedelta(days=1)


class NoSuchChannelError(Exception):
    """History cannot be imported into this channel; the text says why and what to do."""


def import_channel(workspace: Workspace, *, name: str, format: str, at: dt.datetime) -> Channel:
    """The import channel of that name, made when it is missing. Refuses the name of a live channel."""
    known = Channel.objects.filter(workspace=workspace, name=name).select_related("workspace").first()
    if known is not None:
        if known.connector != CONNECTOR:
            raise NoSuchChannelError(
                f"“{name}” is a live channel ({known.connector}). Import history into a channel of its own: choose "
                "another name."
            )
        return known
    accountable = Department.objects.filter(organisation=workspace.organisation_id).order_by("position", "name")
    department = accountable.filter(slug__in=["customer_service", "customer-service"]).first() or accountable.first()
    if department is None:
        raise NoSuchChannelError(f"{workspace} has no department yet that could be accountable. Make one first.")
    return Channel.objects.create(
        workspace=workspace,
        connector=CONNECTOR,
        network=TWITTER if format == "twcs" else name[:40],
        name=name,
        external_id=f"import:{name}",
        handle=name[:200],
        accountable=department,
        created_at=at,
    )


def begin(channel: Channel, read: Source, *, by: Person | None, at: dt.datetime, stored_as: str = "") -> FileImport:
    """A new import of a file, or the one that was stopped before it ended: it goes on after its last row."""
    how = json.dumps([read.format, sorted(read.columns.items()), str(read.clockwork.zone)])
    digest = hashlib.sha256(f"{read.opened.digest}{how}".encode()).hexdigest()
    started, _ = FileImport.objects.get_or_create(
        workspace_id=channel.workspace_id,
        channel=channel,
        digest=digest,
        finished_at=None,
        defaults={
            "file_name": (stored_as.partition("--")[2] or read.opened.path.name)[:255],
            "stored_as": stored_as,
            "format": read.format,
            "columns": dict(read.columns),
            "times": {"zone": str(read.clockwork.zone), "day_first": read.clockwork.day_first},
            "by": by,
            "remarks": list(read.opened.remarks),
            "rows_expected": read.opened.lines_count,
            "started_at": at,
        },
    )
    return started


def source_of(run: FileImport, path: Path) -> Source:
    """How the file of an import is read, as it was begun."""
    clockwork = Clockwork(ZoneInfo(run.times.get("zone", "UTC")), run.times.get("day_first"))
    columns = {} if run.format in FIXED_FORMATS else run.columns
    return source(opened(path), format=run.format, columns=columns, clockwork=clockwork)


@transaction.atomic
def store_rows(run: FileImport, rows: Sequence[ReadRow], *, at: dt.datetime) -> int:
    """Keep a stretch of rows, each once, and note in the same transaction that they were read; how many were new."""
    arrivals = [_arrival(run, row, at=at) for row in rows]
    stored = insert_new(arrivals)
    run.rows_count += len(rows)
    run.duplicates_count += len(rows) - stored
    run.set_aside_count += sum(1 for one in arrivals if one.set_aside_because)
    run.save(update_fields=["rows_count", "duplicates_count", "set_aside_count"])
    return stored


def _arrival(run: FileImport, row: ReadRow, *, at: dt.datetime) -> Arrival:
    because = row.because
    if row.said is not None and row.said.at > at + FUTURE:
        because = f"Its time, {row.said.at.isoformat()}, lies in the future."
    payload = row.payload()
    return Arrival(
        workspace_id=run.workspace_id,
        channel_id=run.channel_id,
        key=key_of(Raw(key=row.key(run.digest), payload=payload)),
        source=ArrivalSource.IMPORT,
        payload=payload,
        received_at=at,
        heard_at=at if because else None,
        set_aside_because=because,
        file_import=run,
        line=row.line,
    )


def remark(run: FileImport, sentences: Sequence[str]) -> None:
    """Add what was assumed while reading, each sentence once."""
    run.remarks = list(dict.fromkeys([*run.remarks, *sentences]))
    run.save(update_fields=["remarks"])
