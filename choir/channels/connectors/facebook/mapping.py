"""What Facebook shows of a Page, as the contract's types. Pure: a payload in, items out.

A payload is a comment or a post as the Graph API shows it, a change as a webhook tells it, a private message, or word
that something is gone. A comment heard both ways has one id and one key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from choir.channels.contract import Author, Figures, Item, Kind, Media, Raw, Removal
from choir.channels.graph.messages import item_of, moment, removal_of
from choir.channels.payload import closed, expected, named, opened, text, version

WHAT = "something of a Facebook Page"
POST_ITEMS = frozenset({"post", "status", "photo", "video", "share", "album"})

Shown = Mapping[str, Any]


def comment_raw(comment: Shown, *, post: Shown, edited_at: dt.datetime | None = None) -> tuple[dt.datetime, Raw]:
    """A comment as the Graph API shows it, with whose post it stands under."""
    under = {"id": post.get("id", ""), "from": post.get("from")}
    said = {"comment": comment, "post": under} | ({"edited_at": edited_at.isoformat()} if edited_at else {})
    key = _key("comment", comment["id"], comment.get("message"), is_edit=edited_at is not None)
    return moment(comment["created_time"]), Raw(key, closed(said))


def post_raw(post: Shown) -> tuple[dt.datetime, Raw]:
    """A post of somebody else on the Page, or one that mentions it."""
    shown = {name: value for name, value in post.items() if name != "comments"}
    return moment(post["created_time"]), Raw(f"post:{post['id']}", closed({"post": shown}))


def change_raws(field: str, value: Shown, *, at: int, us: str) -> Iterator[Raw]:
    """What one change of a webhook tells; likes and reactions tell nothing. `at`: seconds."""
    item, verb = value.get("item"), value.get("verb")
    if field not in ("feed", "mention") or not (item == "comment" or item in POST_ITEMS):
        return
    external_id = value.get("comment_id") if item == "comment" else value.get("post_id")
    if not external_id:
        return
    kind = "comment" if item == "comment" else "post"
    if verb == "remove":
        yield Raw(f"{kind}:{external_id}:gone", closed({"gone": external_id, "at": at * 1000}))
    elif verb in ("add", "edit", "edited"):
        if kind == "post" and _writer(value)[0] == us:
            return
        key = _key(kind, external_id, value.get("message"), is_edit=verb != "add")
        yield Raw(key, closed({"change": value, "at": at}))


def gone_raw(external_id: str) -> Raw:
    """Word that a comment is gone."""
    return Raw(f"comment:{external_id}:gone", closed({"gone": external_id}))


def noted(raw: Raw) -> tuple[str, str, dt.datetime] | None:
    """Comments are looked at again; posts and private messages are not."""
    shown = opened(raw, WHAT).get("comment")
    if not shown:
        return None
    return str(shown["id"]), version(shown.get("message") or ""), moment(shown["created_time"])


def _key(kind: str, external_id: object, words: object, *, is_edit: bool) -> str:
    """One key for one thing; an edit is another version of it, told by its words."""
    return f"{kind}:{external_id}:{version(text(words))}" if is_edit else f"{kind}:{external_id}"


def items_of(raw: Raw, *, us: str) -> Sequence[Item | Removal]:
    """What was said, or taken back. `us`: the Page's id. Raises UnreadableError."""
    said = opened(raw, WHAT)
    with expected(WHAT):
        if "gone" in said:
            return (removal_of(said),)
        if "messaging" in said or "message" in said:
            return (item_of(said, us=us),)
        if "change" in said:
            return (_changed(said["change"], int(said["at"]), us),)
        return (_comment(said, us),) if "comment" in said else (_post(said["post"], us),)


def _comment(said: Shown, us: str) -> Item:
    comment, post = said["comment"], said["post"]
    own, parent = named(comment["id"]), text((comment.get("parent") or {}).get("id"))
    author = _author(comment.get("from") or {}, own)
    visitors = (post.get("from") or {}).get("id", us) != us
    edited_at = said.get("edited_at")
    return Item(
        external_id=own,
        kind=Kind.REPLY if parent else Kind.COMMENT,
        author=author,
        text=text(comment.get("message")),
        posted_at=moment(comment["created_time"]),
        parent_id=parent or text(post["id"]),
        thread_id=text(post["id"]) if visitors else parent or own,
        url=text(comment.get("permalink_url")),
        is_ours=author.external_id == us,
        media=_media(comment.get("attachment") or {}),
        edited_at=None if edited_at is None else moment(edited_at),
    )


def _post(post: Shown, us: str) -> Item:
    author = _author(post.get("from") or {}, post["id"])
    return Item(
        external_id=named(post["id"]),
        kind=Kind.POST,
        author=author,
        text=text(post.get("message")),
        posted_at=moment(post["created_time"]),
        url=text(post.get("permalink_url")),
        is_ours=author.external_id == us,
    )


def _changed(value: Shown, at: int, us: str) -> Item:
    """A webhook's change. Its `parent_id` names the post where there is no comment above."""
    is_comment = value["item"] == "comment"
    own = named(value["comment_id"] if is_comment else value["post_id"])
    post = text(value.get("post_id"))
    parent = text(value.get("parent_id")) if is_comment else ""
    above = "" if parent == post else parent
    writer, name = _writer(value)
    happened = dt.datetime.fromtimestamp(at, tz=dt.UTC)
    stated = value.get("created_time")
    return Item(
        external_id=own,
        kind=Kind.POST if not is_comment else Kind.REPLY if above else Kind.COMMENT,
        author=_author({"id": writer, "name": name}, own),
        text=text(value.get("message")),
        posted_at=happened if stated is None else dt.datetime.fromtimestamp(int(stated), tz=dt.UTC),
        parent_id=above or (post if is_comment else ""),
        thread_id=above or own,
        url=text((value.get("post") or {}).get("permalink_url")),
        is_ours=writer == us,
        media=_media({"type": "photo", "media": {"image": {"src": value["photo"]}}} if value.get("photo") else {}),
        edited_at=happened if value["verb"] in ("edit", "edited") else None,
    )


def _writer(value: Shown) -> tuple[str, str]:
    shown = value.get("from") or {}
    return str(shown.get("id") or value.get("sender_id") or ""), text(shown.get("name") or value.get("sender_name"))


def _author(shown: Shown, item_id: str) -> Author:
    """Facebook leaves out who wrote what its privacy rules hide from our app."""
    external_id = str(shown.get("id") or "")
    if not external_id:
        return Author(external_id=f"hidden:{item_id}", name="Somebody on Facebook")
    return Author(external_id=external_id, name=text(shown.get("name")), url=f"https://www.facebook.com/{external_id}")


def _media(attachment: Shown) -> tuple[Media, ...]:
    source = ((attachment.get("media") or {}).get("image") or {}).get("src")
    if not source:
        return ()
    return (Media(url=text(source), kind="video" if "video" in text(attachment.get("type")) else "image"),)


def figures(shown: Shown) -> Figures:
    """Likes, comments, shares, and views where the Page may read insights."""
    insights = (shown.get("insights") or {}).get("data") or ()
    views = [one["values"][0]["value"] for one in insights if one.get("name") == "post_media_view"]
    return Figures(
        likes_count=_total(shown.get("reactions")),
        reposts_count=(shown.get("shares") or {}).get("count", 0),
        replies_count=_total(shown.get("comments")),
        views_count=int(views[0]) if views else None,
    )


def _total(edge: Shown | None) -> int | None:
    return ((edge or {}).get("summary") or {}).get("total_count")
