"""What YouTube shows of comments, as the contract's types. Pure: a payload in, items out.

A payload is one comment (of a thread or an answer in it), or word that it is gone. Threads have one level of answers;
an answer's id begins with its thread's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from choir.channels.contract import Author, Figures, Item, Kind, Raw, Removal
from choir.channels.payload import closed, expected, named, opened, text

WHAT = "a comment of YouTube"
VIDEO_ID_LENGTH = 11

Shown = Mapping[str, Any]


def comment_raw(comment: Shown, *, video_id: str = "", replies_count: int | None = None) -> tuple[dt.datetime, Raw]:
    """One comment as it came; an edited one is another version. Likes are left out: they change all the time."""
    snippet = {name: value for name, value in comment["snippet"].items() if name not in ("likeCount", "viewerRating")}
    said: dict[str, Any] = {"id": comment["id"], "snippet": snippet, "video_id": snippet.get("videoId") or video_id}
    if replies_count is not None:
        said["replies_count"] = replies_count
    return moment(snippet["publishedAt"]), Raw(f"{comment['id']}:{snippet['updatedAt']}", closed(said))


def thread_raws(thread: Shown) -> Iterator[tuple[dt.datetime, Raw]]:
    """A thread's comment and the answers that came with it."""
    snippet = thread["snippet"]
    video_id = text(snippet.get("videoId"))
    yield comment_raw(snippet["topLevelComment"], video_id=video_id, replies_count=int(snippet["totalReplyCount"]))
    for reply in (thread.get("replies") or {}).get("comments", ()):
        yield comment_raw(reply, video_id=video_id)


def gone_raw(comment_id: str) -> Raw:
    """Word that a comment is gone."""
    return Raw(f"{comment_id}:gone", closed({"gone": comment_id}))


def noted(raw: Raw) -> tuple[str, str, dt.datetime] | None:
    """Comments are looked at again: for their words, and for how many answers a thread has."""
    said = opened(raw, WHAT)
    if "snippet" not in said:
        return None
    return said["id"], version(said["snippet"], said.get("replies_count")), moment(said["snippet"]["publishedAt"])


def version(snippet: Shown, replies_count: int | None) -> str:
    """When it was last changed and, of a thread, how many answers it has."""
    return text(snippet["updatedAt"]) + ("" if replies_count is None else f"+{replies_count}")


def thread_of(comment_id: str) -> str:
    """The thread a comment stands in."""
    return comment_id.partition(".")[0]


def items_of(raw: Raw, *, us: str) -> Sequence[Item | Removal]:
    """What was said, or taken back. `us`: our channel's id. Raises UnreadableError."""
    said = opened(raw, WHAT)
    with expected(WHAT):
        if "gone" in said:
            return (Removal(external_id=named(said["gone"])),)
        item = _item(said, us)
        # What we wrote under our own video ourselves is nobody's question.
        return () if item.is_ours and not item.parent_id else (item,)


def _item(said: Shown, us: str) -> Item:
    snippet, own = said["snippet"], named(said["id"])
    author = Author(
        external_id=named(snippet["authorChannelId"]["value"]),
        handle=text(snippet.get("authorDisplayName")).removeprefix("@"),
        url=text(snippet.get("authorChannelUrl")),
    )
    posted_at, updated_at = moment(snippet["publishedAt"]), moment(snippet["updatedAt"])
    parent, video = text(snippet.get("parentId")), text(said.get("video_id"))
    return Item(
        external_id=own,
        kind=Kind.REPLY if parent else Kind.COMMENT,
        author=author,
        text=words(snippet),
        posted_at=posted_at,
        parent_id=parent,
        thread_id=parent or own,
        url=f"https://www.youtube.com/watch?v={video}&lc={own}" if video else "",
        is_ours=author.external_id == us,
        edited_at=updated_at if updated_at > posted_at else None,
    )


def words(snippet: Shown) -> str:
    """The text; as it was typed where YouTube shows us that."""
    return text(snippet.get("textOriginal") or snippet.get("textDisplay"))


def video_figures(statistics: Shown) -> Figures:
    """A video's figures; YouTube states numbers as texts and leaves out what is hidden."""
    return Figures(
        likes_count=_number(statistics.get("likeCount")),
        replies_count=_number(statistics.get("commentCount")),
        views_count=_number(statistics.get("viewCount")),
    )


def _number(stated: object) -> int | None:
    return None if stated is None else int(str(stated))


def moment(stated: str) -> dt.datetime:
    """A time; YouTube states it in UTC."""
    at = dt.datetime.fromisoformat(stated)
    if at.tzinfo is None:
        raise ValueError(f"the time {stated!r} has no zone")
    return at
