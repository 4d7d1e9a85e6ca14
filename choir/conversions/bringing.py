"""Where conversions come from: their kinds, the systems that tell of them, and files."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Model

from choir.channels.contract import RejectedError
from choir.channels.imports.opening import opened
from choir.channels.imports.tables import Table
from choir.channels.imports.times import Clockwork
from choir.channels.secrets import open_sealed, seal
from choir.channels.standard_webhooks import fresh_secret, verify
from choir.conversions.columns import guessed
from choir.conversions.models import ConversionFile, ConversionKind, ConversionSource
from choir.conversions.taking import NotCountableError, Reading, Row, Taken, Told, take
from choir.events.actions import record
from choir.people.models import Person, Workspace
from choir.people.policy import Permission

MOST_ROWS = 50_000
MOST_ITEMS = 1_000
ROWS_TRIED = 2_000
ROWS_SHOWN = 8


class BringingRefusedError(Exception):
    """It cannot be brought in like this; the text says why and what to do."""


@transaction.atomic
def add_kind(workspace: Workspace, *, name: str, slug: str, stage: str, by: Person, at: dt.datetime) -> ConversionKind:
    """A new kind of conversion. Refuses a slug that another kind has."""
    by.access.require(Permission.CONVERSION_BRING, workspace_id=workspace.pk)
    if ConversionKind.objects.filter(workspace=workspace, slug=slug).exists():
        raise BringingRefusedError(f"There is a kind “{slug}” already. Choose another word for this one.")
    kind = ConversionKind.objects.create(workspace=workspace, name=name, slug=slug, stage=stage, created_at=at)
    _record(kind, "conversion_kind.added", workspace, by=by, at=at, facts={"name": name, "slug": slug})
    return kind


@transaction.atomic
def add_source(workspace: Workspace, *, name: str, by: Person, at: dt.datetime) -> tuple[ConversionSource, str]:
    """A new system that may tell of conversions, with its secret, which is shown this once."""
    by.access.require(Permission.CONVERSION_BRING, workspace_id=workspace.pk)
    if ConversionSource.objects.filter(workspace=workspace, name=name).exists():
        raise BringingRefusedError(f"There is a source “{name}” already. Choose another name.")
    secret = fresh_secret()
    source = ConversionSource.objects.create(
        workspace=workspace, name=name, secret=seal({"secret": secret}), created_at=at
    )
    _record(source, "conversion_source.added", workspace, by=by, at=at, facts={"name": name})
    return source, secret


@transaction.atomic
def end_source(source: ConversionSource, *, by: Person, at: dt.datetime) -> None:
    """It is no longer listened to; what it told stays. Nothing happens the second time."""
    by.access.require(Permission.CONVERSION_BRING, workspace_id=source.workspace_id)
    if source.ended_at is None:
        source.ended_at = at
        source.save(update_fields=["ended_at"])
        _record(source, "conversion_source.ended", source.workspace, by=by, at=at, facts={"name": source.name})


@transaction.atomic
def hear(source: ConversionSource, body: bytes, headers: Mapping[str, str], *, at: dt.datetime) -> Taken:
    """Verify what a source sends and take it in. Raises RejectedError for what is not genuine, not of now, or no JSON
    as documented (`docs/how-to/bring-in-conversions.md`)."""
    verify(body, headers, secret=open_sealed(bytes(source.secret)).get("secret", ""), now=at)
    taken = take(
        source.workspace, ((None, one) for one in _items(body)),
        Reading(source.workspace, clockwork=Clockwork(), at=at), at=at, source=source,
    )  # fmt: skip
    source.heard_at = at
    source.save(update_fields=["heard_at"])
    return taken


def _items(body: bytes) -> list[Row]:
    try:
        said = json.loads(body)
        items = said["conversions"] if "conversions" in said else [said.get("data", said)]
        if len(items) > MOST_ITEMS:
            raise RejectedError(f"The webhook has {len(items)} conversions; send at most {MOST_ITEMS} at a time.")
        return [{**one, **_account(one.get("customer"))} for one in items]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RejectedError(
            "The webhook is signed, but is not the documented JSON: an object with an “id”, or “conversions” with such."
        ) from None


def _account(customer: object) -> Row:
    if not isinstance(customer, dict):
        return {}
    return {"network": customer.get("network", ""), "account": customer.get("account") or customer.get("handle", "")}


@dataclass(frozen=True)
class Sheet:
    """A file of conversions, with what its columns hold."""

    name: str
    table: Table
    columns: Mapping[str, str]
    remarks: tuple[str, ...]
    clockwork: Clockwork
    usual_kind: str = ""

    def rows(self) -> Iterator[tuple[int, Row, str]]:
        """Each record by field, with its line and why it fits no header."""
        for one in self.table.records():
            yield one.line, {to: one.cells.get(column, "") for column, to in self.columns.items()}, one.because


@dataclass(frozen=True, slots=True)
class Looked:
    """How the beginning of a file would be taken."""

    shown: list[tuple[int, Told]]
    aside: list[tuple[int, str]]
    rows_count: int
    aside_count: int


def sheet(path: Path, *, zone: ZoneInfo, columns: Mapping[str, str] | None = None, usual_kind: str = "") -> Sheet:
    """Open a file; its columns are guessed where they are not said. Raises WrongFileError."""
    look = opened(path)
    table = Table(look)
    chosen = guessed(table.columns) if columns is None else columns
    return Sheet(path.name.partition("--")[2] or path.name, table, chosen, look.remarks, Clockwork(zone), usual_kind)


def look(workspace: Workspace, read: Sheet, *, at: dt.datetime) -> Looked:
    """Try the first rows; nothing is written."""
    reading = Reading(workspace, clockwork=read.clockwork, at=at, usual_kind=read.usual_kind)
    shown: list[tuple[int, Told]] = []
    aside: list[tuple[int, str]] = []
    rows = list(islice(read.rows(), ROWS_TRIED))
    for line, row, because in rows:
        try:
            if because:
                raise NotCountableError(because)
            shown.append((line, reading.told(row)))
        except NotCountableError as refused:
            aside.append((line, str(refused)))
    return Looked(shown[:ROWS_SHOWN], aside[:ROWS_SHOWN], len(rows), len(aside))


@transaction.atomic
def bring(workspace: Workspace, read: Sheet, *, by: Person, at: dt.datetime) -> ConversionFile:
    """Take in a whole file. Refuses one with more rows than are taken at once."""
    by.access.require(Permission.CONVERSION_BRING, workspace_id=workspace.pk)
    rows = list(islice(read.rows(), MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise BringingRefusedError(f"The file has more than {MOST_ROWS:,} rows. Bring it in in parts.")
    file = ConversionFile.objects.create(workspace=workspace, name=read.name, by=by, at=at)
    reading = Reading(workspace, clockwork=read.clockwork, at=at, usual_kind=read.usual_kind)
    good = ((line, row) for line, row, because in rows if not because)
    taken = take(workspace, good, reading, at=at, file=file)
    broken = [(line, row, because) for line, row, because in rows if because]
    for line, row, because in broken:
        file.aside.create(workspace=workspace, line=line, because=because, told=dict(row), at=at)
    file.taken_count, file.known_count = taken.new, taken.known
    file.aside_count = len(taken.aside) + len(broken)
    file.save()
    facts = {"taken": file.taken_count, "known": file.known_count, "aside": file.aside_count}
    _record(file, "conversion_file.taken", workspace, by=by, at=at, facts=facts)
    return file


def _record(
    row: Model, verb: str, workspace: Workspace, *, by: Person, at: dt.datetime, facts: Mapping[str, Any]
) -> None:
    record(
        verb=verb, subject=row, organisation_id=workspace.organisation_id, workspace_id=workspace.pk, at=at, by=by,
        facts=facts,
    )  # fmt: skip
