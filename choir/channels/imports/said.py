"""What one row of an export says, and how it is kept until it is heard."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIELDS: Mapping[str, str] = {
    "id": "Id of the message",
    "text": "Text",
    "at": "When it was said",
    "author": "Id of who said it",
    "author_name": "Name of who said it",
    "direction": "Who spoke: customer or brand",
    "thread": "Id of the conversation",
    "parent": "Id of the message it answers",
    "kind": "Kind: post, comment, reply, direct, review",
    "stars": "Stars of a review",
    "language": "Language",
    "url": "Address of the message",
}
"""What a column can be mapped to, with the words people see."""

NEEDED = ("text", "at")


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says, ready to be kept. `row` has every cell as it was."""

    id: str
    text: str
    at: dt.datetime
    is_inbound: bool
    author: str
    author_name: str = ""
    thread: str = ""
    parent: str = ""
    kind: str = ""
    stars: int | None = None
    language: str = ""
    url: str = ""
    row: Mapping[str, Any] | None = None

    def payload(self) -> bytes:
        """As JSON, for the arrival. Lone surrogates (bytes that were no characters) survive as escapes."""
        said = {
            "id": self.id,
            "text": self.text,
            "at": self.at.isoformat(),
            "inbound": self.is_inbound,
            "author": self.author,
            "author_name": self.author_name,
            "thread": self.thread,
            "parent": self.parent,
            "kind": self.kind,
            "stars": self.stars,
            "language": self.language,
            "url": self.url,
            "row": self.row,
        }
        return json.dumps({name: value for name, value in said.items() if value not in ("", None)}).encode()


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row of a file: what it says, or why it is set aside. `line` is where it begins, from 1."""

    line: int
    said: Said | None
    because: str = ""
    row: Mapping[str, Any] | None = None

    def payload(self) -> bytes:
        """What is kept of it."""
        return self.said.payload() if self.said is not None else json.dumps(self.row or {}).encode()

    def key(self, file_digest: str) -> str:
        """What makes it the same row when it comes again: its id and all it says; a row that cannot be read is one
        line of one file."""
        if self.said is None:
            return f"unread:{file_digest[:24]}:{self.line}"
        return f"{hashlib.sha256(self.payload()).hexdigest()[:24]}:{self.said.id[:120]}"


def digest_id(*parts: str) -> str:
    """An id for what has none: the same words by the same author at the same time are the same thing."""
    return "row-" + hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]
