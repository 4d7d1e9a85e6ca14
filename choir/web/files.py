"""Rows as a CSV, JSON or Parquet file, streamed, so that a long one costs little memory."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from typing import Any

from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema
from arro3.io import write_parquet
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

ROWS_AT_ONCE = 500
FORMATS = {
    "csv": "text/csv; charset=utf-8", "json": "application/json", "parquet": "application/vnd.apache.parquet",
}  # fmt: skip
TYPED_BY = 1_000  # rows that tell a column's type
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_file(
    request: HttpRequest,
    rows: Iterator[dict[str, Any]],
    form: str,
    *,
    name: str,
    about: dict[str, Any] | None = None,
    typed_by: int | None = TYPED_BY,
) -> StreamingHttpResponse:
    """The rows as NAME.csv, NAME.json or NAME.parquet; JSON says `about` first, Parquet has columns of the types that
    `typed_by` of the rows tell (None: all of them, which are then held in memory). Chunk by chunk under either kind of
    server: the asynchronous one would collect a plain iterator first."""
    chunks = _chunks(rows, form, about or {}, typed_by)
    content: Iterator[str | bytes] | AsyncIterator[str | bytes] = chunks
    if isinstance(request, ASGIRequest):
        content = _one_by_one(chunks)
    response = StreamingHttpResponse(content, content_type=FORMATS[form])
    response["Content-Disposition"] = _kept_as(name, form)
    return response


def as_whole_file(
    rows: Iterator[dict[str, Any]], form: str, *, name: str, about: dict[str, Any] | None = None
) -> HttpResponse:
    """The same of few rows, made before it is sent."""
    chunks = (one.encode() if isinstance(one, str) else one for one in _chunks(rows, form, about or {}, None))
    response = HttpResponse(b"".join(chunks), content_type=FORMATS[form])
    response["Content-Disposition"] = _kept_as(name, form)
    return response


def _chunks(
    rows: Iterator[dict[str, Any]], form: str, about: dict[str, Any], typed_by: int | None
) -> Iterator[str | bytes]:
    return (
        _as_csv(rows) if form == "csv" else _as_parquet(rows, typed_by) if form == "parquet" else _as_json(rows, about)
    )


def _kept_as(name: str, form: str) -> str:
    return f'attachment; filename="{name}.{form}"'


def _as_csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield "\ufeff"  # so that spreadsheets read UTF-8
    heading = True
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(batch[0]))
        if heading:
            writer.writeheader()
            heading = False
        writer.writerows({name: _harmless(value) for name, value in one.items()} for one in batch)
        yield text.getvalue()


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _as_json(rows: Iterator[dict[str, Any]], about: dict[str, Any]) -> Iterator[str]:
    opening = json.dumps(about, ensure_ascii=False)[:-1]
    yield f'{opening}{", " if about else ""}"rows": ['
    comma = ""
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield comma + ",\n".join(json.dumps(one, ensure_ascii=False) for one in batch)
        comma = ",\n"
    yield "]}\n"


def _as_parquet(rows: Iterator[dict[str, Any]], typed_by: int | None) -> Iterator[bytes]:
    """Columns of text, truth or numbers, as the first rows tell. It is written to a file that is gone afterwards: the
    format has its index at the end."""
    first = list(islice(rows, typed_by))
    types = {name: _type_of([one[name] for one in first]) for name in (first[0] if first else {})}
    if not types:
        types = {"nothing": DataType.utf8()}
    schema = Schema([Field(name, kind) for name, kind in types.items()])
    with tempfile.TemporaryFile() as file:
        write_parquet(RecordBatchReader.from_batches(schema, _batches(chain(first, rows), types)), file)
        file.seek(0)
        while piece := file.read(1 << 16):
            yield piece


def _batches(rows: Iterator[dict[str, Any]], types: Mapping[str, DataType]) -> Iterator[RecordBatch]:
    while batch := list(islice(rows, 20 * ROWS_AT_ONCE)):
        yield RecordBatch.from_pydict({
            name: Array([_typed(one[name], kind) for one in batch], type=kind) for name, kind in types.items()
        })  # fmt: skip


def _type_of(values: list[Any]) -> DataType:
    known = [one for one in values if one is not None]
    if known and all(isinstance(one, bool) for one in known):
        return DataType.bool()
    if known and all(isinstance(one, int | float) and not isinstance(one, bool) for one in known):
        return DataType.float64()
    return DataType.utf8()


def _typed(value: Any, kind: DataType) -> Any:
    if value is None:
        return None
    if kind == DataType.utf8():
        return str(value)
    return value if kind == DataType.bool() else float(value)


async def _one_by_one(chunks: Iterator[str | bytes]) -> AsyncIterator[str | bytes]:
    following = sync_to_async(partial(next, chunks, None), thread_sensitive=True)
    while (chunk := await following()) is not None:
        yield chunk
