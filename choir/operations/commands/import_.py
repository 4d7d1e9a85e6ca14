"""`choir import`: conversations from a file into Choir."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from choir.channels.importing import NoSuchChannelError, begin, import_channel
from choir.channels.imports.formats import FORMATS, Source, source
from choir.channels.imports.opening import WrongFileError, opened
from choir.channels.imports.times import Clockwork
from choir.channels.models import Arrival, FileImport
from choir.flow.first_organisation import WhichWorkspaceError, workspace_for
from choir.flow.import_file import run_import
from choir.flow.steps import advance
from choir.operations.ready import Refusal
from choir.people.models import Workspace
from choir.wake import Step

console = Console(stderr=True, soft_wrap=True)
SHOWN_ASIDE = 5
SHOWN_ROWS = 5
DATES = {"day-first": True, "month-first": False}


def command(
    file: Annotated[Path, typer.Argument(help="The file; plain or gzipped (.gz).")],
    *,
    format: Annotated[str, typer.Option(help=f"One of: {', '.join(FORMATS)}.")],
    channel: Annotated[str, typer.Option(help="The import channel it goes into; made when it is missing.")],
    workspace: Annotated[str | None, typer.Option(help="The workspace's slug; not needed while there is one.")] = None,
    columns: Annotated[
        list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="What a column holds; may be repeated.")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="Zone of times that state none; else the organisation's.")] = None,
    dates: Annotated[str | None, typer.Option(help="How 03/04/2026 is read: day-first or month-first.")] = None,
    later: Annotated[bool, typer.Option(help="Leave understanding and routing to the workers.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read it and report; store nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="End with one line of JSON.")] = False,
) -> None:
    """Import conversations from a file. What the brand said becomes outbound messages; every message keeps its true
    time. A row that cannot be read is set aside with its line and the reason. The same file twice changes nothing; an
    import that was killed goes on where it stopped.

    Example: choir import tweets.csv.gz --format twcs --channel "Twitter 2017"
    """
    try:
        read = _source(file, format, _mapping(columns or []), _clockwork(zone, dates))
        if dry_run:
            _report(_tried(read), as_json=as_json)
            return
        at = timezone.now()
        where = workspace_for(workspace, at=at)
        _use_zone(read, where, zone)
        run = begin(import_channel(where, name=channel, format=format, at=at), read, by=None, at=at)
        run = _with_progress(run, read, quiet=as_json)
        if not later:
            _understand(quiet=as_json)
    except (WrongFileError, WhichWorkspaceError, NoSuchChannelError) as error:
        raise Refusal(str(error)) from error
    _say_remarks(run.remarks)
    _report(run.result, as_json=as_json)
    _say_aside(run)


def _source(file: Path, format: str, columns: dict[str, str], clockwork: Clockwork) -> Source:
    return source(opened(file), format=format, columns=columns, clockwork=clockwork)


def _mapping(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        column, equals, to = pair.rpartition("=")
        if not equals or not column:
            raise WrongFileError(f"--map has {pair!r}, which is no pair. Write it as column=field.")
        found[column.strip()] = to.strip()
    return found


def _clockwork(zone: str | None, dates: str | None) -> Clockwork:
    if dates is not None and dates not in DATES:
        raise WrongFileError(f"--dates is {dates!r}; it must be day-first or month-first.")
    return Clockwork(_zone(zone or "UTC"), None if dates is None else DATES[dates])


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise WrongFileError(f"There is no time zone {name!r}. Write it as Europe/Berlin.") from error


def _use_zone(read: Source, where: Workspace, zone: str | None) -> None:
    if zone is None:
        read.clockwork.zone = _zone(where.organisation.time_zone)


def _tried(read: Source) -> dict[str, Any]:
    """What importing would come to, as far as reading alone can tell."""
    seen: set[str] = set()
    rows = mentions = messages = aside = 0
    threads: set[str] = set()
    authors: set[str] = set()
    for row in read.rows():
        rows += 1
        if row.said is None:
            aside += 1
            if aside <= SHOWN_ASIDE:
                console.print(f"line {row.line}: {row.because}", markup=False)
            continue
        if (key := row.key(read.opened.digest)) in seen:
            continue
        seen.add(key)
        messages += 1
        threads.add(row.said.thread or row.said.id)
        if row.said.is_inbound:
            mentions += 1
            authors.add(row.said.author)
        if messages <= SHOWN_ROWS:
            who = "customer" if row.said.is_inbound else "brand"
            console.print(f"line {row.line}: {row.said.at:%Y-%m-%d %H:%M} {who}: {row.said.text[:80]}", markup=False)
    _say_remarks(read.opened.remarks)
    if read.clockwork.zoneless_count:
        _say_remarks([f"Times without a zone were read as {read.clockwork.zone}."])
    return {
        "rows": rows,
        "mentions": mentions,
        "messages": messages,
        "customers": len(authors),
        "set_aside": aside,
        "duplicates": rows - messages - aside,
    }


def _with_progress(run: FileImport, read: Source, *, quiet: bool) -> FileImport:
    with Progress(console=console, disable=quiet) as shown:
        task = shown.add_task(f"Reading {run.file_name}", total=max(run.rows_expected, 1))
        finished = run_import(run, read, at=timezone.now(), progress=_to(shown, task))
        shown.update(task, completed=max(run.rows_expected, 1))
    return finished


def _to(shown: Progress, task: Any) -> Callable[[int], None]:
    return lambda rows: shown.update(task, completed=rows)


def _understand(*, quiet: bool) -> None:
    with nullcontext() if quiet else console.status("Understanding and routing", spinner="line"):
        for step in (Step.UNDERSTAND, Step.ROUTE):
            advance(step)


def _say_remarks(remarks: Any) -> None:
    for sentence in remarks:
        console.print(sentence, markup=False, style="yellow")


def _say_aside(run: FileImport) -> None:
    aside = Arrival.objects.filter(file_import=run).exclude(set_aside_because="").order_by("line")
    for one in aside[:SHOWN_ASIDE]:
        console.print(f"line {one.line}: set aside: {one.set_aside_because}", markup=False)
    left = aside.count() - SHOWN_ASIDE
    if left > 0:
        console.print(f"… and {left} more; Settings → Import shows and exports them all.", markup=False)


def _report(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(result) + "\n")
        return
    table = Table(show_header=False, box=None)
    for name, value in result.items():
        table.add_row(name.replace("_", " "), "–" if value is None else f"{value:,}")
    Console().print(table)
