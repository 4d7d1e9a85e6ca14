"""What the sandbox network shows, as the contract's types. Pure: a payload in, items out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from choir.channels.contract import Author, Item, Kind, Media, Raw, Removal, UnreadableError


def raw_of(entry: Mapping[str, Any]) -> Raw:
    """One place of the company's stream as it came. The place is part of the key: something deleted takes a new one."""
    return Raw(key=f"{entry['id']}:{entry['number']}", payload=json.dumps(entry, ensure_ascii=False).encode())


def items_of(raw: Raw, *, origin: str) -> Sequence[Item | Removal]:
    """What was said, or taken back. Raises UnreadableError with what is missing or wrong."""
    try:
        entry = json.loads(raw.payload)
        if not isinstance(entry, dict):
            raise UnreadableError("This is not a post of the sandbox network: it is no JSON object.")
        if entry.get("deleted"):
            return (Removal(external_id=str(entry["id"])),)
        return (_item(entry, origin),)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"This is not UTF-8: {error.reason} at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"This is not JSON: {error.msg} at character {error.pos}.") from error
    except KeyError as error:
        raise UnreadableError(f"The post has no {error}.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"The post has a value of the wrong kind: {error}.") from error


def _item(entry: Mapping[str, Any], origin: str) -> Item:
    return Item(
        external_id=str(entry["id"]),
        kind=Kind(entry["kind"]),
        author=author_of(entry["author"], origin),
        text=str(entry["text"]),
        posted_at=moment(entry["posted_at"]),
        parent_id=str(entry.get("parent") or ""),
        thread_id=str(entry.get("thread") or ""),
        url=origin + str(entry.get("path") or ""),
        stars=None if entry.get("stars") is None else int(entry["stars"]),
        is_private=bool(entry.get("private")),
        is_ours=bool(entry.get("by_company")),
        media=tuple(
            Media(url="", kind="image", alt_text=str(one.get("alt") or ""), name=str(one.get("name") or ""))
            for one in entry.get("pictures") or ()
        ),
    )


def picture_path(raw: Raw, place: int) -> str:
    """Where the network has a picture of a post, by its place among them. Raises UnreadableError."""
    try:
        return str(json.loads(raw.payload)["pictures"][place]["path"])
    except (ValueError, KeyError, IndexError, TypeError):
        raise UnreadableError("The post has no such picture.") from None


def author_of(shown: Mapping[str, Any], origin: str) -> Author:
    """Who said it."""
    followers = shown.get("followers")
    return Author(
        external_id=str(shown["id"]),
        handle=str(shown.get("handle") or ""),
        name=str(shown.get("name") or ""),
        url=origin + str(shown.get("path") or ""),
        followers_count=None if followers is None else int(followers),
    )


def moment(stated: str) -> dt.datetime:
    """A zone-aware time; the network always states the zone."""
    at = dt.datetime.fromisoformat(stated)
    if at.tzinfo is None:
        raise ValueError(f"the time {stated!r} has no zone")
    return at
