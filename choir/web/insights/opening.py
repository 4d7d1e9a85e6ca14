"""What a row behind a figure opens to, for whoever may see it: its conversation, what was overheard, a spike."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from choir.inbox.models import Conversation
from choir.listening.models import Mention, Spike
from choir.measurement.metric import Metric, Of
from choir.people.policy import Permission, Reach
from choir.web.insights.lens import Lens

MOMENT = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Opening:
    """Who or what a row is of, its words, and where it is read; no name for whoever may not."""

    name: str = ""
    words: str = ""
    url: str = ""


CLOSED = Opening()


def behind_words(metric: Metric) -> tuple[str, str]:
    """What the rows of a metric are called, and what stands in their first column."""
    if metric.of is Of.SPIKES:
        return gettext("The spikes behind it"), gettext("Query")
    if metric.of is Of.MENTIONS:
        return gettext("The mentions behind it"), gettext("Who said it")
    return gettext("The conversations behind it"), gettext("Customer")


def identified(lens: Lens, metric: Metric, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row's ids and its address, as an export has them."""
    if metric.of is Of.SPIKES:
        return {"spike": str(row["row_id"]), "address": _spike_url(lens, row["row_id"])}
    held = row["row_conversation"]
    if metric.of is Of.MENTIONS:
        ids = {"mention": str(row["row_mention"]), "query": str(row["row_query"]), "conversation": str(held or "")}
        return {**ids, "address": conversation_url(lens, held) if held else _stream_url(lens, row)}
    return {"conversation": str(held), "address": conversation_url(lens, held)}


def openings(lens: Lens, metric: Metric, rows: Sequence[Mapping[str, Any]]) -> dict[uuid.UUID, Opening]:
    """What each of some rows opens to, by the row's id."""
    if metric.of is Of.SPIKES:
        return _spikes(lens, rows)
    found = _conversations(lens, rows)
    return found if metric.of is not Of.MENTIONS else _overheard(lens, rows) | found


def _conversations(lens: Lens, rows: Sequence[Mapping[str, Any]]) -> dict[uuid.UUID, Opening]:
    readable = Conversation.objects.visible_to(lens.person).select_related("customer", "channel")
    known = {one.pk: one for one in readable.filter(pk__in=[row["row_conversation"] for row in rows])}
    found = {}
    for row in rows:
        one = known.get(row["row_conversation"])
        if one is not None:
            words = str(row.get("row_words", one.excerpt))
            found[row["row_id"]] = Opening(str(one.customer), words, conversation_url(lens, one.pk))
    return found


def _overheard(lens: Lens, rows: Sequence[Mapping[str, Any]]) -> dict[uuid.UUID, Opening]:
    if not _listens(lens):
        return {}
    ids = [row["row_mention"] for row in rows if row["row_conversation"] is None]
    known = Mention.objects.select_related("identity__customer").in_bulk(ids)
    return {
        row["row_id"]: Opening(str(one.identity.customer), one.text, _stream_url(lens, row))
        for row in rows
        if (one := known.get(row["row_mention"])) is not None
    }


def _spikes(lens: Lens, rows: Sequence[Mapping[str, Any]]) -> dict[uuid.UUID, Opening]:
    if not _listens(lens):
        return {}
    known = Spike.objects.filter(workspace=lens.workspace).select_related("query")
    found = {}
    for one in known.filter(pk__in=[row["row_id"] for row in rows]):
        about = f" · {one.topic.replace('_', ' ')}" if one.topic else ""
        counts = {"count": one.count, "usual": f"{one.expected:.0f}"}
        words = gettext("%(count)s mentions instead of %(usual)s") % counts
        found[one.pk] = Opening(f"{one.query}{about}", words, _spike_url(lens, one.pk))
    return found


def _listens(lens: Lens) -> bool:
    return lens.person.access.reach(Permission.LISTENING_READ, lens.workspace.pk) >= Reach.WORKSPACE


def conversation_url(lens: Lens, conversation_id: uuid.UUID) -> str:
    """Where a conversation is read."""
    return reverse("conversation", kwargs={"workspace": lens.workspace.slug, "conversation": conversation_id})


def _spike_url(lens: Lens, spike_id: uuid.UUID) -> str:
    return reverse("listening_spike", kwargs={"workspace": lens.workspace.slug, "spike": spike_id})


def _stream_url(lens: Lens, row: Mapping[str, Any]) -> str:
    """The stream at the moment in which it was said."""
    at: dt.datetime = row["row_at"]
    moment = {"query": row["row_query"], "since": at.isoformat(), "until": (at + MOMENT).isoformat(), "copies": "on"}
    return f"{lens.place('listening')}?{urlencode(moment)}"
