"""The stream as a file, a row each mention."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from choir.listening.models import Wording
from choir.listening.stream import in_order, queries_of
from choir.web.access import WorkspaceRequest
from choir.web.files import FORMATS, as_file
from choir.web.listening.filters import View, view_of
from choir.web.listening.frame import READS

AT_ONCE = 500


@require_safe
@READS
def stream_file(request: WorkspaceRequest, form: str) -> HttpResponseBase:
    """Every mention that the address's filters leave, public words and all."""
    if form not in FORMATS:
        raise Http404(f"There is no {form} file; there are {', '.join(FORMATS)}.")
    view = view_of(request.person, request.workspace, request.GET.dict(), at=timezone.now())
    about = {
        "since": view.asked.since.isoformat(),
        "until": view.asked.until.isoformat(),
        "filters": dict(view.chosen),
    }
    return as_file(request, _rows(view), form, name="mentions", about=about)


def _rows(view: View) -> Iterator[dict[str, Any]]:
    wordings = in_order(view.asked).iterator(chunk_size=AT_ONCE)
    while batch := list(islice(wordings, AT_ONCE)):
        found = queries_of([one.mention_id for one in batch])
        for one in batch:
            yield _row(one, [query.name for query in found[one.mention_id]], view)


def _row(one: Wording, queries: list[str], view: View) -> dict[str, Any]:
    said, author = one.mention, one.mention.identity
    return {
        "id": str(one.mention_id),
        "at": one.posted_at.astimezone(view.period.zone).isoformat(),
        "network": one.channel.network,
        "channel": one.channel.name,
        "author": author.handle or author.name,
        "followers": one.followers,
        "kind": one.kind,
        "text": said.text,
        "language": one.language,
        "sentiment": one.sentiment,
        "objective": one.objective,
        "topic": one.topic,
        "queries": ", ".join(queries),
        "copies_of": str(one.family) if one.family else "",
        "address": said.url,
    }
