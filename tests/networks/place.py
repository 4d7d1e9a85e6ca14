"""A network as the suite uses it: our account, a customer, and somebody else who reads what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from choir.channels import registry
from choir.channels.contract import SignsIn
from choir.channels.models import Channel, ChannelState


@dataclass(frozen=True)
class Read:
    """Something of ours as anybody sees it; what it answers, and how its pictures are described."""

    external_id: str
    text: str
    answers: str
    pictures: tuple[str, ...]


@dataclass
class Place:
    """`says` posts as the customer, to us, and `shows` with a picture and its description; `mutters` posts to nobody,
    where everything said on the network can be listened to; `whispers` says it to us alone, under a warning, and gives
    how the answers to it were sent: to whom, and under which warning. `answers` are the texts that the second account
    reads under a post, `reads` one thing of ours as it sees it, and `likes` is what it does to show it."""

    slug: str
    filled_in: dict[str, Any]
    secret: dict[str, str]
    says: Callable[[str], str]
    shows: Callable[[str, bytes, str], str]
    answers: Callable[[str], list[str]]
    cut: Callable[[], None]
    mend: Callable[[], None]
    revoke: Callable[[Channel], object]
    allow_again: Callable[[], dict[str, str]]
    says_while_cut: bool
    deletes: Callable[[str], None] | None
    settings: dict[str, Any] = field(default_factory=dict)
    mutters: Callable[[str], str] | None = None
    whispers: Callable[[str, str], tuple[str, Callable[[], list[tuple[str, str]]]]] | None = None
    reads: Callable[[str], Read | None] | None = None
    likes: Callable[[str], object] | None = None

    def connect(self, channel: Channel) -> None:
        """Sign in as the connect page would, and keep what it found."""
        connector: object = registry.unconnected(self.slug, settings=self.filled_in, secret=self.secret)
        assert isinstance(connector, SignsIn)
        found = connector.sign_in()
        channel.connector, channel.network = self.slug, self.slug.title()
        channel.external_id, channel.handle = found.external_id, found.handle
        channel.settings = self.filled_in | dict(found.settings) | self.settings
        channel.seal_secret(self.secret | dict(found.secret))
        channel.state, channel.failure, channel.state_because = ChannelState.CONNECTED, "", ""
        channel.save()
