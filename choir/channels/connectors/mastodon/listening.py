"""Hearing on a server of the Mastodon API: polling from a cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from choir.channels.connectors.mastodon import mapping
from choir.channels.connectors.mastodon.cursor import Cursor
from choir.channels.connectors.mastodon.server import Server
from choir.channels.contract import Page, Raw, RejectedError
from choir.channels.exchange import promised_shape

NAME = "the Mastodon server"
MOST_A_PAGE = 40
UNWANTED = ["favourite", "reblog", "poll", "follow_request", "admin.sign_up", "admin.report", "status"]
ANCESTORS_LOOKED_UP = 5  # a page; threads that grow under us are known already


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


def changed_among(server: Server, raws: Sequence[Raw]) -> list[Raw]:
    """The new words of those posts that were edited, and word of those that are gone."""
    known = dict(one for raw in raws if (one := mapping.version_of(raw)) is not None)
    with promised_shape(NAME):
        there = {str(one["id"]): one for one in statuses(server, list(known))}
        edited = [one for key, one in there.items() if key in known and str(one.get("edited_at") or "") != known[key]]
        return [mapping.status_raw(one, why="found") for one in edited] + [
            mapping.deleted_raw(key) for key in known if key not in there
        ]


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
