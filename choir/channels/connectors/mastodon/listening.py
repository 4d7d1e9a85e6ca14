"""Hearing on a server of the Mastodon API: polling from a cursor, its user stream, and searching."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from mastodon import StreamListener

from choir.channels.connectors.mastodon import mapping
from choir.channels.connectors.mastodon.cursor import Cursor
from choir.channels.connectors.mastodon.server import Server, refusals
from choir.channels.contract import Item, Maps, Page, Raw, RejectedError, TemporaryError, Wanted
from choir.channels.exchange import promised_shape

NAME = "the Mastodon server"
MOST_A_PAGE = 40
UNWANTED = ["favourite", "reblog", "poll", "follow_request", "admin.sign_up", "admin.report", "status"]
ANCESTORS_LOOKED_UP = 5  # a page; threads that grow under us are known already
HEARTBEAT_SECONDS = 5
SILENCE_SECONDS = 60  # servers send a sign of life every fifteen


def fetch(server: Server, us: str, stated: str, *, limit: int) -> Page:
    """One page of what is new since a cursor."""
    cursor = Cursor.read(stated)
    size = min(limit, MOST_A_PAGE)
    client = server.client
    told = server.asked(client.notifications, min_id=cursor.notification, exclude_types=UNWANTED, limit=size)
    own = server.asked(client.account_statuses, us, exclude_reblogs=True, min_id=cursor.own, limit=size)
    raws: list[Raw] = []
    watched: dict[str, str] = {}
    with promised_shape(NAME):
        lookups = ANCESTORS_LOOKED_UP
        for notification in _oldest_first(told):
            status = notification.get("status")
            if notification["type"] == "follow":
                raws.append(mapping.follow_raw(notification))
            elif status is not None and notification["type"] in ("mention", "update", "quote"):
                if lookups and _stands_under_others(status, us):
                    lookups -= 1
                    raws += _with_ancestors(server, status)
                else:
                    raws.append(mapping.status_raw(status, why="to-us"))
                watched[str(status["id"])] = str(status.get("edited_at") or "")
        raws += [mapping.status_raw(one, why="ours") for one in _oldest_first(own)]
        after = replace(
            cursor,
            notification=_newest(told, cursor.notification),
            own=_newest(own, cursor.own),
        ).watching(watched, gone=set())
        has_more = len(told) == size or len(own) == size
    if not has_more and cursor.watched and cursor.watches:
        changed, after = _looked_again(server, after, cursor.watched)
        raws += changed
    return Page(raws=tuple(raws), cursor=after.written(), has_more=has_more)


def _oldest_first(shown: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Servers show the newest first."""
    return sorted(shown, key=lambda one: _rank(str(one["id"])))


def _newest(shown: Sequence[Mapping[str, Any]], before: str) -> str:
    return max([before, *(str(one["id"]) for one in shown)], key=_rank)


def _rank(number: str) -> tuple[int, str]:
    """Ids grow in time: numbers on Mastodon, words of one length on others."""
    return len(number), number


def _stands_under_others(status: Mapping[str, Any], us: str) -> bool:
    return bool(status.get("in_reply_to_id")) and str(status.get("in_reply_to_account_id") or "") != us


def _with_ancestors(server: Server, status: Mapping[str, Any]) -> list[Raw]:
    """A post to us with what stands above it, so that the thread reads whole."""
    try:
        above = server.asked(server.client.status_context, str(status["id"]))["ancestors"]
    except RejectedError:
        above = []
    root = str(above[0]["id"]) if above else ""
    return [mapping.status_raw(one, why="above", root=root) for one in above] + [
        mapping.status_raw(status, why="to-us", root=root)
    ]


def _looked_again(server: Server, after: Cursor, watched: Mapping[str, str]) -> tuple[list[Raw], Cursor]:
    """What became of the latest posts to us: edited, or gone."""
    try:
        shown = server.asked(server.client.statuses, list(watched))
    except RejectedError:
        return [], replace(after, watches=False)
    with promised_shape(NAME):
        there = {str(one["id"]): one for one in shown}
        edited = {
            key: one for key, one in there.items() if key in watched and str(one.get("edited_at") or "") != watched[key]
        }
        gone = set(watched) - set(there)
        raws = [mapping.status_raw(one, why="to-us") for one in edited.values()]
        raws += [mapping.deleted_raw(key) for key in sorted(gone)]
        versions = {key: str(one.get("edited_at") or "") for key, one in edited.items()}
        return raws, after.watching(versions, gone=gone)


def statuses(server: Server, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """Those of the posts that are there; one by one where the server cannot be asked for several."""
    if not ids:
        return []
    try:
        shown: list[Mapping[str, Any]] = server.asked(server.client.statuses, list(ids))
    except RejectedError:
        shown = []
        for one in ids:
            try:
                shown.append(server.asked(server.client.status, one))
            except RejectedError:
                continue
    return shown


def search(server: Server, question: str, stated: str, *, limit: int) -> Page:
    """New posts for a question: a single hashtag is read from its timeline, which every server has; words are
    searched for, as far back as the server goes. Pages go back from the newest to where the last search ended."""
    state: dict[str, Any] = json.loads(stated) if stated else {"seen": "0"}
    size = min(limit, MOST_A_PAGE)
    client = server.client
    if question.startswith("#") and " " not in question.strip():
        shown = server.asked(client.timeline_hashtag, question.strip()[1:], min_id=state["seen"], limit=size)
        with promised_shape(NAME):
            raws = tuple(mapping.status_raw(one, why="found") for one in _oldest_first(shown))
            cursor = {"seen": _newest(shown, state["seen"])}
            return Page(raws=raws, cursor=json.dumps(cursor), has_more=len(shown) == size)
    offset = int(state.get("offset", 0))
    found = server.asked(
        client.search_v2,
        question,
        resolve=False,
        result_type="statuses",
        min_id=state["seen"],
        offset=offset,
        limit=size,
    )
    with promised_shape(NAME):
        shown = found["statuses"]
        raws = tuple(mapping.status_raw(one, why="found") for one in _oldest_first(shown))
        top = _newest(shown, str(state.get("top", state["seen"])))
        if len(shown) == size:
            after = {"seen": state["seen"], "top": top, "offset": offset + size}
            return Page(raws=raws, cursor=json.dumps(after), has_more=True)
        return Page(raws=raws, cursor=json.dumps({"seen": top}), has_more=False)


def _as_came(entity: Any) -> Any:
    """What the server sent, from what the client made of it."""
    kept = json.loads(entity.to_json())
    return kept.get("_mastopy_data", kept)


class _Told(StreamListener):
    """Puts what the server tells into a queue."""

    def __init__(self) -> None:
        self.events: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=1000)

    def on_notification(self, notification: Any) -> None:
        self.events.put(("notification", _as_came(notification)))

    def on_update(self, status: Any) -> None:
        self.events.put(("status", _as_came(status)))

    def on_status_update(self, status: Any) -> None:
        self.events.put(("status", _as_came(status)))

    def on_delete(self, status_id: Any) -> None:
        self.events.put(("delete", str(status_id)))

    def on_abort(self, err: Exception) -> None:
        self.events.put(("over", None))

    def handle_heartbeat(self) -> None:
        self.events.put(("alive", None))


def stream(server: Server, connector: Maps, us: str, *, wanted: Wanted) -> Iterator[Page]:
    """The user stream: what is said to us, what we say, what our home shows that a query wants; edits, deletions."""
    told = _Told()
    with refusals(server.answers, writes=False):
        handle = server.client.stream_user(told, run_async=True, timeout=SILENCE_SECONDS, reconnect_async=False)
    with closing(handle):
        while True:
            try:
                name, said = told.events.get(timeout=HEARTBEAT_SECONDS)
            except queue.Empty:
                if not handle.is_alive():
                    name, said = "over", None
                else:
                    name, said = "alive", None
            if name == "over":
                raise TemporaryError("The Mastodon server ended its stream. It is listened to again by itself.")
            raws = () if said is None else tuple(_heard(name, said, connector, us, wanted))
            yield Page(raws=raws, cursor="", has_more=False)


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
        yield from _of_home(said, connector, us, wanted)


def _of_home(status: Mapping[str, Any], connector: Maps, us: str, wanted: Wanted) -> Iterator[Raw]:
    if any(one.get("url") == us for one in status.get("mentions") or ()):
        yield mapping.status_raw(status, why="to-us")
        return
    for item in connector.items(mapping.status_raw(status, why="found")):
        if isinstance(item, Item) and item.is_ours:
            yield mapping.status_raw(status, why="ours")
        elif isinstance(item, Item) and wanted(item):
            yield mapping.status_raw(status, why="found")
