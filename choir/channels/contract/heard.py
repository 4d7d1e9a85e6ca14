"""What comes in: raw things, what was said in them, and what its author took back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What sort of thing was said. A quote is a post of its own about another; a follow says nothing at all."""

    POST = "post"
    COMMENT = "comment"
    REPLY = "reply"
    QUOTE = "quote"
    DIRECT = "direct"
    REVIEW = "review"
    FOLLOW = "follow"


class Visibility(StrEnum):
    """Who can see something on the network. An answer is never seen by more people than what it answers."""

    PUBLIC = "public"
    UNLISTED = "unlisted"  # by everybody, but in no public timeline
    FOLLOWERS = "followers"
    DIRECT = "direct"  # by those it names


@dataclass(frozen=True, slots=True)
class Author:
    """An account on the network. `external_id` is stable even when the handle changes."""

    external_id: str
    handle: str = ""
    name: str = ""
    url: str = ""
    followers_count: int | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, video or file that came with an item; fetched later, never inline. `url` is empty where the connector
    has to be asked (`HoldsMedia`); `name` is a file's, as its sender called it."""

    url: str
    kind: str
    alt_text: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """One thing exactly as it came. `key` is what makes it the same thing when it comes again, however it comes: the
    network's event id where there is one, otherwise the item's id with its version (an edit is another version)."""

    key: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was said. `posted_at` is zone-aware; `parent_id` and `thread_id` are the network's ids and may
    name items that have not arrived (yet).

    `is_ours`: our own account said it, perhaps with another tool. `is_addressed`: said to us or answering us; not so
    what only a search found or what stands above something that is, which waits in nobody's queue. `edited_at`: these
    words replace earlier ones under the same id; the earlier ones are forgotten.

    `quoted`: what it repeats of earlier messages, shown on demand. `automatic_because`: why a machine seems to have
    written it, as the end of a sentence; nobody waits for an answer to it, and it gets none. `undelivered_id`: it tells
    that this message of ours did not reach its recipient."""

    external_id: str
    kind: Kind
    author: Author
    text: str
    posted_at: dt.datetime
    parent_id: str = ""
    thread_id: str = ""
    url: str = ""
    language_hint: str = ""
    stars: int | None = None
    is_private: bool = False
    is_ours: bool = False
    is_addressed: bool = True
    media: tuple[Media, ...] = ()
    visibility: Visibility = Visibility.PUBLIC
    content_warning: str = ""
    edited_at: dt.datetime | None = None
    quoted: str = ""
    automatic_because: str = ""
    undelivered_id: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """The content of a medium, out of the payload."""

    content: bytes = field(repr=False)
    media_type: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """Where a medium is now, and what its server wants to see before it gives it: a signature of ours, for one."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Removal:
    """Something said before was taken back on the network. Its words are forgotten here too; that it was there, and
    when it went, is kept."""

    external_id: str
    removed_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What one fetch, search or stretch of a stream brought. `cursor` covers exactly `raws`; both are stored together
    or not at all."""

    raws: tuple[Raw, ...]
    cursor: str
    has_more: bool


class Wanted(Protocol):
    """What is to be kept of all that does not address us, because listening queries ask for it. It follows the queries
    as they change; a connector asks it in the thread that listens."""

    def finds(self, item: Item) -> bool:
        """Whether a query asks for this."""
        ...

    def knows(self, external_id: str) -> bool:
        """Whether this was heard before: then its removal is to be told."""
        ...

    def hashtags(self) -> Sequence[str]:
        """Hashtags, with their #, for networks that are listened to by hashtag; what matters most first."""
        ...
