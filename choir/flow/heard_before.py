"""What is new among what was heard: the same thing comes by several ways, comes again edited, or first stood above
something and then turns out to address us."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from choir.channels.models import Channel
from choir.inbox.models import Direction, Message
from choir.legible import cut, legible
from choir.listening.actions import Heard
from choir.listening.models import Mention
from choir.prepared import Slot, one_of, prepared
from choir.rows import write_back


@dataclass
class Sorted:
    """What was heard: never before; with new words by its author; around us before, and now to us."""

    new: list[Heard] = field(default_factory=list)
    edited: list[Heard] = field(default_factory=list)
    promoted: list[Heard] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    text: str
    edited_at: dt.datetime | None = None
    is_addressed: bool = True
    is_removed: bool = False


def sort_known(channel: Channel, heard: Sequence[Heard]) -> Sorted:
    """Tell new from known. The same thing in other words that is no edit is set aside: the first wording is kept."""
    known = _known(channel, heard)
    found = Sorted()
    edits: dict[str, Heard] = {}
    for one in heard:
        before = known.get(one.external_id)
        text = legible(one.item.text)
        if before is None:
            found.new.append(one)
        elif before.is_removed:
            continue
        elif not before.is_addressed and one.is_work:
            found.promoted.append(one)
        elif one.item.edited_at is not None and one.item.edited_at != before.edited_at:
            if before.edited_at is None or one.item.edited_at > before.edited_at:
                edits[one.external_id] = one
            else:
                continue
        else:
            if before.text != text and one.item.edited_at is None and before.edited_at is None:
                _set_aside(one)
            continue
        known[one.external_id] = _Known(text, one.item.edited_at)
    found.edited = list(edits.values())
    return found


def _known(channel: Channel, heard: Sequence[Heard]) -> dict[str, _Known]:
    asked_for = {
        "workspace": channel.workspace_id,
        "channel": channel.pk,
        "external_ids": list({one.external_id for one in heard}),
    }
    known = {
        key: _Known(text, edited_at, is_addressed, removed_at is not None)
        for key, text, edited_at, is_addressed, removed_at in _mentions(**asked_for)
    }
    return known | {
        key: _Known(text, edited_at, is_removed=removed_at is not None)
        for key, text, edited_at, removed_at in _answers(**asked_for)
    }


@prepared
def _mentions(workspace: Slot, channel: Slot, external_ids: Slot) -> QuerySet[Mention, tuple[Any, ...]]:
    rows = Mention.objects.filter(one_of("external_id", external_ids), workspace=workspace, channel=channel)
    return rows.values_list("external_id", "text", "edited_at", "is_addressed", "removed_at")


@prepared
def _answers(workspace: Slot, channel: Slot, external_ids: Slot) -> QuerySet[Message, tuple[Any, ...]]:
    rows = Message.objects.filter(
        one_of("external_id", external_ids),
        workspace=workspace,
        conversation__channel=channel,
        direction=Direction.OUTBOUND,
    )
    return rows.values_list("external_id", "text", "edited_at", "removed_at")


def _set_aside(one: Heard) -> None:
    if not one.item.is_ours:
        one.arrival.set_aside_because = (
            f"“{cut(one.external_id, 60)}” came before with other words and does not say that it was edited (or two "
            "things have one id). The first wording is kept in the conversation, this one here."
        )


def now_addressing_us(channel: Channel, promoted: Sequence[Heard]) -> list[tuple[Heard, Mention]]:
    """Make work of mentions that did not address us until now."""
    if not promoted:
        return []
    by_id = {one.external_id: one for one in promoted}
    mentions = list(Mention.objects.filter(channel=channel, external_id__in=by_id).select_related("identity"))
    for one in mentions:
        one.is_addressed, one.read_at = True, None
    write_back(mentions, ["is_addressed", "read_at"])
    return [(by_id[one.external_id], one) for one in mentions]
