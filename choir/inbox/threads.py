"""Messages into conversations: found by thread, made where there is none, merged where a later message joins two.

Whoever calls this holds the channel (`choir.flow.hear` has one worker hear a channel at a time), so that a thread is
never looked up and made twice at once. All in one transaction, in a number of statements that does not grow with the
number of messages.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from choir.channels.contract import Author
from choir.channels.models import Channel
from choir.customers.actions import identify
from choir.events.models import Event
from choir.inbox.links import Link, Thread, threads
from choir.inbox.merging import merge, merged_events, the_one_to_keep
from choir.inbox.models import Conversation, Direction, Message, State
from choir.inbox.showing import begin, refresh
from choir.legible import address, cut, fitted_id, legible
from choir.listening.actions import Heard
from choir.listening.models import Mention
from choir.prepared import Slot, one_of, prepared
from choir.rows import insert, made, write_back


@dataclass(frozen=True, slots=True)
class Before:
    """How a conversation stood before messages were appended."""

    state: State
    is_new: bool
    was_waiting: bool


@dataclass(slots=True)
class Appended:
    """What appending did: every conversation touched, as it is now; how it was before; which messages are new."""

    conversations: dict[uuid.UUID, Conversation] = field(default_factory=dict)
    before: dict[uuid.UUID, Before] = field(default_factory=dict)
    inbound: list[Message] = field(default_factory=list)
    outbound: list[Message] = field(default_factory=list)
    merged: list[Event] = field(default_factory=list)


def append(
    channel: Channel,
    *,
    inbound: Sequence[tuple[Heard, Mention]],
    outbound: Sequence[Heard],
    at: dt.datetime,
) -> Appended:
    """Put what customers said, and what we said with other tools, into their conversations at their true times, and
    bring what conversations show up to date. States, clocks and events are the caller's."""
    heard = {one.external_id: one for one, _ in inbound} | {one.external_id: one for one in outbound}
    mentions = {one.external_id: mention for one, mention in inbound}
    found, existing = _group(channel, [_link(one) for one in heard.values()])
    appended = Appended()
    homes = _homes(channel, found, existing=existing, heard=heard, mentions=mentions, appended=appended, at=at)
    for external_id, conversation in homes.items():
        appended.conversations[conversation.pk] = conversation
        one = heard[external_id]
        if external_id in mentions:
            appended.inbound.append(_said(one, conversation, mentions[external_id]))
        else:
            appended.outbound.append(_answered(one, conversation))
    appended.before = {
        pk: Before(State(one.state), is_new=pk not in existing, was_waiting=one.waiting_since is not None)
        for pk, one in appended.conversations.items()
    }
    _store_new(appended)
    insert([*appended.inbound, *appended.outbound], skips_known=True)
    refresh({pk: one for pk, one in appended.conversations.items() if pk in existing})
    return appended


def _store_new(appended: Appended) -> None:
    """New conversations are stored once, with all that they show: all their messages are at hand."""
    messages: dict[uuid.UUID, list[Message]] = defaultdict(list)
    for one in (*appended.inbound, *appended.outbound):
        messages[one.conversation_id].append(one)
    new = [one for pk, one in appended.conversations.items() if appended.before[pk].is_new]
    for conversation in new:
        begin(conversation, messages[conversation.pk])
    insert(new)


def _link(heard: Heard) -> Link:
    item, own = heard.item, heard.external_id
    target = fitted_id(item.thread_id or item.parent_id)
    return Link(own, "" if target == own else target)


def _group(channel: Channel, links: Sequence[Link]) -> tuple[list[Thread], dict[uuid.UUID, Conversation]]:
    """The threads of new messages, and the conversations there are for them, locked."""
    nodes = list({link.external_id for link in links} | {link.target for link in links if link.target})
    ours = {"workspace": channel.workspace_id, "channel": channel.pk}
    known = dict(_by_key(keys=nodes, **ours)) | dict(_by_message(external_ids=nodes, **ours))
    existing = {one.pk: one for one in _locked(ids=list(set(known.values())))} if known else {}
    keys = {pk: one.thread_key for pk, one in existing.items()}
    return threads(links, known=known, keys=keys), existing


@prepared
def _by_key(workspace: Slot, channel: Slot, keys: Slot) -> QuerySet[Conversation, tuple[str, uuid.UUID]]:
    rows = Conversation.objects.filter(one_of("thread_key", keys), workspace=workspace, channel=channel)
    return rows.values_list("thread_key", "pk")


@prepared
def _by_message(workspace: Slot, channel: Slot, external_ids: Slot) -> QuerySet[Message, tuple[str, uuid.UUID]]:
    """The conversations of messages that are there already."""
    rows = Message.objects.filter(one_of("external_id", external_ids), workspace=workspace)
    return rows.filter(conversation__channel=channel).values_list("external_id", "conversation_id")


@prepared
def _locked(ids: Slot) -> QuerySet[Conversation]:
    rows = Conversation.objects.filter(one_of("pk", ids)).order_by("pk")
    return rows.select_for_update(of=("self",)).select_related("workspace")


def _homes(
    channel: Channel,
    found: Sequence[Thread],
    *,
    existing: dict[uuid.UUID, Conversation],
    heard: Mapping[str, Heard],
    mentions: Mapping[str, Mention],
    appended: Appended,
    at: dt.datetime,
) -> dict[str, Conversation]:
    """The conversation of every new message by the message's id: kept, merged or made."""
    homes: dict[str, Conversation] = {}
    new: list[tuple[Thread, Conversation]] = []
    renamed: list[Conversation] = []
    joined: dict[uuid.UUID, Conversation] = {}
    for thread in found:
        if not thread.conversation_ids:
            conversation = _new(channel, thread, heard, at=at)
            new.append((thread, conversation))
        else:
            conversation = the_one_to_keep(existing[pk] for pk in thread.conversation_ids)
            joined |= {pk: conversation for pk in thread.conversation_ids if pk != conversation.pk}
            if conversation.thread_key != thread.key:
                conversation.thread_key = thread.key
                renamed.append(conversation)
        homes |= dict.fromkeys(thread.external_ids, conversation)
    merge(joined)
    appended.merged = merged_events(joined, existing, at=at)
    write_back(renamed, ["thread_key"])
    _give_customers(channel, new, mentions, at=at)
    return homes


def _new(channel: Channel, thread: Thread, heard: Mapping[str, Heard], *, at: dt.datetime) -> Conversation:
    first = min((heard[external_id] for external_id in thread.external_ids), key=lambda one: one.said_at)
    return made(
        Conversation,
        workspace=channel.workspace,
        channel=channel,
        thread_key=thread.key,
        is_private=first.item.is_private,
        state=State.ARRIVING,
        state_at=at,
        last_message_at=first.said_at,
        created_at=at,
    )


def _give_customers(
    channel: Channel,
    new: Sequence[tuple[Thread, Conversation]],
    mentions: Mapping[str, Mention],
    *,
    at: dt.datetime,
) -> None:
    """New conversations belong to who spoke in them. One in which only we have spoken so far belongs to somebody not
    seen yet, until they are."""
    silent: dict[str, Conversation] = {}
    for thread, conversation in new:
        speaking = next((mentions[one] for one in thread.external_ids if one in mentions), None)
        if speaking is None:
            silent[f"not-seen:{thread.key}"] = conversation
        else:
            conversation.customer_id = speaking.identity.customer_id
    authors = [Author(external_id=key, name="Somebody not seen yet") for key in silent]
    if authors:
        strangers = identify(channel.workspace_id, network=channel.network, authors=authors, at=at)
        for key, conversation in silent.items():
            conversation.customer_id = strangers[fitted_id(key)].customer_id


def _said(heard: Heard, conversation: Conversation, mention: Mention) -> Message:
    return made(
        Message,
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        direction=Direction.INBOUND,
        arrival=mention.arrival,
        mention=mention,
        identity=mention.identity,
        is_automatic=bool(mention.automatic_because),
        in_reply_to=mention.parent_external_id,
        external_id=mention.external_id,
        text=mention.text,
        url=mention.url,
        at=mention.posted_at,
        sent_at=mention.posted_at,
    )


def _answered(heard: Heard, conversation: Conversation) -> Message:
    item = heard.item
    return made(
        Message,
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        direction=Direction.OUTBOUND,
        arrival=heard.arrival,
        author_name=cut(item.author.name or item.author.handle, 200),
        in_reply_to=fitted_id(item.parent_id),
        external_id=heard.external_id,
        text=legible(item.text),
        url=address(item.url),
        at=heard.said_at,
        sent_at=heard.said_at,
    )
