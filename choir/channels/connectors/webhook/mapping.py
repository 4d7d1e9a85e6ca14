"""One item of a webhook as the contract's types. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from choir.channels.contract import Author, Item, Kind, Media, Raw, Removal, UnreadableError
from choir.readable import tidied

LONGEST_TEXT = 50_000


def raw_of(item: Mapping[str, Any]) -> Raw:
    """One item as it came. What it says is part of its key: an edit is another thing, the same again is not."""
    payload = json.dumps(item, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return Raw(key=f"{item['id']}:{hashlib.sha256(payload).hexdigest()[:16]}", payload=payload)


def items_of(raw: Raw) -> Sequence[Item | Removal]:
    """What the item says, or that it was taken back. Raises UnreadableError with what is missing or wrong."""
    try:
        item = json.loads(raw.payload)
        if not isinstance(item, dict):
            raise UnreadableError("This is not an item of a webhook: it is no JSON object.")
        return (_removal(item),) if item.get("deleted") else (_item(item),)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"This is not UTF-8: {error.reason} at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"This is not JSON: {error.msg} at character {error.pos}.") from error
    except KeyError as error:
        raise UnreadableError(f"The item has no {error}.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"The item has a value of the wrong kind: {error}.") from error


def _removal(item: Mapping[str, Any]) -> Removal:
    stated = item.get("deleted_at")
    return Removal(external_id=str(item["id"]), removed_at=_moment(stated) if stated else None)


def _item(item: Mapping[str, Any]) -> Item:
    kind = Kind(item.get("kind") or ("reply" if item.get("in_reply_to") else "post"))
    stars = item.get("stars")
    return Item(
        external_id=str(item["id"]),
        kind=Kind.REVIEW if stars is not None and kind is Kind.POST else kind,
        author=_author(item["author"]),
        text=tidied(_words(item["text"]))[:LONGEST_TEXT],
        posted_at=_moment(item["said_at"]),
        parent_id=str(item.get("in_reply_to") or ""),
        thread_id=str(item.get("thread") or ""),
        url=str(item.get("url") or ""),
        language_hint=str(item.get("language") or ""),
        stars=None if stars is None else int(stars),
        is_private=bool(item.get("private")) or kind is Kind.DIRECT,
        is_ours=bool(item.get("ours")),
        edited_at=_moment(item["edited_at"]) if item.get("edited_at") else None,
        media=tuple(
            Media(url=str(one["url"]), kind=str(one.get("kind") or "file"), alt_text=str(one.get("alt") or ""))
            for one in item.get("media") or ()
        ),
    )


def _author(author: Mapping[str, Any]) -> Author:
    return Author(
        external_id=str(author["id"]),
        handle=str(author.get("handle") or ""),
        name=str(author.get("name") or ""),
        url=str(author.get("url") or ""),
    )


def _words(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"the text is {type(text).__name__}, not a string")
    return text


def _moment(stated: Any) -> dt.datetime:
    at = dt.datetime.fromisoformat(stated)
    if at.tzinfo is None:
        raise ValueError(f"the time {stated!r} has no zone")
    return at
