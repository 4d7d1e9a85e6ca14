"""Following what authors do to what they said: an edit replaces the words, a removal forgets them, everywhere. The
record keeps that it happened and when, never the words that are gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import models

from choir.channels.contract import Removal
from choir.channels.models import Arrival, Channel
from choir.events.actions import record_many
from choir.flow.after_hearing import about_conversation
from choir.inbox.live import announce
from choir.inbox.models import Conversation, Direction, Message
from choir.inbox.showing import refresh
from choir.legible import fitted_id, legible
from choir.listening.actions import Heard, media_of
from choir.listening.matching import forget
from choir.listening.models import Mention
from choir.media.actions import follow
from choir.media.actions import forget as forget_media
from choir.rows import write_back
from choir.triage.models import Reading


@dataclass(frozen=True, slots=True)
class Removed:
    """One removal and the arrival that told of it."""

    arrival: Arrival
    removal: Removal


def follow_edits(channel: Channel, edited: Sequence[Heard], *, at: dt.datetime) -> None:
    """Give mentions and messages their authors' new words, and have them read again."""
    if not edited:
        return
    by_id = {one.external_id: one for one in edited}
    mentions = list(_mentions(channel, by_id))
    gone = [one.arrival_id for one in mentions if one.arrival_id != by_id[one.external_id].arrival.pk]
    for mention in mentions:
        heard = by_id[mention.external_id]
        mention.text, mention.media = legible(heard.item.text), media_of(heard.item)
        mention.content_warning, mention.edited_at = legible(heard.item.content_warning), heard.item.edited_at
        mention.arrival = heard.arrival
        mention.read_at = None
    write_back(mentions, ["text", "media", "content_warning", "edited_at", "arrival", "read_at"])
    _forget_payloads(gone)
    _forget_evidence(mentions)
    follow([one for one in mentions if one.is_addressed], at=at)
    messages = list(_messages(channel, by_id))
    for message in messages:
        heard = by_id[message.external_id]
        message.text, message.edited_at = legible(heard.item.text), heard.item.edited_at
        if message.direction == Direction.INBOUND:
            message.arrival = heard.arrival
    write_back(messages, ["text", "edited_at", "arrival"])
    _tell(messages, "message.edited", "Its author changed it on the network.", at=at)


def forget_removed(channel: Channel, removals: Sequence[Removed], *, at: dt.datetime) -> None:
    """Forget the words of what was taken back, in mention, message, reading and raw arrival. Our own words stay: they
    are ours; that they are gone from the network is noted."""
    if not removals:
        return
    when = {
        fitted_id(one.removal.external_id): min(one.removal.removed_at or at, one.arrival.received_at)
        for one in removals
    }
    mentions = list(_mentions(channel, when).filter(removed_at=None))
    for mention in mentions:
        mention.text, mention.content_warning, mention.media = "", "", []
        mention.removed_at = when[mention.external_id]
    write_back(mentions, ["text", "content_warning", "media", "removed_at"])
    _forget_payloads([one.arrival_id for one in mentions])
    _forget_evidence(mentions)
    forget(channel.workspace_id, [one.pk for one in mentions])
    forget_media(mentions)
    messages = list(_messages(channel, when).filter(removed_at=None))
    for message in messages:
        message.removed_at = when[message.external_id]
        if message.direction == Direction.INBOUND:
            message.text = ""
    write_back(messages, ["text", "removed_at"])
    _tell(messages, "message.removed", "Its author took it back on the network.", at=at)


def _mentions(channel: Channel, ids: Collection[str]) -> models.QuerySet[Mention]:
    return Mention.objects.filter(workspace_id=channel.workspace_id, channel=channel, external_id__in=list(ids))


def _messages(channel: Channel, ids: Collection[str]) -> models.QuerySet[Message]:
    rows = Message.objects.filter(
        workspace_id=channel.workspace_id, conversation__channel=channel, external_id__in=list(ids)
    )
    return rows.select_related("conversation__workspace")


def _forget_payloads(arrival_ids: Sequence[object]) -> None:
    Arrival.objects.filter(pk__in=[one for one in arrival_ids if one is not None]).update(payload=b"")


def _forget_evidence(mentions: Sequence[Mention]) -> None:
    """Readings keep what they concluded; the words that led to it are the author's."""
    Reading.objects.filter(mention__in=mentions).exclude(words={}).update(words={})


def _tell(messages: Sequence[Message], verb: str, because: str, *, at: dt.datetime) -> None:
    """Bring the conversations' first words up to date, record what happened and show it on open pages."""
    if not messages:
        return
    touched = {one.conversation_id for one in messages}
    held = Conversation.objects.filter(pk__in=touched).order_by("pk").select_for_update(of=("self",))
    rows = {one.pk: one for one in held.select_related("workspace")}
    refresh(rows)
    record_many(
        about_conversation(
            rows[one.conversation_id], verb, at, because, {"message": str(one.pk), "direction": one.direction}
        )
        for one in messages
    )
    announce(list(rows.values()), what="message")
