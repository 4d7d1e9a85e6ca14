"""What X shows, as the contract's types. Pure: a payload in, items out.

One payload is a post with who wrote it and its media, or a direct message with who sent it, or word that a post is
gone. Texts come with links shortened and `&`, `<`, `>` escaped; both are undone.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from choir.channels.contract import Author, Figures, Item, Kind, Media, Raw, Removal, UnreadableError
from choir.channels.payload import closed, expected, named, opened, text

WHAT = "a post of X"
EPOCH_MILLISECONDS = 1288834974657  # of X's ids: 41 bits of milliseconds since then, then 22 bits of machine and number
LEADING_NAMES = re.compile(r"^(?:@\w{1,15}\s+)+")
OWN_PICTURE = re.compile(r"https://(?:twitter|x)\.com/messages/media/\d+")  # how a direct message links to its own
LINK = re.compile(r"https?://\S+", re.IGNORECASE)
LINK_LENGTH = 23  # whatever the link, X shortens it to this
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Characters that count once; every other counts twice (twitter-text configuration, version 3)."""

Shown = Mapping[str, Any]


def raws_of(answer: Shown) -> list[tuple[dt.datetime, Raw]]:
    """The posts of one answer with their times, each with its author and media."""
    included = answer.get("includes") or {}
    authors = {one["id"]: one for one in included.get("users", ())}
    media = {one["media_key"]: one for one in included.get("media", ())}
    return [(moment(post["created_at"]), post_raw(post, authors, media)) for post in answer.get("data") or ()]


def post_raw(post: Shown, authors: Mapping[str, Shown], media: Mapping[str, Shown]) -> Raw:
    """One post as it came. An edited post has a new id, and the first one's in its history."""
    keys = (post.get("attachments") or {}).get("media_keys", ())
    shown = {key: value for key, value in post.items() if key != "public_metrics"}
    said = {
        "post": shown,
        "author": _lasting(authors.get(post["author_id"], {})),
        "media": [media[key] for key in keys if key in media],
    }
    return Raw(key=str(post["id"]), payload=closed(said))


def direct_raws(answer: Shown) -> list[tuple[dt.datetime, Raw]]:
    """The direct messages of one answer with their times, each with its sender."""
    included = answer.get("includes") or {}
    senders = {one["id"]: one for one in included.get("users", ())}
    media = {one["media_key"]: one for one in included.get("media", ())}
    found = []
    for event in answer.get("data") or ():
        keys = (event.get("attachments") or {}).get("media_keys", ())
        said = {
            "direct": event,
            "author": _lasting(senders.get(event.get("sender_id", ""), {})),
            "media": [media[key] for key in keys if key in media],
        }
        found.append((moment(event["created_at"]), Raw(key=f"direct:{event['id']}", payload=closed(said))))
    return found


def gone_raw(post_id: str) -> Raw:
    """Word that a post is gone."""
    return Raw(key=f"{post_id}:gone", payload=closed({"gone": post_id}))


def noted(raw: Raw) -> tuple[str, str, dt.datetime] | None:
    """Under what a post is watched: its first id, through all edits. Direct messages are not."""
    post = opened(raw, WHAT).get("post")
    if not post:
        return None
    return str((post.get("edit_history_tweet_ids") or [post["id"]])[0]), "", moment(post["created_at"])


def _lasting(author: Shown) -> dict[str, Any]:
    """What an author is known by; figures that change with every look are left out save the followers."""
    kept = {key: author[key] for key in ("id", "username", "name") if key in author}
    followers = (author.get("public_metrics") or {}).get("followers_count")
    return kept | ({"followers_count": followers} if followers is not None else {})


def items_of(raw: Raw, *, us: str) -> Sequence[Item | Removal]:
    """What was said, or taken back. `us`: our account's id. Raises UnreadableError."""
    said = opened(raw, WHAT)
    with expected(WHAT):
        if "gone" in said:
            return (Removal(external_id=named(said["gone"])),)
        if "direct" in said:
            return (_direct(said, us),)
        return tuple(_post(said, us))


def _post(said: Shown, us: str) -> Iterable[Item]:
    post = said["post"]
    history = post.get("edit_history_tweet_ids") or [post["id"]]
    parent = _referenced(post, "replied_to")
    author = _author(said["author"], post["author_id"])
    is_ours = author.external_id == us
    if is_ours and not parent:
        return  # what we published ourselves is nobody's question
    under_ours = parent and post.get("in_reply_to_user_id") == us and parent == post.get("conversation_id")
    words = plain(post)
    at = moment(post["created_at"])
    own = named(str(history[0]))
    yield Item(
        external_id=own,
        kind=Kind.REPLY if parent else Kind.QUOTE if _referenced(post, "quoted") else Kind.POST,
        author=author,
        text=LEADING_NAMES.sub("", words) if is_ours else words,
        posted_at=posted_at(own),
        parent_id=parent,
        thread_id=own if under_ours else "",
        url=f"https://x.com/{author.handle or 'i'}/status/{post['id']}",
        language_hint=text(post.get("lang")),
        is_ours=is_ours,
        media=tuple(_media(one) for one in said.get("media") or ()),
        edited_at=at if post["id"] != history[0] else None,
        is_addressed=is_ours or us in _addressed(post),
    )


def _addressed(post: Shown) -> set[str]:
    """The ids of those whom a post answers or names."""
    named_in = (post.get("entities") or {}).get("mentions", ())
    return {str(one["id"]) for one in named_in if "id" in one} | {str(post.get("in_reply_to_user_id") or "")}


def _direct(said: Shown, us: str) -> Item:
    event = said["direct"]
    author = _author(said["author"], event["sender_id"])
    return Item(
        external_id=named(event["id"]),
        kind=Kind.DIRECT,
        author=author,
        text=plain(event),
        posted_at=moment(event["created_at"]),
        thread_id=named(event["dm_conversation_id"]),
        is_private=True,
        is_ours=author.external_id == us,
        media=tuple(replace(_media(one), url="") for one in said.get("media") or ()),  # behind our sign-in
    )


def address_of_direct(raw: Raw, place: int) -> str:
    """Where a medium of a direct message lies. Raises UnreadableError where there is none."""
    with expected(WHAT):
        url = _media(opened(raw, WHAT)["media"][place]).url
    if not url:
        raise UnreadableError("X does not say where this lies.")
    return url


def _referenced(post: Shown, how: str) -> str:
    return next((str(one["id"]) for one in post.get("referenced_tweets") or () if one["type"] == how), "")


def _author(shown: Shown, external_id: str) -> Author:
    handle = text(shown.get("username"))
    followers = shown.get("followers_count")
    return Author(
        external_id=named(external_id),
        handle=handle,
        name=text(shown.get("name")),
        url=f"https://x.com/{handle}" if handle else "",
        followers_count=None if followers is None else int(followers),
    )


def _media(shown: Shown) -> Media:
    return Media(
        url=text(shown.get("url") or shown.get("preview_image_url")),
        kind={"photo": "image", "animated_gif": "image"}.get(shown["type"], text(shown["type"])),
        alt_text=text(shown.get("alt_text")),
    )


def plain(shown: Shown) -> str:
    """The text as it was written: long posts whole, links as they were, the links to its own media left out."""
    note = shown.get("note_tweet") or {}
    words = text(note.get("text") or shown["text"])
    links = (note.get("entities") or shown.get("entities") or {}).get("urls", ())
    for link in links:
        where = text(link.get("expanded_url"))
        is_own = link.get("media_key") or OWN_PICTURE.match(where)
        words = words.replace(link["url"], "" if is_own else where)
    return html.unescape(words).strip()


def same_words(words: str) -> str:
    """A text in the form in which two are compared: X puts names before a reply and changes blanks."""
    return " ".join(LEADING_NAMES.sub("", words).split())


def length(words: str) -> int:
    """How long X counts a text: links as 23, most characters once, those of East Asia and emoji twice."""
    without_links = LINK.sub("", words)
    links = len(LINK.findall(words))
    return links * LINK_LENGTH + sum(
        1 if any(low <= ord(letter) <= high for low, high in LIGHT) else 2 for letter in without_links
    )


def figures(metrics: Shown) -> Figures:
    """A post's public figures."""
    return Figures(
        likes_count=metrics.get("like_count"),
        reposts_count=metrics.get("retweet_count"),
        replies_count=metrics.get("reply_count"),
        quotes_count=metrics.get("quote_count"),
        views_count=metrics.get("impression_count"),
    )


def moment(stated: str) -> dt.datetime:
    """A time; X states it in UTC with milliseconds."""
    at = dt.datetime.fromisoformat(stated)
    if at.tzinfo is None:
        raise ValueError(f"the time {stated!r} has no zone")
    return at


def posted_at(post_id: str) -> dt.datetime:
    """When an id was made."""
    milliseconds = (int(post_id) >> 22) + EPOCH_MILLISECONDS
    return dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.UTC)


def id_at(at: dt.datetime) -> str:
    """The smallest id a post made at this time can have."""
    return str(max(0, int(at.timestamp() * 1000) - EPOCH_MILLISECONDS) << 22)
