"""Records as Bluesky keeps them: their keys, their facets, what is embedded in them.

A record's key is worked out from the answer's idempotency key and the time of the first attempt, so that the same
answer always goes to the same place: a second attempt can find it there, and can never make another.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import regex
from atproto_client.models.utils import get_model_as_dict
from atproto_client.utils.facet_detection import detect_facets, detect_mentions

from choir.channels.connectors.bluesky.asking import Server
from choir.channels.contract import Attachment, Card, RejectedError

POSTS = "app.bsky.feed.post"
LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
GRAPHEME = regex.compile(r"\X")
MOST_GRAPHEMES, MOST_BYTES = 300, 3000
LARGEST_PICTURE = 1_000_000
MOST_PICTURES = 4


def record_key(key: str, *, attempted_at: dt.datetime, number: int = 0) -> str:
    """A TID (https://atproto.com/specs/tid): 53 bits of microseconds and 10 bits of clock, in 13 letters. The second is
    the attempt's, plus the part's number; what is below it comes from the key."""
    digest = int.from_bytes(hashlib.sha256(f"{key}\0{number}".encode()).digest()[:8])
    microseconds = (int(attempted_at.timestamp()) + number) * 1_000_000 + digest % 1_000_000
    bits = (microseconds << 10) | (digest >> 54)
    letters = ""
    for _ in range(13):
        bits, digit = divmod(bits, 32)
        letters = LETTERS[digit] + letters
    return letters


def length(text: str) -> int:
    """In graphemes, as Bluesky counts."""
    return len(GRAPHEME.findall(text))


def refuse_long(text: str) -> None:
    """RejectedError when Bluesky would not take it."""
    count, size = length(text), len(text.encode())
    if count > MOST_GRAPHEMES or size > MOST_BYTES:
        raise RejectedError(
            f"The text has {count} characters and {size} bytes; Bluesky takes {MOST_GRAPHEMES} and {MOST_BYTES}."
        )


def facets(server: Server, text: str) -> list[dict[str, Any]]:
    """Links, hashtags and the people it names, at their places in bytes; who is not there is not linked."""
    found = [get_model_as_dict(one) for one in detect_facets(text)]
    known: dict[str, str] = {}
    for mention in detect_mentions(text):
        handle = mention.handle.lower()
        if handle not in known:
            try:
                known[handle] = str(server.get("com.atproto.identity.resolveHandle", handle=handle).get("did") or "")
            except RejectedError:
                known[handle] = ""
        if known[handle]:
            found.append(
                {
                    "index": {"byteStart": mention.byte_start, "byteEnd": mention.byte_end},
                    "features": [{"$type": "app.bsky.richtext.facet#mention", "did": known[handle]}],
                }
            )
    return sorted(found, key=lambda one: int(one["index"]["byteStart"]))


def embed(server: Server, media: tuple[Attachment, ...], card: Card | None) -> dict[str, Any] | None:
    """Pictures with their alt texts, or a link card."""
    if media:
        if len(media) > MOST_PICTURES:
            raise RejectedError(f"There are {len(media)} pictures; Bluesky takes {MOST_PICTURES}.")
        return {
            "$type": "app.bsky.embed.images",
            "images": [{"alt": one.alt_text, "image": _blob(server, one)} for one in media],
        }
    if card is None:
        return None
    external: dict[str, Any] = {"uri": card.url, "title": card.title, "description": card.description}
    if card.image is not None:
        external["thumb"] = _blob(server, card.image)
    return {"$type": "app.bsky.embed.external", "external": external}


def _blob(server: Server, media: Attachment) -> dict[str, Any]:
    if not media.media_type.startswith("image/"):
        raise RejectedError(f"“{media.name}” is no picture; only pictures can be sent to Bluesky from here.")
    if len(media.content) > LARGEST_PICTURE:
        raise RejectedError(
            f"“{media.name}” has {len(media.content):,} bytes; Bluesky takes {LARGEST_PICTURE:,}. Make it smaller."
        )
    blob: dict[str, Any] = server.upload(media.content, media.media_type)["blob"]
    return blob


def post_record(
    server: Server,
    text: str,
    *,
    at: dt.datetime,
    language: str,
    media: tuple[Attachment, ...],
    card: Card | None,
    reply: dict[str, Any] | None,
    warning: str = "",
) -> dict[str, Any]:
    """A post as it is stored (https://atproto.com/lexicons/app-bsky-feed#appbskyfeedpost)."""
    record: dict[str, Any] = {
        "$type": POSTS,
        "text": text,
        "createdAt": at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if language:
        record["langs"] = [language]
    if found := facets(server, text):
        record["facets"] = found
    if embedded := embed(server, media, card):
        record["embed"] = embedded
    if reply:
        record["reply"] = reply
    if warning:
        record["labels"] = {
            "$type": "com.atproto.label.defs#selfLabels",
            "values": [{"val": one} for one in warning.split(", ")],
        }
    return record
