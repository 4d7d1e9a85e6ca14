"""Exports: each table, and the rows behind each figure, as CSV and JSON, streamed.

They hold ids, times and values, no customer's name and none of their words: whoever may read those opens the
conversation.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from choir.measurement.figures import figure
from choir.measurement.metric import Metric
from choir.web.insights.lens import Lens
from choir.web.insights.rowing import conversation_url, every
from choir.web.insights.tables import Line, lines

ROWS_AT_ONCE = 500
FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_rows(request: HttpRequest, lens: Lens, metric: Metric, form: str) -> StreamingHttpResponse:
    """The rows behind the figure."""
    origin = request.build_absolute_uri("/").rstrip("/")
    rows = (_row(lens, one, origin) for one in every(lens, metric, request.GET.dict()))
    return _answer(request, _written(form, rows, _about(lens, metric)), form, f"{metric.slug}-rows")


def export_table(request: HttpRequest, lens: Lens, metric: Metric, by: str, form: str) -> StreamingHttpResponse:
    """The table by day or by a dimension."""
    rows = (_line(one, by) for one in lines(lens, metric, by))
    return _answer(request, _written(form, rows, _about(lens, metric)), form, f"{metric.slug}-by-{by}")


def _about(lens: Lens, metric: Metric) -> dict[str, Any]:
    total, period = figure(metric, lens.asked), lens.asked.period
    return {
        "metric": metric.slug,
        "definition": metric.definition,
        "formula": metric.formula,
        "unit": str(metric.unit),
        "first_day": period.first.isoformat(),
        "last_day": period.last.isoformat(),
        "until": period.end.isoformat(),
        "time_zone": str(period.zone),
        "hours": str(lens.asked.hours) if metric.has_hours else None,
        "filters": dict(lens.chosen),
        "value": total.value,
        "p90": total.p90,
        "n": total.n,
    }


def _row(lens: Lens, one: Mapping[str, Any], origin: str) -> dict[str, Any]:
    known = lens.names
    return {
        "at": one["row_at"].astimezone(lens.asked.period.zone).isoformat(),
        "conversation": str(one["row_conversation"]),
        "value": one.get("row_value", one.get("row_met", 1)),
        "department": known.word("department", one["row_department"]),
        "objective": known.word("objective", one["row_objective"]),
        "channel": known.word("channel", one["row_channel"]),
        "language": one["row_language"],
        "address": origin + conversation_url(lens, one["row_conversation"]),
    }


def _line(one: Line, by: str) -> dict[str, Any]:
    key = one.key.isoformat() if by == "day" else one.word
    return {by: key, "value": one.figure.value, "p90": one.figure.p90, "n": one.figure.n}


def _written(form: str, rows: Iterator[dict[str, Any]], about: dict[str, Any]) -> Iterator[str]:
    return _as_csv(rows) if form == "csv" else _as_json(rows, about)


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
    yield json.dumps(about, ensure_ascii=False)[:-1] + ', "rows": ['
    comma = ""
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield comma + ",\n".join(json.dumps(one, ensure_ascii=False) for one in batch)
        comma = ",\n"
    yield "]}\n"


def _answer(request: HttpRequest, chunks: Iterator[str], form: str, name: str) -> StreamingHttpResponse:
    """Chunk by chunk under either kind of server: the asynchronous one would collect a plain iterator first."""
    content: Iterator[str] | AsyncIterator[str] = chunks
    if isinstance(request, ASGIRequest):
        content = _one_by_one(chunks)
    response = StreamingHttpResponse(content, content_type=FORMATS[form])
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


async def _one_by_one(chunks: Iterator[str]) -> AsyncIterator[str]:
    following = sync_to_async(partial(next, chunks, None), thread_sensitive=True)
    while (chunk := await following()) is not None:
        yield chunk
