"""A connector's `manifest.toml`: what it can do, what it asks for, what level it claims and on what evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from choir.channels.contract import protocols


class Capability(StrEnum):
    """What a connector can do; a manifest lists them."""

    LISTEN = "listen"
    STREAM = "stream"
    SEARCH = "search"
    WEBHOOK = "webhook"
    REPLY = "reply"
    DIRECT_MESSAGE = "direct_message"
    PUBLISH = "publish"
    MEDIA = "media"
    REMOVE = "remove"
    METRICS = "metrics"
    MODERATE = "moderate"


CAPABILITY_OF: Mapping[type, Capability] = {
    protocols.Streams: Capability.STREAM,
    protocols.Searches: Capability.SEARCH,
    protocols.ReceivesWebhooks: Capability.WEBHOOK,
    protocols.Replies: Capability.REPLY,
    protocols.Publishes: Capability.PUBLISH,
    protocols.Removes: Capability.REMOVE,
    protocols.Measures: Capability.METRICS,
    protocols.Moderates: Capability.MODERATE,
}
"""The capability a protocol stands for: a connector has the methods exactly when its manifest claims it."""


class SignIn(StrEnum):
    """How an account is connected: with what a person fills in, or by being sent to the network and back."""

    FIELDS = "fields"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the network accepts in one answer. Lengths are in characters as Python counts code points, unless
    `counts_itself` says that the connector counts as the network does (`CountsText`). `attachments_count`: how many go
    along with one answer, `direct_attachments_count` with a private one, where that is another number.
    `attachment_bytes`: the largest that one may be, nought where nothing is stated; `takes_files`: also what is no
    picture; `takes_moving`: also pictures that move. `direct_answer_hours`: how long after the customer's last message
    a private answer is still taken; None is for ever. `direct_answer_longer`: in a sentence, how it can be longer."""

    reply_characters: int
    direct_characters: int
    attachments_count: int = 0
    direct_attachments_count: int | None = None
    attachment_bytes: int = 0
    takes_files: bool = False
    takes_moving: bool = True
    alt_text_characters: int = 0
    direct_answer_hours: int | None = None
    direct_answer_longer: str = ""
    counts_itself: bool = False

    def attachments_with(self, *, is_private: bool) -> int:
        """How many pictures and files go along with one answer."""
        stated = self.direct_attachments_count if is_private else self.attachments_count
        return self.attachments_count if stated is None else stated


class FieldKind(StrEnum):
    """How a field is filled in. `generated` begins with a fresh signing secret, which the other side has to be told."""

    TEXT = "text"
    ADDRESS = "address"
    EMAIL = "email"
    LINES = "lines"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    GENERATED = "generated"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a person fills in to connect an account. `is_advanced`: most people leave it alone; it is folded
    away. `is_for_code`: it cannot be left empty by who is sent to the network (`SignIn.CODE`), and only by them."""

    name: str
    label: str
    help: str = ""
    is_secret: bool = False
    is_required: bool = True
    kind: FieldKind = FieldKind.TEXT
    options: tuple[str, ...] = ()
    is_advanced: bool = False
    is_for_code: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """One connector as it states itself. `fetch_every_seconds`: the shortest pause between fetches; None is never
    fetched. `sign_in`: empty where there is nothing to try before an account is kept. `needs`: what a person has to
    have at hand, in a sentence; `needs_app`: also an app of their own, registered with the network."""

    slug: str
    name: str
    capabilities: frozenset[Capability]
    limits: Limits
    level: str
    evidence: str
    fetch_every_seconds: int | None
    fields: tuple[Field, ...] = ()
    sign_in: tuple[SignIn, ...] = ()
    needs: str = ""
    needs_app: bool = False
