"""Private messages of Messenger and Instagram: heard by webhook and by reading conversations, answered, read back.

Both ways give the same message id, so that a message heard twice is one. A message has either words or a picture
(“Send API: message object”), so what goes along with an answer are messages of their own, just before its words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from choir.channels.contract import (
    Attachment,
    Author,
    Item,
    Kind,
    Media,
    Outgoing,
    Page,
    Raw,
    RejectedError,
    Removal,
    Sent,
)
from choir.channels.exchange import promised_shape
from choir.channels.graph.asking import Graph, OutsideWindowError, following
from choir.channels.payload import closed, named, opened, text
from choir.channels.sources import Look, newest_first

FIELDS = "id,created_time,from,to,message,attachments"
MOST_CONVERSATIONS, MOST_MESSAGES = 25, 25
MEDIA_KINDS = ("image", "video", "audio")


def said_in(entry: Mapping[str, Any]) -> Iterator[Raw]:
    """The messages in one entry of a webhook; delivered, read and typing are not messages."""
    for one in entry.get("messaging") or ():
        edit = one.get("message_edit")
        if isinstance(edit, dict) and edit.get("mid"):
            yield Raw(f"message:{edit['mid']}:{edit.get('num_edit', 1)}", closed({"messaging": one}))
        message = one.get("message")
        if not isinstance(message, dict) or not message.get("mid"):
            continue
        is_gone = bool(message.get("is_deleted"))
        key = f"message:{message['mid']}" + (":gone" if is_gone else "")
        if is_gone:
            yield Raw(key, closed({"gone": message["mid"], "at": one["timestamp"]}))
        else:
            yield Raw(key, closed({"messaging": one}))


def item_of(said: Mapping[str, Any], *, us: str) -> Item:
    """What one message says, from a webhook or from a conversation; `us` is our account's id."""
    if "messaging" in said:
        return _announced(said["messaging"])
    message = said["message"]
    sender = message["from"]
    is_ours = str(sender["id"]) == us or said.get("ours") == str(sender["id"])
    receiver = ((message.get("to") or {}).get("data") or [{}])[0]
    customer = receiver if is_ours else sender
    return Item(
        external_id=named(message["id"]),
        kind=Kind.DIRECT,
        author=_author(sender),
        text=text(message.get("message")),
        posted_at=moment(message["created_time"]),
        thread_id=thread_of(customer["id"]),
        is_private=True,
        is_ours=is_ours,
        media=tuple(_media(one) for one in (message.get("attachments") or {}).get("data") or ()),
    )


def _announced(said: Mapping[str, Any]) -> Item:
    """A message as a webhook tells it, or the new words of one."""
    is_edit = "message_edit" in said
    message = said["message_edit" if is_edit else "message"]
    at = dt.datetime.fromtimestamp(int(said["timestamp"]) / 1000, tz=dt.UTC)
    is_ours = bool(message.get("is_echo"))
    customer = said["recipient" if is_ours else "sender"]
    return Item(
        external_id=named(message["mid"]),
        kind=Kind.DIRECT,
        author=_author(said["sender"]),
        text=text(message.get("text")),
        posted_at=at,
        edited_at=at if is_edit else None,
        thread_id=thread_of(customer["id"]),
        is_private=True,
        is_ours=is_ours,
        media=tuple(
            Media(url=text((one.get("payload") or {}).get("url")), kind=text(one["type"]))
            for one in message.get("attachments") or ()
        ),
    )


def removal_of(said: Mapping[str, Any]) -> Removal:
    """Word that something is gone; `at` is in milliseconds, where it is known."""
    at = said.get("at")
    return Removal(
        external_id=named(said["gone"]),
        removed_at=None if at is None else dt.datetime.fromtimestamp(int(at) / 1000, tz=dt.UTC),
    )


def thread_of(customer_id: str) -> str:
    """One conversation with one customer, however it is heard."""
    return f"direct:{named(str(customer_id))}"


def _author(shown: Mapping[str, Any]) -> Author:
    return Author(
        external_id=named(str(shown["id"])),
        handle=text(shown.get("username")),
        name=text(shown.get("name")),
    )


def _media(shown: Mapping[str, Any]) -> Media:
    for kind in MEDIA_KINDS:
        if found := shown.get(f"{kind}_data"):
            return Media(url=text(found.get("url")), kind=kind)
    return Media(url=text(shown.get("file_url")), kind="file")


def moment(stated: str) -> dt.datetime:
    """A time as the Graph API states it: 2026-11-20T11:00:00+0000."""
    at = dt.datetime.fromisoformat(stated)
    if at.tzinfo is None:
        raise ValueError(f"the time {stated!r} has no zone")
    return at


class Messages:
    """The private messages of one account. `platform` is `messenger` or `instagram`."""

    def __init__(self, graph: Graph, *, platform: str, network: str, us: str, may_follow_up: bool) -> None:
        self._graph, self._platform, self._network, self._us = graph, platform, network, us
        self._may_follow_up = may_follow_up

    def read(self, place: str, limit: int) -> Page:
        """The newest messages of the conversations that moved."""

        def look(after: str, floor: dt.datetime | None) -> Look:
            edge = self._graph.get(
                "/me/conversations",
                platform=self._platform,
                fields=f"id,updated_time,messages.limit({MOST_MESSAGES}){{{FIELDS}}}",
                limit=min(limit, MOST_CONVERSATIONS),
                **({"after": after} if after else {}),
            )
            with promised_shape(self._network):
                moved = [moment(one["updated_time"]) for one in edge["data"]]
                found = [pair for one in edge["data"] for pair in self._messages_of(one, floor)]
                return Look(found, following(edge), down_to=min(moved, default=None))

        return newest_first(place, look)

    def _messages_of(
        self, conversation: Mapping[str, Any], floor: dt.datetime | None
    ) -> Iterator[tuple[dt.datetime, Raw]]:
        """The newest first, down to what was read before."""
        edge = conversation.get("messages") or {}
        path = f"/{conversation['id']}/messages"
        for message in self._graph.rest_of(edge, path, fields=FIELDS, limit=MOST_MESSAGES):
            at = moment(message["created_time"])
            if floor is not None and at < floor:
                return
            yield at, Raw(f"message:{message['id']}", closed({"message": message}))

    def send(self, outgoing: Outgoing, *, since: dt.datetime | None) -> Sent:
        """Answer the customer: pictures, then the words. Pictures that an earlier attempt sent, not before `since`, are
        not sent again. After 24 hours only as a person following up, where Meta has allowed our app that."""
        for one in outgoing.media[self._pictures_out(outgoing, since) :]:
            self._sent(outgoing, {"attachment": {"type": "image", "payload": {}}}, one)
        return self._sent(outgoing, {"text": outgoing.text})

    def _sent(self, outgoing: Outgoing, message: Mapping[str, Any], picture: Attachment | None = None) -> Sent:
        said = {"recipient": {"id": recipient_of(outgoing)}, "message": message}

        def post(**how: str) -> Mapping[str, Any]:
            if picture is None:
                return self._graph.post("/me/messages", said | how)
            return self._graph.post_file("/me/messages", said | how, ("filedata", picture))

        try:
            answer = post(messaging_type="RESPONSE")
        except OutsideWindowError:
            if not self._may_follow_up:
                raise
            answer = post(messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT")
        with promised_shape(self._network, may_have_happened=True):
            return Sent(external_id=str(answer["message_id"]), sent_at=dt.datetime.now(dt.UTC))

    def _pictures_out(self, outgoing: Outgoing, since: dt.datetime | None) -> int:
        """How many of its pictures are there already: those of ours after our last words. Answers of one conversation
        leave one after another, so that words of ours end an earlier answer."""
        count = 0
        if outgoing.media:
            for _, item in self._ours_to(outgoing, since):
                if item.text:
                    break
                count += bool(item.media)
        return count

    def find(self, outgoing: Outgoing, *, since: dt.datetime | None) -> Sent | None:
        """Our message in these words to this customer, not older than the first attempt."""
        words = outgoing.text.split()
        for at, item in self._ours_to(outgoing, since):
            if item.text.split() == words:
                return Sent(external_id=item.external_id, sent_at=at)
        return None

    def _ours_to(self, outgoing: Outgoing, since: dt.datetime | None) -> Iterator[tuple[dt.datetime, Item]]:
        """What we have sent this customer since, newest first."""
        edge = self._graph.get(
            "/me/conversations",
            platform=self._platform,
            user_id=recipient_of(outgoing),
            fields=f"id,messages.limit({MOST_MESSAGES}){{{FIELDS}}}",
        )
        with promised_shape(self._network):
            for conversation in edge["data"]:
                for at, raw in self._messages_of(conversation, since):
                    item = item_of(_said(raw), us=self._us)
                    if item.is_ours:
                        yield at, item


def _said(raw: Raw) -> Mapping[str, Any]:
    return opened(raw, "a message")


def recipient_of(outgoing: Outgoing) -> str:
    """To whom a private answer goes. Raises RejectedError where that is not known."""
    if outgoing.recipient is None or not outgoing.recipient.external_id:
        raise RejectedError("It is not known to whom this private message goes. Answer it on the network.")
    return outgoing.recipient.external_id
