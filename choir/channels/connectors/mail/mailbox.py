"""Folders of a mailbox: what is new since a place in them, and what lies there under an id of ours."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError

from choir.channels.connectors.mail.mapping import raw_of
from choir.channels.contract import Raw

LARGEST_MAIL = 5 * 1024 * 1024  # beyond it the beginning is taken: words come first in a mail
MOST_AT_ONCE = 50
MOST_BYTES = 16 * 1024 * 1024
SENT_NAMES = ("Sent", "Sent Items", "Sent Messages", "INBOX.Sent", "[Gmail]/Sent Mail")


@dataclass(slots=True)
class Place:
    """How far a folder was read: the server's numbering and the last number in it (RFC 3501 §2.3.1.1)."""

    validity: int = 0
    uid: int = 0


@dataclass(slots=True)
class Cursor:
    """How far the inbox and the folder of sent mail were read."""

    inbox: Place
    sent: Place

    @classmethod
    def read(cls, cursor: str) -> Cursor:
        """From what is stored; anything unreadable is the beginning: arrivals are stored once anyway."""
        try:
            stored = json.loads(cursor) if cursor else {}
            return cls(Place(*stored.get("inbox", [])), Place(*stored.get("sent", [])))
        except (ValueError, TypeError, AttributeError):
            return cls(Place(), Place())

    def written(self) -> str:
        """As it is stored."""
        return json.dumps({"inbox": [self.inbox.validity, self.inbox.uid], "sent": [self.sent.validity, self.sent.uid]})


def sent_folder(client: IMAPClient, stated: str) -> str:
    """The folder of sent mail: as stated, as marked (RFC 6154), or by its usual names; "" where there is none."""
    if stated:
        return stated
    folders = client.list_folders()
    marked = [name for flags, _, name in folders if b"\\Sent" in flags]
    names = {name for _, _, name in folders}
    return str(marked[0]) if marked else next((one for one in SENT_NAMES if one in names), "")


def new_in(
    client: IMAPClient, folder: str, place: Place, *, since: dt.date, limit: int, kind: str
) -> tuple[list[Raw], bool]:
    """Mails of a folder after a place, oldest first, and whether there are more; the place moves with them. Where the
    server numbers anew, it begins again: the same mail is stored once."""
    selected = client.select_folder(folder, readonly=True)
    validity, following = int(selected[b"UIDVALIDITY"]), int(selected.get(b"UIDNEXT", 0))
    if place.validity != validity:
        place.validity, place.uid = validity, 0
        found = client.search(["SINCE", since])
    elif following and following <= place.uid + 1:
        return [], False
    else:
        found = client.search(["UID", f"{place.uid + 1}:*"])  # “*” is the last mail even where none is new
    uids = sorted(uid for uid in found if uid > place.uid)
    raws, taken = _taken(client, uids[: min(limit, MOST_AT_ONCE)], kind=kind)
    if taken:
        place.uid = taken
    elif not uids and following:
        place.uid = max(place.uid, following - 1)
    return raws, bool(uids) and uids[-1] > place.uid


def _taken(client: IMAPClient, uids: Sequence[int], *, kind: str) -> tuple[list[Raw], int]:
    """Mails by their numbers until enough bytes are there, and the last number looked at. One that was deleted in the
    meantime is passed over."""
    if not uids:
        return [], 0
    sizes = {uid: int(one[b"RFC822.SIZE"]) for uid, one in client.fetch(uids, ["RFC822.SIZE"]).items()}
    raws: list[Raw] = []
    total, last = 0, 0
    for uid in uids:
        size = sizes.get(uid)
        if size is not None and total and total + min(size, LARGEST_MAIL) > MOST_BYTES:
            break
        last = uid
        if size is not None:
            raw = _mail(client, uid, size, kind)
            raws += [raw] if raw else []
            total += min(size, LARGEST_MAIL)
    return raws, last


def _mail(client: IMAPClient, uid: int, size: int, kind: str) -> Raw | None:
    part = b"BODY.PEEK[]" if size <= LARGEST_MAIL else f"BODY.PEEK[]<0.{LARGEST_MAIL}>".encode()
    answered = client.fetch([uid], [part, "INTERNALDATE"]).get(uid)
    if answered is None:
        return None
    source = next((value for name, value in answered.items() if name.startswith(b"BODY[]")), None)
    received_at = answered.get(b"INTERNALDATE")
    if source is None or received_at is None:
        return None
    at = received_at.astimezone(dt.UTC)  # imapclient gives local time without a zone
    return raw_of(source, folder=kind, uid=uid, size=max(size, len(source)), received_at=at)


def when_it_lies(client: IMAPClient, folder: str, message_id: str, *, since: dt.date) -> dt.datetime | None:
    """When a mail with this id came into a folder; None where it is not there."""
    try:
        client.select_folder(folder, readonly=True)
    except IMAPClientError:
        return None
    found = client.search(["SINCE", since, "HEADER", "Message-ID", message_id])
    if not found:
        return None
    answered = client.fetch(found[:1], ["INTERNALDATE"])
    at = next((one[b"INTERNALDATE"] for one in answered.values() if b"INTERNALDATE" in one), None)
    return at.astimezone(dt.UTC) if at is not None else dt.datetime.now(dt.UTC)


def keep_sent(client: IMAPClient, folder: str, mail: bytes) -> None:
    """Put a copy of what was sent where mail programmes look for it."""
    client.append(folder, mail, flags=[SEEN])
