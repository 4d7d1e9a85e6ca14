"""What goes out: answers, posts, and what the network made of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from choir.channels.contract.heard import Author, Raw, Visibility


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture, video or file of ours. `alt_text` says what it shows to those who do not see it."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    alt_text: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A link shown with its title and picture, where the network lets the sender make it."""

    url: str
    title: str
    description: str = ""
    image: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One answer to send. `key` is the same on every attempt; `attempted_at` is when the first attempt began.
    `visibility` and `content_warning` are those of what it answers, unless the writer narrowed them; `answered` is what
    it answers as it came, while that is kept."""

    key: str
    text: str
    in_reply_to: str
    thread_id: str = ""
    recipient: Author | None = None
    is_private: bool = False
    attempted_at: dt.datetime | None = None
    visibility: Visibility = Visibility.PUBLIC
    content_warning: str = ""
    language: str = ""
    media: tuple[Attachment, ...] = ()
    card: Card | None = None
    answered: Raw | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One post of a thread."""

    text: str
    media: tuple[Attachment, ...] = ()
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """Something we say unasked: one part, or a thread of several, each under the one before. `key` is the same on
    every attempt; `attempted_at` is when the first attempt began."""

    key: str
    parts: tuple[Part, ...]
    attempted_at: dt.datetime | None = None
    visibility: Visibility = Visibility.PUBLIC
    content_warning: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the network made of an answer, or of one part of a post."""

    external_id: str
    sent_at: dt.datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """How something of ours does on the network now; None is what the network does not tell."""

    likes_count: int | None = None
    reposts_count: int | None = None
    replies_count: int | None = None
    quotes_count: int | None = None
    views_count: int | None = None
    clicks_count: int | None = None


class ReportReason(StrEnum):
    """Why something is reported to those who run the network."""

    SPAM = "spam"
    ABUSE = "abuse"
    ILLEGAL = "illegal"
    MISLEADING = "misleading"
    OTHER = "other"
