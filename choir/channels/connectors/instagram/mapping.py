"""What Instagram shows, as the contract's types. Pure: a payload in, items out.

A payload is a comment as the Graph API shows it or as a webhook tells it, a post that tags us, a private message, or
word that a comment is gone. Comments on Instagram cannot be edited.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from choir.channels.contract import Author, Figures, Item, Kind, Media, Raw, Removal
from choir.channels.graph.messages import item_of, moment, removal_of
from choir.channels.payload import closed, expected, named, opened, text

WHAT = "something of Instagram"
TAGGED = "media:"  # before the id of somebody else's post that tags us: it is answered another way than a comment

Shown = Mapping[str, Any]


def comment_raw(comment: Shown, *, media: Shown, parent: str = "") -> tuple[dt.datetime, Raw]:
    """A comment as the Graph API shows it, with the post it stands under and the comment it answers."""
    shown = {name: value for name, value in comment.items() if name != "replies"}
    under = {name: media[name] for name in ("id", "permalink") if name in media}
    said = {"comment": shown, "media": under, "parent": parent or text(comment.get("parent_id"))}
    return moment(comment["timestamp"]), Raw(f"comment:{comment['id']}", closed(said))


def tagged_raw(media: Shown) -> tuple[dt.datetime, Raw]:
    """Somebody else's post that tags us."""
    return moment(media["timestamp"]), Raw(f"{TAGGED}{media['id']}", closed({"tagged": media}))


def change_raws(field: str, value: Shown, *, at: int) -> Iterator[Raw]:
    """What one change of a webhook tells. `at`: seconds; the comment itself has no time."""
    if field in ("comments", "live_comments") and value.get("id"):
        yield Raw(f"comment:{value['id']}", closed({"change": value, "at": at}))


def gone_raw(comment_id: str) -> Raw:
    """Word that a comment is gone."""
    return Raw(f"comment:{comment_id}:gone", closed({"gone": comment_id}))


def noted(raw: Raw) -> tuple[str, str, dt.datetime] | None:
    """Comments are looked at again; private messages and tags are not."""
    comment = opened(raw, WHAT).get("comment")
    return (str(comment["id"]), "", moment(comment["timestamp"])) if comment else None


def items_of(raw: Raw, *, us: str) -> Sequence[Item | Removal]:
    """What was said, or taken back. `us`: our account's id. Raises UnreadableError."""
    said = opened(raw, WHAT)
    with expected(WHAT):
        if "gone" in said:
            return (removal_of(said),)
        if "messaging" in said or "message" in said:
            return (item_of(said, us=us),)
        if "tagged" in said:
            return (_tagged(said["tagged"]),)
        if "change" in said:
            at = dt.datetime.fromtimestamp(int(said["at"]), tz=dt.UTC)
            value = said["change"]
            return (_comment(value, value.get("media") or {}, text(value.get("parent_id")), at, us),)
        comment = said["comment"]
        return (_comment(comment, said["media"], text(said["parent"]), moment(comment["timestamp"]), us),)


def _comment(comment: Shown, media: Shown, parent: str, at: dt.datetime, us: str) -> Item:
    own = named(str(comment["id"]))
    author = _author(comment)
    return Item(
        external_id=own,
        kind=Kind.REPLY if parent else Kind.COMMENT,
        author=author,
        text=text(comment.get("text")),
        posted_at=at,
        parent_id=parent or text(media.get("id")),
        thread_id=parent or own,
        url=text(media.get("permalink")),
        is_ours=author.external_id == us,
    )


def _tagged(media: Shown) -> Item:
    own = TAGGED + named(str(media["id"]))
    source = text(media.get("media_url"))
    return Item(
        external_id=own,
        kind=Kind.POST,
        author=_author(media),
        text=text(media.get("caption")),
        posted_at=moment(media["timestamp"]),
        thread_id=own,
        url=text(media.get("permalink")),
        media=(Media(url=source, kind="video" if media.get("media_type") == "VIDEO" else "image"),) if source else (),
    )


def _author(shown: Shown) -> Author:
    """Who wrote it; where Instagram tells only a name, the name is what they are known by."""
    writer = shown.get("from") or {}
    handle = text(writer.get("username") or shown.get("username"))
    return Author(
        external_id=named(str(writer.get("id") or f"@{named(handle)}")),
        handle=handle,
        url=f"https://www.instagram.com/{handle}/" if handle else "",
    )


def figures(shown: Shown) -> Figures:
    """Likes and comments; views and shares where the insights may be read."""
    insights = {one.get("name"): one["values"][0]["value"] for one in (shown.get("insights") or {}).get("data") or ()}
    return Figures(
        likes_count=shown.get("like_count"),
        replies_count=shown.get("comments_count"),
        reposts_count=insights.get("shares"),
        views_count=insights.get("views"),
    )
