"""What Bluesky shows, as the contract's types. Pure: a payload in, items out.

A payload is what the network sent, in an envelope that says how it came: `{"post": …, "why": …}`, where a post has
`uri`, `cid`, `author` and `record` (https://atproto.com/lexicons/app-bsky-feed), `{"follow": …}` (a notification) or
`{"deleted": uri}`. `why` is "to-us", "ours", "found" (by a search or the stream) or "above" (an ancestor).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from choir.channels.contract import Author, Item, Kind, Media, Raw, Removal, UnreadableError

WEB = "https://bsky.app"
EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def post_raw(post: Mapping[str, Any], *, why: str) -> Raw:
    """One post as it came. Its cid is its version: stream, polling and search store it once. What only surrounds us
    has a key of its own: it may turn out to address us."""
    around = "" if why in ("to-us", "ours") else "~"
    return Raw(key=f"{around}{post['uri']}:{post['cid']}", payload=_packed({"post": post, "why": why}))


def uri_of(raw: Raw) -> str:
    """The address of the post in a raw; "" where it holds none."""
    return str((json.loads(raw.payload).get("post") or {}).get("uri", ""))


def follow_raw(notification: Mapping[str, Any]) -> Raw:
    """One new follower as it came."""
    return Raw(key=f"{notification['uri']}:{notification['cid']}", payload=_packed({"follow": notification}))


def deleted_raw(uri: str) -> Raw:
    """That a post is gone."""
    return Raw(key=f"deleted:{uri}", payload=_packed({"deleted": uri}))


def _packed(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, default=str).encode()


def items_of(raw: Raw, *, us: str) -> Sequence[Item | Removal]:
    """What was said, or taken back. `us` is our account's DID. Raises UnreadableError with what is missing."""
    try:
        said = json.loads(raw.payload)
        if not isinstance(said, dict):
            raise UnreadableError("This is not of Bluesky: it is no JSON object.")
        if "deleted" in said:
            return (Removal(external_id=_text(said["deleted"])),)
        if "follow" in said:
            return (_follow(said["follow"]),)
        return (_post(said["post"], why=_text(said["why"]), us=us),)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"This is not UTF-8: {error.reason} at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"This is not JSON: {error.msg} at character {error.pos}.") from error
    except KeyError as error:
        raise UnreadableError(f"The post has no {error}.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"The post has a value of the wrong kind: {error}.") from error


def _post(post: Mapping[str, Any], *, why: str, us: str) -> Item:
    uri, record = _text(post["uri"]), post["record"]
    did = did_of(uri)
    author = author_of(post["author"])
    reply = record.get("reply") or {}
    parent = _text(reply["parent"]["uri"]) if reply else ""
    root = _text(reply["root"]["uri"]) if reply else uri
    languages = record.get("langs") or []
    is_ours = did == us
    return Item(
        external_id=uri,
        kind=_kind(record),
        author=author,
        text=_text(record["text"]),
        posted_at=moment(record["createdAt"], indexed=post.get("indexedAt")),
        parent_id=parent,
        thread_id=root,
        url=web_address(uri, author.handle),
        language_hint=_text(languages[0]) if languages else "",
        is_ours=is_ours,
        is_addressed=why in ("to-us", "ours") or is_ours,
        media=tuple(_media(post, record)),
        content_warning=_warning(record),
    )


def _kind(record: Mapping[str, Any]) -> Kind:
    if record.get("reply"):
        return Kind.REPLY
    return Kind.QUOTE if quoted_by(record) else Kind.POST


def quoted_by(record: Mapping[str, Any]) -> str:
    """The address of the post that a record quotes, "" if it quotes none."""
    embed = record.get("embed") or {}
    inner = embed.get("record") or {}
    return str(inner.get("uri") or (inner.get("record") or {}).get("uri") or "")


def _warning(record: Mapping[str, Any]) -> str:
    """What authors put on their own posts (self-labels)."""
    labels = (record.get("labels") or {}).get("values") or []
    return ", ".join(str(label["val"]) for label in labels if not str(label["val"]).startswith("!"))


def _media(post: Mapping[str, Any], record: Mapping[str, Any]) -> list[Media]:
    """Pictures and videos. As the AppView shows a post they have addresses; a record by itself, as the stream tells it,
    has only their alt texts: the connector is asked for them (`HoldsMedia`)."""
    if shown := shown_media(post):
        return shown
    stated = _with_media(record.get("embed") or {})
    found = [Media(url="", kind="image", alt_text=str(one.get("alt") or "")) for one in stated.get("images") or ()]
    if stated.get("video"):
        found.append(Media(url="", kind="video", alt_text=str(stated.get("alt") or "")))
    return found


def shown_media(post: Mapping[str, Any]) -> list[Media]:
    """Pictures, then the video, of a post as the AppView shows it, at their addresses."""
    shown = _with_media(post.get("embed") or {})
    found = [
        Media(url=_text(one["fullsize"]), kind="image", alt_text=str(one.get("alt") or ""))
        for one in shown.get("images") or ()
    ]
    if shown.get("playlist"):
        found.append(Media(url=_text(shown["playlist"]), kind="video", alt_text=str(shown.get("alt") or "")))
    return found


def _with_media(embed: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = embed.get("media")
    return inner if isinstance(inner, dict) else embed


def _follow(notification: Mapping[str, Any]) -> Item:
    return Item(
        external_id=_text(notification["uri"]),
        kind=Kind.FOLLOW,
        author=author_of(notification["author"]),
        text="",
        posted_at=moment(notification["indexedAt"], indexed=None),
    )


def author_of(shown: Mapping[str, Any]) -> Author:
    """Who said it. The DID stays when the handle changes."""
    did, handle = _text(shown["did"]), str(shown.get("handle") or "")
    followers = shown.get("followersCount")
    return Author(
        external_id=did,
        handle=handle,
        name=str(shown.get("displayName") or ""),
        url=f"{WEB}/profile/{did}",
        followers_count=followers if isinstance(followers, int) else None,
    )


def did_of(uri: str) -> str:
    """Whose record it is: at://DID/collection/key."""
    scheme, _, rest = uri.partition("://")
    did = rest.partition("/")[0]
    if scheme != "at" or not did.startswith("did:"):
        raise ValueError(f"{uri!r} is no address of a record")
    return did


def web_address(uri: str, handle: str) -> str:
    """Where people see a post."""
    return f"{WEB}/profile/{handle or did_of(uri)}/post/{uri.rpartition('/')[2]}"


def moment(stated: Any, *, indexed: Any) -> dt.datetime:
    """When it was said. Authors' programs state any time they like: never later than the network indexed it."""
    at = _time(stated)
    return min(at, _time(indexed)) if indexed else at


def _time(stated: Any) -> dt.datetime:
    at = dt.datetime.fromisoformat(stated)
    if at.tzinfo is None:
        raise ValueError(f"the time {stated!r} has no zone")
    return max(at, EARLIEST)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
