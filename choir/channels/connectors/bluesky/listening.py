"""Hearing on Bluesky: notifications and our own posts from a cursor, and searching."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from choir.channels.connectors.bluesky import mapping
from choir.channels.connectors.bluesky.asking import Server
from choir.channels.connectors.bluesky.records import POSTS
from choir.channels.contract import Located, Page, Raw, RejectedError, TemporaryError, UnreadableError
from choir.channels.exchange import promised_shape
from choir.channels.sources import Look, newest_first

NAME = "Bluesky"
MOST_A_PAGE = 100
REASONS = ["mention", "reply", "quote", "follow"]
ANCESTORS_LOOKED_UP = 5  # a page; threads that grow under us are known already
ANCESTORS_SHOWN = 20
WATCHED_COUNT = 25  # as many as can be asked for at once


def fetch(server: Server, us: str, stated: str, *, limit: int) -> Page:
    """One page. Notifications come newest first: from the newest back to where the last reading began, page by page,
    each stored with the place it ended at. Our own posts come oldest first, after the last one known."""
    cursor: dict[str, Any] = json.loads(stated) if stated else {}
    size = min(limit, MOST_A_PAGE)
    shown, after, has_more = _notifications(server, cursor, size)
    raws: list[Raw] = []
    with promised_shape(NAME):
        lookups = ANCESTORS_LOOKED_UP
        for one in shown[::-1]:
            if one["reason"] == "follow":
                raws.append(mapping.follow_raw(one))
                continue
            if lookups and _stands_under_others(one["record"], us):
                lookups -= 1
                raws += ancestors(server, str(one["uri"]))
            raws.append(mapping.post_raw(one, why="to-us"))
        watched = dict(cursor.get("watched", {}))
        watched |= {str(one["uri"]): str(one["cid"]) for one in shown[::-1] if one["reason"] != "follow"}
    own, after["own"], more_own = _own_posts(server, us, str(cursor.get("own", "")), size)
    raws += own
    if not shown and not own and cursor.get("watched"):
        removed, watched = looked_again(server, watched)
        raws += removed
    if watched:
        after["watched"] = dict(list(watched.items())[-WATCHED_COUNT:])
    return Page(raws=tuple(raws), cursor=json.dumps(after), has_more=has_more or more_own)


def _notifications(
    server: Server, cursor: Mapping[str, Any], size: int
) -> tuple[list[dict[str, Any]], dict[str, Any], bool]:
    """New notifications of one page, and the cursor after it. `seen`: the newest of the last whole reading; while one
    goes on, `top` is the newest of it and `next` where it continues."""
    answer = server.get(
        "app.bsky.notification.listNotifications", limit=size, cursor=cursor.get("next"), reasons=REASONS
    )
    with promised_shape(NAME):
        shown: list[dict[str, Any]] = answer["notifications"]
        seen = cursor.get("seen", ["", []])
        new = [one for one in shown if _is_after(one, seen)]
        asked = [one for one in new if one["reason"] in REASONS]  # an older AppView tells the others too
        top = cursor.get("top") or (_mark(shown) if shown else seen)
        following = answer.get("cursor")
        if len(new) == len(shown) == size and following:
            return asked, {"seen": seen, "top": top, "next": following}, True
        return asked, {"seen": top}, False


def _mark(shown: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The newest moment of a page and all that has it: several may share one."""
    newest = max(str(one["indexedAt"]) for one in shown)
    return [newest, sorted(str(one["uri"]) for one in shown if one["indexedAt"] == newest)]


def _is_after(notification: Mapping[str, Any], seen: Sequence[Any]) -> bool:
    at = str(notification["indexedAt"])
    return at > seen[0] or (at == seen[0] and str(notification["uri"]) not in seen[1])


def _own_posts(server: Server, us: str, after: str, size: int) -> tuple[list[Raw], str, bool]:
    """Posts of ours after a record key, oldest first, straight from our repository."""
    answer = server.get(
        "com.atproto.repo.listRecords", repo=us, collection=POSTS, limit=size, cursor=after, reverse="true"
    )
    with promised_shape(NAME):
        records = answer["records"]
        raws = [
            mapping.post_raw(
                {"uri": one["uri"], "cid": one["cid"], "author": {"did": us}, "record": one["value"]}, why="ours"
            )
            for one in records
        ]
        last = str(records[-1]["uri"]).rpartition("/")[2] if records else after
        return raws, last, len(records) == size


def _stands_under_others(record: Mapping[str, Any], us: str) -> bool:
    reply = record.get("reply") or {}
    return bool(reply) and not str(reply["parent"]["uri"]).startswith(f"at://{us}/")


def ancestors(server: Server, uri: str) -> list[Raw]:
    """What stands above a post, the first first, so that the thread reads whole."""
    try:
        thread = server.get("app.bsky.feed.getPostThread", uri=uri, depth=0, parentHeight=ANCESTORS_SHOWN)
    except RejectedError:
        return []
    above: list[Raw] = []
    with promised_shape(NAME):
        node = (thread.get("thread") or {}).get("parent")
        while isinstance(node, dict) and node.get("post"):
            above.append(mapping.post_raw(node["post"], why="above"))
            node = node.get("parent")
    return above[::-1]


def looked_again(server: Server, watched: dict[str, str]) -> tuple[list[Raw], dict[str, str]]:
    """Which of the latest posts to us are gone."""
    there = {str(one["uri"]) for one in posts(server, list(watched))}
    gone = [uri for uri in watched if uri not in there]
    return [mapping.deleted_raw(uri) for uri in gone], {uri: cid for uri, cid in watched.items() if uri in there}


def gone_among(server: Server, raws: Sequence[Raw]) -> list[Raw]:
    """Word of those posts that are gone."""
    uris = [uri for raw in raws if (uri := mapping.uri_of(raw))]
    there = {str(one["uri"]) for one in posts(server, uris)}
    return [mapping.deleted_raw(uri) for uri in uris if uri not in there]


def posts(server: Server, uris: Sequence[str]) -> list[dict[str, Any]]:
    """Those of the posts that are there."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(uris), WATCHED_COUNT):
        answer = server.get("app.bsky.feed.getPosts", uris=list(uris[start : start + WATCHED_COUNT]))
        with promised_shape(NAME):
            found += answer["posts"]
    return found


def located(server: Server, raw: Raw, place: int) -> Located:
    """Where one of a post's pictures is, as the AppView shows it; it follows the stream by some seconds."""
    uri = mapping.uri_of(raw)
    if not uri:
        raise UnreadableError("There is no post in this, and so no picture.")
    found = posts(server, [uri])
    if not found:
        raise TemporaryError("Bluesky does not show this post yet, or not any more.", may_have_happened=False)
    with promised_shape(NAME):
        shown = mapping.shown_media(found[0])
    if place >= len(shown):
        raise RejectedError("Bluesky does not show this (any more). Look at the post there.")
    if shown[place].kind == "video":
        raise RejectedError("Bluesky plays this video in parts, never as one file. Watch it there.")
    return Located(shown[place].url)


def search(server: Server, question: str, place: str, *, limit: int, since: dt.datetime | None) -> Page:
    """Posts for a question, from the newest back to what was found before."""

    def look(token: str, floor: dt.datetime | None) -> Look:
        answer = server.get(
            "app.bsky.feed.searchPosts",
            q=question,
            sort="latest",
            since=floor.isoformat() if floor else "",
            limit=min(limit, MOST_A_PAGE),
            cursor=token,
        )
        with promised_shape(NAME):
            shown = [
                (mapping.moment(one["indexedAt"], indexed=None), mapping.post_raw(one, why="found"))
                for one in answer["posts"]
            ]
            return Look(shown, str(answer.get("cursor") or ""))

    return newest_first(place, look, since=since)
