"""Hearing a server of the Mastodon API as things are said: our own stream, and one for each hashtag that is wanted."""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Iterator, Mapping
from typing import Any

from mastodon import StreamListener

from choir.channels.connectors.mastodon import mapping
from choir.channels.connectors.mastodon.server import Server, refusals
from choir.channels.contract import ConnectorError, Item, Maps, Page, Raw, TemporaryError, Wanted

HEARTBEAT_SECONDS = 5
SILENCE_SECONDS = 60  # servers send a sign of life every fifteen
MOST_HASHTAGS = 8  # each is a connection of its own; the others are searched for
AGAIN_SECONDS = 60  # after a hashtag's stream ended or was refused


def stream(server: Server, connector: Maps, us: str, *, wanted: Wanted) -> Iterator[Page]:
    """What is said to us, what we say, what our home and the wanted hashtags show that a query finds; edits,
    deletions."""
    told: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=1000)
    listener = _Told(told)
    with refusals(server.answers, writes=False):
        handle = server.client.stream_user(listener, run_async=True, timeout=SILENCE_SECONDS, reconnect_async=False)
    hashtags = _Hashtags(server, told, wanted)
    try:
        while True:
            hashtags.follow()
            try:
                name, said = told.get(timeout=HEARTBEAT_SECONDS)
            except queue.Empty:
                name, said = ("alive", None) if handle.is_alive() else ("over", None)
            if name == "over":
                raise TemporaryError("The Mastodon server ended its stream.")
            raws = () if said is None else tuple(_heard(name, said, connector, us, wanted))
            yield Page(raws=raws, cursor="", has_more=False)
    finally:
        handle.close()
        hashtags.close()


class _Told(StreamListener):
    """Puts what the server tells into a queue."""

    def __init__(self, told: queue.Queue[tuple[str, Any]], *, ending: str = "over") -> None:
        self._told, self._ending = told, ending

    def on_notification(self, notification: Any) -> None:
        self._told.put(("notification", _as_came(notification)))

    def on_update(self, status: Any) -> None:
        self._told.put(("status", _as_came(status)))

    def on_status_update(self, status: Any) -> None:
        self._told.put(("status", _as_came(status)))

    def on_delete(self, status_id: Any) -> None:
        self._told.put(("delete", str(status_id)))

    def on_abort(self, err: Exception) -> None:
        self._told.put((self._ending, None))

    def handle_heartbeat(self) -> None:
        self._told.put(("alive", None))


class _Hashtags:
    """The streams of the hashtags that are wanted now. One that ends or is refused keeps the others: what it would have
    told is found by searching, and it is tried again."""

    def __init__(self, server: Server, told: queue.Queue[tuple[str, Any]], wanted: Wanted) -> None:
        self._server, self._told, self._wanted = server, told, wanted
        self._open: dict[str, Any] = {}
        self._not_before: dict[str, float] = {}

    def follow(self) -> None:
        """Open and close streams as the queries change."""
        tags = list(self._wanted.hashtags())[:MOST_HASHTAGS]
        for tag in [one for one in self._open if one not in tags or not self._open[one].is_alive()]:
            self._open.pop(tag).close()
        now = time.monotonic()
        for tag in tags:
            if tag not in self._open and now >= self._not_before.get(tag, 0):
                self._not_before[tag] = now + AGAIN_SECONDS
                self._listen(tag)

    def _listen(self, tag: str) -> None:
        try:
            with refusals(self._server.answers, writes=False):
                self._open[tag] = self._server.client.stream_hashtag(
                    tag.removeprefix("#"),
                    _Told(self._told, ending="alive"),
                    run_async=True,
                    timeout=SILENCE_SECONDS,
                    reconnect_async=False,
                )
        except ConnectorError:
            return

    def close(self) -> None:
        """Hang up on all of them."""
        while self._open:
            self._open.popitem()[1].close()


def _as_came(entity: Any) -> Any:
    """What the server sent, from what the client made of it."""
    kept = json.loads(entity.to_json())
    return kept.get("_mastopy_data", kept)


def _heard(name: str, said: Any, connector: Maps, us: str, wanted: Wanted) -> Iterator[Raw]:
    if name == "delete":
        yield mapping.deleted_raw(said)
    elif name == "notification":
        status = said.get("status")
        if said.get("type") == "follow":
            yield mapping.follow_raw(said)
        elif status is not None and said.get("type") in ("mention", "update", "quote"):
            yield mapping.status_raw(status, why="to-us")
    else:
        yield from _overheard(said, connector, us, wanted)


def _overheard(status: Mapping[str, Any], connector: Maps, us: str, wanted: Wanted) -> Iterator[Raw]:
    if any(one.get("url") == us for one in status.get("mentions") or ()):
        yield mapping.status_raw(status, why="to-us")
        return
    for item in connector.items(mapping.status_raw(status, why="found")):
        if isinstance(item, Item) and item.is_ours:
            yield mapping.status_raw(status, why="ours")
        elif isinstance(item, Item) and (wanted.finds(item) or wanted.knows(item.external_id)):
            yield mapping.status_raw(status, why="found")
