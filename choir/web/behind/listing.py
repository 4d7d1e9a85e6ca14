"""The conversations behind a figure that no metric counts: one page of them after the other, and all of them as a file.

A page counts its rows in the function that made the figure; this shows them. A file has ids, times and what is said of
each row, no customer's name and none of their words.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from choir.inbox.models import Conversation
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.files import FORMATS, as_file
from choir.web.shell.durations import in_short
from choir.web.taking import ASKED, is_asked

PAGE = 50
NAME = "conversations"
Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """What is said of each row beside its conversation: its name in a file, its heading, and whether it is `words`, a
    `number` or `seconds`."""

    name: str
    heading: str
    kind: str = "words"

    def words(self, value: Value) -> str:
        """A value as the page shows it."""
        if value is None or value == "":
            return "–"
        return in_short(float(value)) if self.kind == "seconds" else str(value)


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation, the moment that counts it, and a value for each column."""

    conversation_id: uuid.UUID
    at: dt.datetime
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Behind:
    """The rows, newest first, and what the page says of them. `sides` are parts of them: words, address, whether it is
    looked at."""

    section: str
    back_words: str
    back_url: str
    title: str
    told: str
    rows: Sequence[Row]
    columns: Sequence[Column] = ()
    sides: Sequence[tuple[str, str, bool]] = field(default=())


def behind(request: WorkspaceRequest, shown: Behind) -> HttpResponseBase:
    """The page that the address asks for, or all of them as the file that it asks for."""
    if is_asked(request):
        return _file(request, shown)
    start = _start(request)
    part = shown.rows[start : start + PAGE]
    found = Conversation.objects.filter(pk__in=[one.conversation_id for one in part])
    known = {one.pk: one for one in found.select_related("customer", "department", "objective")}
    readable = set(Conversation.objects.visible_to(request.person).filter(pk__in=known).values_list("pk", flat=True))
    context = {
        "section": shown.section, "shown": shown,
        "rows": [
            (one, known[one.conversation_id], one.conversation_id in readable,
             [(column, column.words(value)) for column, value in zip(shown.columns, one.values, strict=True)])
            for one in part if one.conversation_id in known
        ],
        "newer_url": _page_url(request, max(0, start - PAGE)) if start else "",
        "older_url": _page_url(request, start + PAGE) if len(shown.rows) > start + PAGE else "",
    }  # fmt: skip
    return answer(request, "behind/behind.html", context)


def _start(request: HttpRequest) -> int:
    sent = request.GET.get("from", "")
    return int(sent) if sent.isdecimal() and len(sent) < 9 else 0


def _page_url(request: HttpRequest, start: int) -> str:
    kept = {name: value for name, value in request.GET.items() if name not in ("from", ASKED)}
    return f"?{urlencode(kept | {'from': start})}"


def _file(request: WorkspaceRequest, shown: Behind) -> HttpResponseBase:
    name, _, form = request.GET[ASKED].rpartition(".")
    if name != NAME or form not in FORMATS:
        raise Http404(f"There are only {NAME}, as {', '.join(FORMATS)}.")
    return as_file(request, _lines(request, shown), form, name=NAME, about={"title": shown.title, "told": shown.told})


def _lines(request: WorkspaceRequest, shown: Behind) -> Iterator[dict[str, Any]]:
    for one in shown.rows:
        where = {"workspace": request.workspace.slug, "conversation": one.conversation_id}
        told = {column.name: value for column, value in zip(shown.columns, one.values, strict=True)}
        yield {
            "at": one.at.isoformat(), "conversation": str(one.conversation_id), **told,
            "address": request.build_absolute_uri(reverse("conversation", kwargs=where)),
        }  # fmt: skip
