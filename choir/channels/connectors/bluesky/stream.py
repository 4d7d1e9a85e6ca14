"""The network's stream (com.atproto.sync.subscribeRepos of a relay or of one server): every post as it is made.

The cursor is the stream's own sequence number, which the network keeps for days: what was said while nobody listened is
told again. A page is yielded with everything up to its cursor, so nothing is missed and nothing stored twice.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

from atproto_core.car import CAR
from atproto_firehose import FirehoseSubscribeReposClient, parse_subscribe_repos_message

from choir.channels.connectors.bluesky import mapping
from choir.channels.connectors.bluesky.asking import Server
from choir.channels.connectors.bluesky.records import POSTS
from choir.channels.contract import Item, Maps, Page, Raw, RejectedError, TemporaryError, Wanted

RELAY = "wss://bsky.network"
HEARTBEAT_SECONDS = 5.0
GATHERED_SECONDS = 0.2
GATHERED_MOST = 200
REMEMBERED = 10_000


def listen(server: Server, connector: Maps, us: str, cursor: str, *, wanted: Wanted) -> Iterator[Page]:
    """Pages of what matters, each with the place in the stream it reaches."""
    stated = str(server.account.settings.get("stream") or RELAY)
    if stated.strip().lower() == "none":
        raise RejectedError("This channel does not listen to the stream; its settings say so.")
    ear = _Ear(server, connector, us, wanted)
    frames: queue.Queue[Any] = queue.Queue(maxsize=5000)
    client = FirehoseSubscribeReposClient(
        {"cursor": int(cursor)} if cursor.isdigit() else None, base_uri=f"{_socket(stated)}/xrpc", recv_timeout=30.0
    )
    thread = threading.Thread(target=_read, args=(client, frames), name="bluesky-stream", daemon=True)
    thread.start()
    try:
        while True:
            raws, cursor = _gathered(frames, ear, cursor)
            yield Page(raws=tuple(raws), cursor=cursor, has_more=False)
    finally:
        client.stop()


def _socket(address: str) -> str:
    address = address.rstrip("/")
    for web, socket in (("https://", "wss://"), ("http://", "ws://")):
        if address.startswith(web):
            return socket + address.removeprefix(web)
    return address if "://" in address else f"wss://{address}"


def _read(client: FirehoseSubscribeReposClient, frames: queue.Queue[Any]) -> None:
    """Runs in a thread of its own until the client is stopped or the network ends it."""
    try:
        client.start(frames.put)
    except Exception as error:  # noqa: BLE001 -- whatever ended it is told to who listens
        frames.put(error)
    else:
        frames.put(None)


def _gathered(frames: queue.Queue[Any], ear: _Ear, cursor: str) -> tuple[list[Raw], str]:
    """What came within a moment, or nothing after a heartbeat."""
    raws: list[Raw] = []
    until = time.monotonic() + HEARTBEAT_SECONDS
    while time.monotonic() < until and len(raws) < GATHERED_MOST:
        try:
            frame = frames.get(timeout=max(0.01, until - time.monotonic()))
        except queue.Empty:
            break
        if frame is None or isinstance(frame, Exception):
            why = type(frame).__name__ if frame is not None else "closed"
            raise TemporaryError(f"The stream of Bluesky ended ({why}).")
        message = parse_subscribe_repos_message(frame)
        sequence = getattr(message, "seq", None)
        found = ear.heard(message)
        if found:
            raws += found
            until = min(until, time.monotonic() + GATHERED_SECONDS)
        if sequence is not None:
            cursor = str(sequence)
    return raws, cursor


class _Ear:
    """Picks out of everything what is said to us, by us, or wanted; and what of it was deleted."""

    def __init__(self, server: Server, connector: Maps, us: str, wanted: Wanted) -> None:
        self._server, self._connector, self._us, self._wanted = server, connector, us, wanted
        self._remembered: OrderedDict[str, None] = OrderedDict()
        self._authors: dict[str, Mapping[str, Any]] = {}

    def heard(self, message: Any) -> list[Raw]:
        """The raws of one commit."""
        raws: list[Raw] = []
        blocks: Mapping[Any, Any] | None = None
        for operation in getattr(message, "ops", None) or ():
            if not operation.path.startswith(f"{POSTS}/"):
                continue
            uri = f"at://{message.repo}/{operation.path}"
            if operation.action == "delete":
                if uri in self._remembered or message.repo == self._us or self._wanted.knows(uri):
                    raws.append(mapping.deleted_raw(uri))
                continue
            if blocks is None:
                blocks = CAR.from_bytes(message.blocks).blocks
            record = blocks.get(operation.cid)
            if isinstance(record, dict):
                raws += self._post(uri, str(operation.cid), message, record)
        return raws

    def _post(self, uri: str, cid: str, message: Any, record: Mapping[str, Any]) -> list[Raw]:
        why = "ours" if message.repo == self._us else "to-us" if addresses(record, self._us) else "found"
        post = {
            "uri": uri,
            "cid": cid,
            "author": {"did": message.repo},
            "record": _plain(record),
            "indexedAt": message.time,
        }
        if why == "found" and not self._is_wanted(post):
            return []
        post["author"] = self._author(message.repo)
        self._remembered[uri] = None
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return [mapping.post_raw(post, why=why)]

    def _is_wanted(self, post: Mapping[str, Any]) -> bool:
        try:
            items = self._connector.items(mapping.post_raw(post, why="found"))
        except Exception:  # noqa: BLE001 -- anybody may write anything into the network
            return False
        return any(isinstance(item, Item) and self._wanted.finds(item) for item in items)

    def _author(self, did: str) -> Mapping[str, Any]:
        """How an author shows themselves; the stream says only who they are."""
        if did not in self._authors:
            if len(self._authors) > REMEMBERED:
                self._authors.clear()
            try:
                self._authors[did] = self._server.get("app.bsky.actor.getProfile", actor=did)
            except RejectedError:
                self._authors[did] = {"did": did}
        shown = self._authors[did]
        return {name: shown[name] for name in ("did", "handle", "displayName", "followersCount") if name in shown}


def addresses(record: Mapping[str, Any], us: str) -> bool:
    """Whether a record answers, quotes or names us."""
    ours = f"at://{us}/"
    reply = record.get("reply") or {}
    if str((reply.get("parent") or {}).get("uri", "")).startswith(ours) or mapping.quoted_by(record).startswith(ours):
        return True
    return any(
        feature.get("did") == us for facet in record.get("facets") or () for feature in facet.get("features") or ()
    )


def _plain(value: Any) -> Any:
    """A record without the stream's binary types: links and bytes as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)
