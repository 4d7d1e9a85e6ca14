"""What servers of the Mastodon API show, as the contract's types. Pure: a payload in, items out.

A payload is what the server sent, in an envelope that says how it came: `{"status": …, "why": …}`, `{"follow": …}` (a
notification) or `{"deleted": id}`. `why` is "to-us", "ours", "found" (by a search) or "above" (an ancestor).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from choir.channels.connectors.mastodon.content import text_of
from choir.channels.contract import Author, Item, Kind, Media, Raw, Removal, UnreadableError, Visibility

VISIBILITIES = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.FOLLOWERS,
    "direct": Visibility.DIRECT,
}
SENT_AS = {ours: theirs for theirs, ours in VISIBILITIES.items()}


def status_raw(status: Mapping[str, Any], *, why: str, root: str = "") -> Raw:
    """One status as it came. An edit is another version of it; the way it came is none, so that stream, polling and
    search store it once. What only surrounds us has a key of its own: it may turn out to address us."""
    version = status.get("edited_at") or ""
    stamp = str(int(moment(version).timestamp() * 1000)) if version else ""
    around = "" if why in ("to-us", "ours") else "~"
    said = {"status": status, "why": why} | ({"root": root} if root else {})
    return Raw(key=f"{around}status:{status['id']}:{stamp}", payload=_packed(said))


def version_of(raw: Raw) -> tuple[str, str] | None:
    """The id of the status in a raw, and when it was edited ("" is never); None where it holds none."""
    status = json.loads(raw.payload).get("status")
    return (str(status["id"]), str(status.get("edited_at") or "")) if status else None


def follow_raw(notification: Mapping[str, Any]) -> Raw:
    """One new follower as it came."""
    return Raw(key=f"notification:{notification['id']}", payload=_packed({"follow": notification}))


def deleted_raw(status_id: str) -> Raw:
    """That a status is gone."""
    return Raw(key=f"deleted:{status_id}", payload=_packed({"deleted": status_id}))


def _packed(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, default=str).encode()


def items_of(raw: Raw, *, us: str) -> Sequence[Item | Removal]:
    """What was said, or taken back. `us` is our account's address. Raises UnreadableError with what is missing."""
    try:
        said = json.loads(raw.payload)
        if not isinstance(said, dict):
            raise UnreadableError("This is not of the Mastodon API: it is no JSON object.")
        if "deleted" in said:
            return (Removal(external_id=_text(said["deleted"])),)
        if "follow" in said:
            return (_follow(said["follow"]),)
        return (_status(said["status"], why=_text(said["why"]), root=_text(said.get("root") or ""), us=us),)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"This is not UTF-8: {error.reason} at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"This is not JSON: {error.msg} at character {error.pos}.") from error
    except KeyError as error:
        raise UnreadableError(f"The post has no {error}.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"The post has a value of the wrong kind: {error}.") from error


def _status(status: Mapping[str, Any], *, why: str, root: str, us: str) -> Item:
    author = author_of(status["account"])
    visibility = VISIBILITIES.get(str(status.get("visibility") or "public"), Visibility.FOLLOWERS)
    parent = _text(status.get("in_reply_to_id") or "")
    edited = status.get("edited_at")
    if visibility is Visibility.DIRECT:
        kind = Kind.DIRECT
    elif parent:
        kind = Kind.REPLY
    else:
        kind = Kind.QUOTE if status.get("quote") else Kind.POST
    is_ours = author.external_id == us
    return Item(
        external_id=_text(status["id"]),
        kind=kind,
        author=author,
        text=text_of(_text(status["content"])),
        posted_at=moment(status["created_at"]),
        parent_id=parent,
        thread_id=root,
        url=str(status.get("url") or status.get("uri") or ""),
        language_hint=str(status.get("language") or ""),
        is_private=visibility is Visibility.DIRECT,
        is_ours=is_ours,
        is_addressed=why in ("to-us", "ours") or is_ours,
        media=tuple(_media(one) for one in status.get("media_attachments") or ()),
        visibility=visibility,
        content_warning=str(status.get("spoiler_text") or ""),
        edited_at=moment(edited) if edited else None,
    )


def _follow(notification: Mapping[str, Any]) -> Item:
    return Item(
        external_id=f"follow:{_text(notification['id'])}",
        kind=Kind.FOLLOW,
        author=author_of(notification["account"]),
        text="",
        posted_at=moment(notification["created_at"]),
        is_private=True,
    )


def author_of(account: Mapping[str, Any]) -> Author:
    """Who said it. An account's number counts on one server only; its address is the same on all."""
    followers = account.get("followers_count")
    return Author(
        external_id=_text(account.get("uri") or account["url"]),
        handle=_text(account["acct"]),
        name=str(account.get("display_name") or ""),
        url=str(account.get("url") or ""),
        followers_count=followers if isinstance(followers, int) else None,
    )


def _media(shown: Mapping[str, Any]) -> Media:
    return Media(
        url=str(shown.get("url") or shown.get("preview_url") or ""),
        kind=str(shown.get("type") or "file"),
        alt_text=str(shown.get("description") or ""),
    )


def moment(stated: Any) -> dt.datetime:
    """A zone-aware time; the API always states the zone."""
    at = dt.datetime.fromisoformat(stated)
    if at.tzinfo is None:
        raise ValueError(f"the time {stated!r} has no zone")
    return at


def words_of(content: str) -> list[str]:
    """The words of a status without those whom it addresses first, for telling whether it is the one we sent."""
    words = text_of(content).split()
    while words and words[0].startswith("@"):
        words = words[1:]
    return words


def _text(value: Any) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no text")
    return str(value)
