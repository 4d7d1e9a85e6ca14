"""The contract between Choir and a network: what comes in, what goes out, and what may go wrong.

A connector is one folder under `choir/channels/connectors/`: a `manifest.toml`, a `connector.py` with one class
named `Connector`, a `mapping.py` of pure functions, `fixtures/` and a `README.md`. Nothing else changes when one
is added. A connector knows no database, no settings and no clock: what it needs is in its `Account` and in the
arguments.

Inbound, a connector turns what the network says into a `Raw` (kept byte for byte) and, later and purely, a `Raw`
into `Item`s. Raw first: whatever the mapping cannot read today is still there tomorrow.

Outbound is two-phase. Choir writes the intention down, calls `reply`, then writes the outcome down. A process can
die between any two of these, so before anything is sent a second time Choir calls `find_sent`; what that cannot
settle is parked as *unsure* for a person. `Outgoing.key` is the idempotency key; use it where the network has one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable


class Kind(StrEnum):
    """What sort of thing was said."""

    POST = "post"
    COMMENT = "comment"
    REPLY = "reply"
    DIRECT = "direct"
    REVIEW = "review"


class Capability(StrEnum):
    """What a connector can do; a manifest lists them."""

    LISTEN = "listen"
    WEBHOOK = "webhook"
    REPLY = "reply"
    PUBLISH = "publish"
    DIRECT_MESSAGE = "direct_message"
    METRICS = "metrics"
    MODERATE = "moderate"


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
    """A picture, video or file that came with an item; fetched later, never inline."""

    url: str
    kind: str
    alt_text: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """One thing exactly as it came. `key` is what makes it the same thing when it comes again: the network's
    event id where there is one, otherwise the item's id with its version."""

    key: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was said. `posted_at` is zone-aware; `parent_id` and `thread_id` are the network's ids and may
    name items that have not arrived (yet). `is_ours`: our own account said it, perhaps with another tool.
    `is_addressed`: said to us or answering us; not so what only a search found, which waits in nobody's queue."""

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


@dataclass(frozen=True, slots=True)
class Page:
    """What one fetch brought. `cursor` covers exactly `raws`; both are stored together or not at all."""

    raws: tuple[Raw, ...]
    cursor: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One answer to send. `key` is the same on every attempt; `attempted_at` is when the first attempt began."""

    key: str
    text: str
    in_reply_to: str
    thread_id: str = ""
    recipient: Author | None = None
    is_private: bool = False
    attempted_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What the network made of an answer."""

    external_id: str
    sent_at: dt.datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Our account on the network. `secret` never shows in a repr, a log or an exception."""

    external_id: str
    handle: str
    settings: Mapping[str, Any]
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)


class ConnectorError(Exception):
    """Something went wrong with a network. The text says what happened and what to do, without any secret."""


class SignInExpiredError(ConnectorError):
    """The network no longer accepts our credentials; a person has to connect the channel again."""


class RateLimitedError(ConnectorError):
    """The network asks to wait until `until`."""

    def __init__(self, message: str, *, until: dt.datetime) -> None:
        super().__init__(message)
        self.until = until


class TemporaryError(ConnectorError):
    """The network failed or could not be reached. `may_have_happened`: an answer could have got through."""

    def __init__(self, message: str, *, may_have_happened: bool = True) -> None:
        super().__init__(message)
        self.may_have_happened = may_have_happened


class RejectedError(ConnectorError):
    """The network refuses this for good (too long, deleted, blocked); trying again will not help."""


class UnreadableError(ConnectorError):
    """A raw payload cannot be mapped; it is set aside with this reason."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the network accepts in one answer. Lengths are in characters as Python counts code points."""

    reply_characters: int
    direct_characters: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A connector's `manifest.toml`: what it can do, what it asks for, what level it claims and on what evidence."""

    slug: str
    name: str
    capabilities: frozenset[Capability]
    limits: Limits
    level: str
    evidence: str
    fetch_every_seconds: int | None
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a person fills in to connect an account."""

    name: str
    label: str
    help: str = ""
    is_secret: bool = False
    is_required: bool = True


@runtime_checkable
class Maps(Protocol):
    """Every connector: a raw payload in, what was said out. Pure; raises UnreadableError."""

    def items(self, raw: Raw) -> Sequence[Item]: ...


@runtime_checkable
class Listens(Protocol):
    """Fetches what is new since `cursor` ("" is the beginning), oldest first."""

    def fetch(self, cursor: str, *, limit: int) -> Page: ...


@dataclass(frozen=True, slots=True)
class SearchAbility:
    """What a network's own search understands, so that a listening query can be put to it as widely as it needs and no
    wider (`choir.listening.language.native`). Words side by side are taken to be all wanted. Whatever it does not
    understand is completed here: everything that comes back is matched again.

    `either`: what stands between alternatives (" OR "), "" where there is none. `without`: how an unwanted word is
    written ("-{value}"). `phrases`: "in quotes" is a phrase. `beginnings`: `word*` works. `groups`: ( ) work. `fields`:
    how a field is written, by its name ("author": "from:{value}") or with its value ("has:link": "filter:links").
    `only_hashtags`: nothing but one hashtag can be asked. `longest`: characters of one question; `most_questions`: how
    many a query may be split into."""

    either: str = ""
    without: str = ""
    phrases: bool = False
    beginnings: bool = False
    groups: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    only_hashtags: bool = False
    longest: int = 500
    most_questions: int = 4


@runtime_checkable
class Searches(Protocol):
    """Searches the whole network for a question in its own words (made from a listening query for its `ability`),
    newest first or from `cursor` ("" is as far back as it allows). What only a search found is not `is_addressed`."""

    ability: SearchAbility

    def search(self, question: str, cursor: str, *, limit: int) -> Page: ...


@runtime_checkable
class ReceivesWebhooks(Protocol):
    """Verifies a webhook (constant time) and splits it into raws; raises RejectedError when it is not genuine."""

    def receive(self, body: bytes, headers: Mapping[str, str], *, now: dt.datetime) -> Sequence[Raw]: ...


@runtime_checkable
class Replies(Protocol):
    """Sends an answer, and finds one that may have been sent before."""

    def reply(self, outgoing: Outgoing) -> Sent: ...

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """The answer with this key if it reached the network, None if it certainly did not. Raises
        TemporaryError when it cannot be told now."""
        ...
