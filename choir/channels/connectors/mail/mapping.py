"""A mail as the contract's types. Pure.

A payload is JSON: `source` is the mail byte for byte (each byte one character, Latin-1), `received_at` when our server
got it, `folder` "inbox" or "sent", `uid` and `size` as the server has them. `source` may be cut where a mail was too
large to be taken whole; `size` then is larger.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import json
from collections.abc import Mapping, Sequence
from email.message import Message
from typing import Any

from choir.channels.connectors.mail.headers import addresses, fields, first, ids, words
from choir.channels.connectors.mail.machines import Bounce, bounce_of, why_automatic
from choir.channels.connectors.mail.reading import attachments, parse, texts
from choir.channels.contract import Author, Item, Kind, Media, Raw, UnreadableError

OURS = "choir."
BELIEVED_EARLIER = dt.timedelta(days=7)
BELIEVED_LATER = dt.timedelta(hours=1)


def raw_of(source: bytes, *, folder: str, uid: int, size: int, received_at: dt.datetime) -> Raw:
    """A mail as it came. Its bytes are its key: the same mail in two folders, or after the server counted anew, is
    stored once."""
    payload = {
        "folder": folder,
        "uid": uid,
        "size": size,
        "received_at": received_at.isoformat(),
        "source": source.decode("latin-1"),
    }
    digest = hashlib.sha256(source).hexdigest()
    return Raw(key=f"{folder}:{digest}", payload=json.dumps(payload, ensure_ascii=False).encode())


def source_of(raw: Raw) -> bytes:
    """The mail byte for byte. Raises UnreadableError."""
    source: str = _stored(raw)["source"]
    return source.encode("latin-1")


def items_of(raw: Raw, *, address: str) -> Sequence[Item]:
    """What the mail says; nothing for our own mail coming back to us. Raises UnreadableError."""
    stored = _stored(raw)
    try:
        source = stored["source"].encode("latin-1")
        received_at = dt.datetime.fromisoformat(stored["received_at"])
        if received_at.tzinfo is None:
            raise UnreadableError("The time it was received has no zone.")
        if stored["folder"] not in ("inbox", "sent"):
            raise UnreadableError(f"There is no folder “{stored['folder']}”.")
        message = parse(source)
        if not fields(message):
            raise UnreadableError("This is no mail: it has no header.")
        if stored.get("deleted"):
            return ()
        return _items(message, stored, received_at, address.lower())
    except KeyError as error:
        raise UnreadableError(f"The mail has no {error}.") from error
    except (TypeError, ValueError, AttributeError, LookupError) as error:
        raise UnreadableError(f"The mail has a value of the wrong kind: {error}.") from error


def _stored(raw: Raw) -> dict[str, Any]:
    try:
        stored = json.loads(raw.payload)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"This is not UTF-8: {error.reason} at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"This is not JSON: {error.msg} at character {error.pos}.") from error
    if not isinstance(stored, dict) or not isinstance(stored.get("source"), str):
        raise UnreadableError("This is not a mail as it is kept: its source is missing.")
    try:
        stored["source"].encode("latin-1")
    except UnicodeEncodeError as error:
        raise UnreadableError(f"The mail has a character that is no byte, at {error.start}.") from error
    return stored


def _items(message: Message, stored: Mapping[str, Any], received_at: dt.datetime, address: str) -> Sequence[Item]:
    stated = fields(message)
    external_id = id_of(message, stored["source"])
    if is_own_id(external_id, address):
        return ()  # known already; and whoever claims to be us in our own inbox is not believed
    is_ours = stored["folder"] == "sent"
    said_at = _said_at(first(stated, "date"), received_at)
    bounce = bounce_of(message)
    parent, thread = _place(stated, bounce)
    said, quoted = texts(message) if bounce is None else (_told_by(bounce), "")
    author = _author(stated, address, is_ours=is_ours)
    return (
        Item(
            external_id=external_id,
            kind=Kind.DIRECT,
            author=author,
            text=_with_subject(first(stated, "subject"), said, is_reply=bool(parent)) + _cut_note(stored),
            posted_at=said_at,
            parent_id=parent,
            thread_id=thread,
            is_private=True,
            is_ours=is_ours,
            media=tuple(
                Media(url="", kind=part.kind.partition("/")[0], alt_text="", name=part.name)
                for part in attachments(message)
            ),
            quoted=quoted,
            automatic_because="" if is_ours else why_automatic(message),
            undelivered_id=bounce.message_id if bounce and bounce.is_final else "",
        ),
    )


def id_of(message: Message, source: str) -> str:
    """The mail's id; of one that states none, its digest."""
    known = ids(first(fields(message), "message-id"))
    return known[0] if known else "digest-" + hashlib.sha256(source.encode("latin-1")).hexdigest()[:40]


def own_id(key: str, address: str) -> str:
    """The id of our answer with a key: always the same, so that a second attempt finds the first."""
    plain = "".join(letter for letter in key if letter.isascii() and (letter.isalnum() or letter in "-_"))
    if plain != key or not plain:
        plain = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return f"{OURS}{plain}@{address.rpartition('@')[2] or 'localhost'}"


def is_own_id(message_id: str, address: str) -> bool:
    """Whether an id is in the form we give."""
    return message_id.startswith(OURS) and message_id.lower().endswith("@" + address.rpartition("@")[2])


def _place(stated: dict[str, list[str]], bounce: Bounce | None) -> tuple[str, str]:
    """(what it answers, what its thread began with): RFC 5322 §3.6.4."""
    if bounce is not None:
        return bounce.message_id, ""
    references = ids(" ".join(stated.get("references", [])))
    answered = ids(first(stated, "in-reply-to"))
    parent = answered[0] if answered else references[-1] if references else ""
    return parent, references[0] if references else ""


def _author(stated: dict[str, list[str]], address: str, *, is_ours: bool) -> Author:
    """Who is to be answered: Reply-To before From, because forms and shops send for their customers."""
    named = addresses(*stated.get("from", []), *stated.get("sender", []))
    if is_ours:
        return Author(external_id=address, handle=address, name=named[0][0] if named else "")
    answering = addresses(*stated.get("reply-to", []))
    if answering and answering[0][1] != address:
        name = answering[0][0] or next((name for name, one in named if one == answering[0][1]), "")
        return Author(external_id=answering[0][1], handle=answering[0][1], name=name or (named[0][0] if named else ""))
    if named:
        return Author(external_id=named[0][1], handle=named[0][1], name=named[0][0])
    returned = addresses(first(stated, "return-path"))
    if returned:
        return Author(external_id=returned[0][1], handle=returned[0][1])
    return Author(external_id="nobody", handle="", name=words(first(stated, "from")) or "Nobody named")


def _said_at(stated: str, received_at: dt.datetime) -> dt.datetime:
    """When it was written, if that can be believed; else when our server got it."""
    try:
        at = email.utils.parsedate_to_datetime(stated)
    except (ValueError, TypeError, OverflowError):
        return received_at
    at = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return at if received_at - BELIEVED_EARLIER <= at <= received_at + BELIEVED_LATER else received_at


def _with_subject(subject: str, said: str, *, is_reply: bool) -> str:
    """What begins a thread says its subject first; in answers it only repeats."""
    title = words(subject)
    if not title or (is_reply and said) or said.startswith(title):
        return said
    return f"{title}\n\n{said}".strip()


def _told_by(bounce: Bounce) -> str:
    """A bounce in words."""
    verdict = "could not be delivered" if bounce.is_final else "is late and still being tried"
    return f"The answer to {bounce.recipient or 'this address'} {verdict}: {bounce.reason or 'no reason is given'}."


def _cut_note(stored: Mapping[str, Any]) -> str:
    if int(stored["size"]) <= len(stored["source"]):
        return ""
    size = int(stored["size"]) / 1024**2
    return f"\n\n[This mail has {size:.0f} MB; what is beyond its beginning is on the mail server only.]"
