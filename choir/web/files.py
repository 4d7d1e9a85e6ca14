"""Rows as a CSV or JSON file, streamed, so that a long one costs no memory."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Iterator
from functools import partial
from itertools import islice
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

ROWS_AT_ONCE = 500
FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_file(
    request: HttpRequest, rows: Iterator[dict[str, Any]], form: str, *, name: str, about: dict[str, Any] | None = None
) -> StreamingHttpResponse:
    """The rows as NAME.csv or NAME.json; JSON says `about` first. Chunk by chunk under either kind of server: the
    asynchronous one would collect a plain iterator first."""
    chunks = _as_csv(rows) if form == "csv" else _as_json(rows, about or {})
    content: Iterator[str] | AsyncIterator[str] = chunks
    if isinstance(request, ASGIRequest):
        content = _one_by_one(chunks)
    response = StreamingHttpResponse(content, content_type=FORMATS[form])
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


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


async def _one_by_one(chunks: Iterator[str]) -> AsyncIterator[str]:
    following = sync_to_async(partial(next, chunks, None), thread_sensitive=True)
    while (chunk := await following()) is not None:
        yield chunk
