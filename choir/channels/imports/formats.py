"""The forms of history that can be imported: how a row of each says what was said.

`twcs`: the columns of the public “Customer Support on Twitter” set. `threads`: one row a turn of a conversation.
`csv`: any table, by mapping its columns to fields. `jsonl`: one JSON object a line, by the same fields.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from choir.channels.imports.opening import Opened, WrongFileError
from choir.channels.imports.said import FIELDS, NEEDED, ReadRow, Said, digest_id
from choir.channels.imports.tables import Table
from choir.channels.imports.times import Clockwork, UnreadableTimeError

FIXED_FORMATS = ("twcs", "threads")
FORMATS = (*FIXED_FORMATS, "jsonl", "csv")
SAMPLED = 3  # rows

TWCS = {
    "tweet_id": "id",
    "author_id": "author",
    "inbound": "direction",
    "created_at": "at",
    "text": "text",
    "in_response_to_tweet_id": "parent",
}
THREADS = {
    "conversation_id": "thread",
    "turn": "turn",
    "company": "author_name",
    "role": "direction",
    "datetime": "at",
    "text": "text",
}
FAMILIAR = {
    "id": "id message_id tweet_id post_id comment_id review_id external_id",
    "text": "text body message content comment review tweet post",
    "at": "at created_at datetime date time timestamp posted_at sent_at created published_at",
    "author": "author author_id user user_id customer customer_id from sender username handle",
    "author_name": "author_name name user_name customer_name display_name",
    "direction": "direction inbound role is_inbound type",
    "thread": "thread thread_id conversation_id conversation ticket_id case_id",
    "parent": "parent parent_id in_reply_to in_response_to_tweet_id reply_to in_reply_to_id",
    "kind": "kind channel_type",
    "stars": "stars rating score",
    "language": "language lang",
    "url": "url link permalink",
}
CUSTOMER = {"customer", "user", "client", "consumer", "inbound", "incoming", "in", "true", "1", "yes", "t"}
BRAND = {
    "brand", "agent", "company", "support", "business", "us", "outbound", "outgoing", "out", "false", "0", "no", "f",
}  # fmt: skip
KINDS = {"post", "comment", "reply", "direct", "review"}


class UnreadableRowError(ValueError):
    """A row cannot be read; the text says why."""


@dataclass(slots=True)
class Source:
    """A file, what form it has, and how its columns are understood. `remarks` grow while reading."""

    opened: Opened
    format: str
    columns: Mapping[str, str] = field(default_factory=dict)
    clockwork: Clockwork = field(default_factory=Clockwork)

    def rows(self) -> Iterator[ReadRow]:
        """Every row in order. One that cannot be read says why; the others go on."""
        records = _json_lines(self.opened) if self.format == "jsonl" else _table_rows(self.opened)
        for row in records:
            if row.because:
                yield row
                continue
            try:
                yield ReadRow(row.line, self._said(row.row or {}), row=row.row)
            except (UnreadableRowError, UnreadableTimeError) as error:
                reason = str(error)
                yield ReadRow(row.line, None, reason[:1].upper() + reason[1:] + ".", row=row.row)

    def _said(self, row: Mapping[str, Any]) -> Said:
        named = {to: _text(row[column]) for column, to in self.columns.items() if row.get(column) is not None}
        at = self.clockwork.read(named.get("at", ""))
        is_inbound = _direction(named.get("direction"))
        thread, text = named.get("thread", ""), named.get("text", "")
        author, author_name = named.get("author", "").strip(), named.get("author_name", "").strip()
        if self.format == "threads":
            author = f"{thread}/customer" if is_inbound else author_name
            author_name = f"Customer of {thread}" if is_inbound else author_name
        own_id = self._id(row, named, at.isoformat(), author)
        return Said(
            id=own_id,
            text=text,
            at=at,
            is_inbound=is_inbound,
            author=author or author_name or f"{thread or own_id}/unknown",
            author_name=author_name,
            thread=thread,
            parent=_identifier(named.get("parent", "")),
            kind=_kind(named.get("kind", "")),
            stars=_stars(named.get("stars", "")),
            language=named.get("language", "")[:8],
            url=named.get("url", ""),
            row=dict(row),
        )

    def _id(self, row: Mapping[str, Any], named: Mapping[str, str], at: str, author: str) -> str:
        if self.format == "threads":
            thread, turn = named.get("thread", "").strip(), _text(row.get("turn")).strip()
            if not thread:
                raise UnreadableRowError("it has no conversation_id")
            if turn:
                return f"{thread}/{_identifier(turn)}"
        stated = _identifier(named.get("id", ""))
        if self.format == "twcs" and not stated:
            raise UnreadableRowError("it has no tweet_id")
        return stated or digest_id(named.get("thread", ""), author, at, named.get("text", ""))


class UnclearColumnsError(WrongFileError):
    """Which columns hold the `missing` fields has to be said."""

    def __init__(self, message: str, *, missing: Sequence[str]) -> None:
        super().__init__(message)
        self.missing = missing


def source(
    opened: Opened, *, format: str, columns: Mapping[str, str] | None = None, clockwork: Clockwork | None = None
) -> Source:
    """How a file is to be read. `columns` maps columns to fields where the format does not fix them; what is not
    mapped is guessed from familiar names. Raises WrongFileError when something needed is missing."""
    if format not in FORMATS:
        raise WrongFileError(f"There is no format “{format}”. There are {', '.join(FORMATS)}.")
    found = columns_of(opened, format)
    if format in FIXED_FORMATS:
        fixed = TWCS if format == "twcs" else THREADS
        optional = {"in_response_to_tweet_id", "turn", "company"}
        missing = [column for column in fixed if column not in found and column not in optional]
        if missing:
            raise WrongFileError(
                f"{opened.path.name} is not in the format {format}: it has no column {', '.join(missing)}. "
                f"Its columns are {', '.join(found[:20])}."
            )
        chosen: Mapping[str, str] = fixed
    else:
        chosen = _chosen(opened, found, columns or {})
    return Source(opened, format, chosen, clockwork or Clockwork())


def columns_of(opened: Opened, format: str) -> list[str]:
    """The columns of a table, or the keys of the first objects of JSON Lines."""
    if format != "jsonl":
        return Table(opened).columns
    found: dict[str, None] = {}
    for number, row in enumerate(_json_lines(opened)):
        found |= dict.fromkeys({} if row.because else row.row or {})
        if number >= 100:
            break
    if not found:
        raise WrongFileError(f"{opened.path.name} is not JSON Lines: no line of its beginning is a JSON object.")
    return list(found)


def samples(opened: Opened, format: str) -> dict[str, list[str]]:
    """Column → what it holds in the first rows, so that a person can tell what it is."""
    found: dict[str, list[str]] = {}
    for read in islice(_json_lines(opened) if format == "jsonl" else _table_rows(opened), SAMPLED):
        for column, value in (read.row or {}).items():
            if value not in (None, ""):
                found.setdefault(column, []).append(_text(value))
    return found


def guessed(columns: list[str]) -> dict[str, str]:
    """Columns whose name tells what they hold."""
    lowered = {column.strip().lower().replace(" ", "_"): column for column in columns}
    chosen: dict[str, str] = {}
    for to, names in FAMILIAR.items():
        column = next((lowered[name] for name in names.split() if name in lowered), None)
        if column is not None and column not in chosen:
            chosen[column] = to
    return chosen


def _chosen(opened: Opened, found: list[str], columns: Mapping[str, str]) -> dict[str, str]:
    for column, to in columns.items():
        if column not in found:
            raise WrongFileError(f"{opened.path.name} has no column “{column}”. It has {', '.join(found[:20])}.")
        if to not in FIELDS:
            raise WrongFileError(f"There is no field “{to}”. There are {', '.join(FIELDS)}.")
    taken = set(columns.values())
    chosen = {column: to for column, to in guessed(found).items() if to not in taken and column not in columns}
    chosen |= columns
    missing = [to for to in NEEDED if to not in chosen.values()]
    if missing:
        raise UnclearColumnsError(
            f"It is not clear which column of {opened.path.name} holds {', '.join(missing)}. "
            f"Its columns are {', '.join(found[:20])}; say it with --map column={missing[0]}.",
            missing=missing,
        )
    return chosen


def _table_rows(opened: Opened) -> Iterator[ReadRow]:
    for record in Table(opened).records():
        yield ReadRow(record.line, None, record.because, row=record.cells)


def _json_lines(opened: Opened) -> Iterator[ReadRow]:
    with opened.text() as file:
        for line, text in enumerate(file, 1):
            if not text.strip():
                continue
            try:
                row = json.loads(text)
            except (ValueError, RecursionError) as error:
                yield ReadRow(line, None, f"It is not JSON: {error}.", row={"line": text})
                continue
            if isinstance(row, dict):
                yield ReadRow(line, None, row=row)
            else:
                yield ReadRow(line, None, "It is JSON, but not an object.", row={"line": text})


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _identifier(stated: str) -> str:
    """An id as it was meant: tables that passed through a spreadsheet or pandas write 8 as 8.0."""
    text = stated.strip()
    if text.endswith(".0") and text[:-2].isdigit():
        return text[:-2]
    return "" if text.lower() in ("nan", "null", "none") else text


def _direction(stated: str | None) -> bool:
    if stated is None:
        return True
    word = stated.strip().strip('"').lower()
    if word in CUSTOMER:
        return True
    if word in BRAND:
        return False
    raise UnreadableRowError(f"{stated[:40]!r} says neither that the customer spoke nor that the brand did")


def _kind(stated: str) -> str:
    word = stated.strip().lower()
    return word if word in KINDS else ""


def _stars(stated: str) -> int | None:
    try:
        stars = round(float(stated)) if stated.strip() else None
    except (ValueError, OverflowError):
        return None
    return stars if stars is not None and 0 <= stars <= 100 else None
