"""The record as files: streamed, so that a long one costs no memory."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from choir.events.chain import columns_of, line
from choir.events.models import Event

CHUNK = 2_000
COLUMNS = ("position", "id", "at", "recorded_at", "verb", "by_name", "by", "subject_type", "subject_id", "because")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        """The line."""
        return text


def csv_lines(events: QuerySet[Event]) -> Iterator[str]:
    """A header, then an event a line; `facts` is JSON. Text that a spreadsheet would run is made text."""
    writer = csv.writer(_Line())
    yield writer.writerow([*COLUMNS, "facts", "digest"])
    for event in events.iterator(chunk_size=CHUNK):
        row = stated(event)
        cells = [row[name] for name in COLUMNS]
        facts = json.dumps(row["facts"], ensure_ascii=False)
        yield writer.writerow([_harmless(cell) for cell in [*cells, facts, row["digest"]]])


def json_lines(events: QuerySet[Event]) -> Iterator[str]:
    """An event a line. `line` is what its digest was made of, so that anybody can recompute the chain from this file:
    SHA-256 over the digest before it and this text in UTF-8 (see `choir.events.chain`)."""
    with_facts = events.annotate(facts_text=Cast("facts", TextField()))
    for event in with_facts.iterator(chunk_size=CHUNK):
        sealed = line(event.position, columns_of(event, event.facts_text)).decode() if event.position else ""
        yield json.dumps(stated(event) | {"line": sealed}, ensure_ascii=False) + "\n"


def stated(event: Event) -> dict[str, Any]:
    """An event with plain values; times in UTC."""
    return {
        "position": event.position,
        "id": str(event.pk),
        "at": event.at.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
        "verb": event.verb,
        "by_name": event.by_name,
        "by": str(event.by_id) if event.by_id else "",
        "subject_type": event.subject_type,
        "subject_id": str(event.subject_id),
        "because": event.because,
        "facts": event.facts,
        "digest": bytes(event.digest).hex() if event.digest else "",
    }


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
