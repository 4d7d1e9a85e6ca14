"""What Reddit shows, as the contract's types. Pure: a payload in, items out.

A payload is a *thing* (`t1` a comment, `t3` a post, `t4` a private message), a message of modmail with its
conversation, or word that something is gone. Reddit tells nothing of who deleted their account; whoever is left
without an id is known by their name.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from choir.channels.contract import Author, Item, Kind, Media, Raw, Removal
from choir.channels.payload import closed, expected, named, opened, text

WHAT = "something of Reddit"
SITE = "https://www.reddit.com"
MODMAIL = "modmail:"
TAKEN_BACK = frozenset({"[deleted]", "[removed]"})
KEPT = frozenset(
    {
        "author",
        "author_fullname",
        "body",
        "context",
        "created_utc",
        "dest",
        "edited",
        "first_message_name",
        "id",
        "link_author",
        "link_id",
        "link_title",
        "name",
        "parent_id",
        "permalink",
        "selftext",
        "subject",
        "subreddit",
        "title",
        "url",
        "post_hint",
    }
)

Shown = Mapping[str, Any]


def thing_raw(thing: Shown, *, is_found: bool = False) -> tuple[dt.datetime, Raw]:
    """A thing as it came, without its figures; an edited one is another version. `is_found`: by a search."""
    shown = {name: value for name, value in thing["data"].items() if name in KEPT}
    said = {"kind": thing["kind"], "data": shown} | ({"is_found": True} if is_found else {})
    key = f"{shown['name']}:{int(shown.get('edited') or 0)}" + (":found" if is_found else "")
    return moment(shown["created_utc"]), Raw(key, closed(said))


def modmail_raw(message: Shown, conversation: Shown) -> tuple[dt.datetime, Raw]:
    """One message of a modmail conversation."""
    about = {name: conversation[name] for name in ("id", "subject", "participant", "owner") if name in conversation}
    at = dt.datetime.fromisoformat(message["date"])
    return at, Raw(f"{MODMAIL}{message['id']}", closed({"modmail": message, "conversation": about}))


def gone_raw(name: str) -> Raw:
    """Word that a thing is gone."""
    return Raw(f"{name}:gone", closed({"gone": name}))


def noted(raw: Raw) -> tuple[str, str, dt.datetime] | None:
    """Posts and comments are looked at again; messages are not."""
    said = opened(raw, WHAT)
    if said.get("kind") not in ("t1", "t3"):
        return None
    return said["data"]["name"], version(said["data"]), moment(said["data"]["created_utc"])


def version(shown: Shown) -> str:
    """When it was edited, in seconds; 0 is never."""
    return str(int(shown.get("edited") or 0))


def is_taken_back(shown: Shown) -> bool:
    """Deleted by its author or removed by a moderator: the words are gone, the place is left."""
    return (shown.get("body") or shown.get("selftext")) in TAKEN_BACK or shown.get("author") == "[deleted]"


def items_of(raw: Raw, *, us: str) -> Sequence[Item | Removal]:
    """What was said, or taken back. `us`: our account's name. Raises UnreadableError."""
    said = opened(raw, WHAT)
    with expected(WHAT):
        if "gone" in said:
            return (Removal(external_id=named(said["gone"])),)
        if "modmail" in said:
            return (_modmail(said["modmail"], said["conversation"]),)
        shown = said["data"]
        if is_taken_back(shown):
            return (Removal(external_id=named(shown["name"])),)
        made = {"t1": _comment, "t3": _post, "t4": _message}[said["kind"]](shown, us)
        if said.get("is_found"):
            made = _found(made, us)
        # What we post ourselves is nobody's question.
        return () if made.is_ours and not made.parent_id else (made,)


def _comment(shown: Shown, us: str) -> Item:
    parent, own = named(shown["parent_id"]), named(shown["name"])
    under_ours = parent.startswith("t3_") and text(shown.get("link_author")).lower() == us.lower()
    author = _author(shown)
    return Item(
        external_id=own,
        kind=Kind.COMMENT if parent.startswith("t3_") else Kind.REPLY,
        author=author,
        text=text(shown["body"]),
        posted_at=moment(shown["created_utc"]),
        parent_id=parent,
        thread_id=own if under_ours else "",
        url=_address(shown.get("permalink") or shown.get("context")),
        is_ours=author.handle.lower() == us.lower(),
        edited_at=_edited_at(shown),
    )


def _post(shown: Shown, us: str) -> Item:
    author, body = _author(shown), text(shown.get("selftext"))
    picture = text(shown.get("url")) if shown.get("post_hint") == "image" else ""
    return Item(
        external_id=named(shown["name"]),
        kind=Kind.POST,
        author=author,
        text=text(shown["title"]) + (f"\n\n{body}" if body else ""),
        posted_at=moment(shown["created_utc"]),
        url=_address(shown.get("permalink")),
        is_ours=author.handle.lower() == us.lower(),
        media=(Media(url=picture, kind="image"),) if picture else (),
        edited_at=_edited_at(shown),
    )


def _message(shown: Shown, us: str) -> Item:
    """Private messages of one exchange name its first."""
    author, own = _author(shown), named(shown["name"])
    first = text(shown.get("first_message_name")) or own
    return Item(
        external_id=own,
        kind=Kind.DIRECT,
        author=author,
        text=text(shown["body"]),
        posted_at=moment(shown["created_utc"]),
        parent_id=text(shown.get("parent_id")),
        thread_id=first,
        is_private=True,
        is_ours=author.handle.lower() == us.lower(),
    )


def _modmail(message: Shown, conversation: Shown) -> Item:
    author = message["author"]
    thread = MODMAIL + named(conversation["id"])
    handle = named(author["name"])
    return Item(
        external_id=f"{thread}:{named(message['id'])}",
        kind=Kind.DIRECT,
        author=Author(external_id=_id_of(author) or handle, handle=handle, url=f"{SITE}/user/{handle}"),
        text=text(message["bodyMarkdown"]),
        posted_at=dt.datetime.fromisoformat(message["date"]),
        thread_id=thread,
        url=f"{SITE}/mail/all/{conversation['id']}",
        is_private=True,
        is_ours=bool(author.get("isMod")),
    )


def _found(item: Item, us: str) -> Item:
    """What a search found is said to us only if it names us."""
    return dataclasses.replace(item, is_addressed=f"u/{us.lower()}" in item.text.lower())


def _author(shown: Shown) -> Author:
    handle = named(shown["author"])
    return Author(external_id=text(shown.get("author_fullname")) or handle, handle=handle, url=f"{SITE}/user/{handle}")


def _id_of(author: Shown) -> str:
    return f"t2_{_base36(int(author['id']))}" if author.get("id") else ""


def _base36(number: int) -> str:
    """Modmail states accounts as numbers; everywhere else Reddit writes them in base 36."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    written = ""
    while number:
        number, place = divmod(number, 36)
        written = digits[place] + written
    return written or "0"


def _edited_at(shown: Shown) -> dt.datetime | None:
    return moment(shown["edited"]) if shown.get("edited") else None


def _address(path: object) -> str:
    return f"{SITE}{text(path)}" if path else ""


def moment(seconds: object) -> dt.datetime:
    """Reddit states times in seconds since 1970, in UTC."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError("a time is no number")
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
