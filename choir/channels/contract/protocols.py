"""What a connector may be able to do, each in one small protocol. All but `Maps` is optional."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from choir.channels.contract.account import Authorization, Secret, SignedIn
from choir.channels.contract.heard import Author, Held, Item, Located, Page, Raw, Removal, Wanted
from choir.channels.contract.said import Figures, Outgoing, Post, ReportReason, Sent
from choir.channels.contract.searching import SearchAbility


@runtime_checkable
class Maps(Protocol):
    """Every connector: a raw payload in, what was said or taken back out. Pure; raises UnreadableError."""

    def items(self, raw: Raw) -> Sequence[Item | Removal]: ...


@runtime_checkable
class HoldsMedia(Protocol):
    """Hands out media that came without an address: those inside a payload, or where they are, for those that the
    network has to be asked for or that are behind our sign-in. It fetches nothing that is not its network's interface:
    an address it gives is fetched by the one fetcher. `place` counts the media of the item from nought. Raises
    UnreadableError when there is none, TemporaryError when it may be there later, RejectedError when it never will."""

    def content_of(self, raw: Raw, place: int) -> Held | Located: ...


@runtime_checkable
class Listens(Protocol):
    """Fetches what is new since `cursor` ("" is the beginning). Pages may come in any order as long as each cursor
    goes on exactly where its page ended."""

    def fetch(self, cursor: str, *, limit: int) -> Page: ...


@runtime_checkable
class Streams(Protocol):
    """Hears what is said as it is said, for as long as the iterator is read, from `cursor` on where the network
    remembers ("" is now). Yields at least every ten seconds, if need be an empty page, so that the reader can stop;
    closing the iterator hangs up. Ends with a ConnectorError when the network does. What the stream missed while
    nobody read it is `fetch`'s to find, unless the cursor covers it."""

    def listen(self, cursor: str, *, wanted: Wanted) -> Iterator[Page]: ...


@runtime_checkable
class Searches(Protocol):
    """Searches the whole network for a question in its own words (made from a listening query for its `ability`).
    From "" it goes from the newest back to `since`, or as far as the network allows, page by page (`has_more`); once it
    is there, the same cursor finds what came after. What only a search found is not `is_addressed`."""

    ability: SearchAbility

    def search(self, question: str, cursor: str, *, limit: int, since: dt.datetime | None = None) -> Page: ...


@runtime_checkable
class LooksAgain(Protocol):
    """Tells what became of things heard before, given as they came, a few dozen at once: a raw for each whose author
    edited it or took it back. For what only a search or a stream brought, of which the network tells nothing by
    itself."""

    def look_again(self, raws: Sequence[Raw]) -> Sequence[Raw]: ...


@runtime_checkable
class ReceivesWebhooks(Protocol):
    """Verifies a webhook (constant time) and splits it into raws; raises RejectedError when it is not genuine."""

    def receive(self, body: bytes, headers: Mapping[str, str], *, now: dt.datetime) -> Sequence[Raw]: ...


@runtime_checkable
class ConfirmsWebhooks(Protocol):
    """Answers when the network asks, by a GET with a query, whether a webhook's address is really ours: the body of
    the answer. Raises RejectedError when it was not the network that asked."""

    def confirm(self, query: Mapping[str, str]) -> bytes: ...


@runtime_checkable
class Replies(Protocol):
    """Sends an answer, and finds one that may have been sent before."""

    def reply(self, outgoing: Outgoing) -> Sent: ...

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """The answer with this key if it reached the network, None if it certainly did not. Raises
        TemporaryError when it cannot be told now."""
        ...


@runtime_checkable
class Publishes(Protocol):
    """Says something unasked. `already` are the first parts that are out from an earlier attempt: the rest follows
    them, and all parts come back in order."""

    def publish(self, post: Post, *, already: Sequence[Sent] = ()) -> Sequence[Sent]: ...

    def find_published(self, post: Post) -> Sequence[Sent]:
        """The parts that reached the network, from the first on. Raises TemporaryError when it cannot be told now."""
        ...


@runtime_checkable
class Removes(Protocol):
    """Takes back something of ours. What is gone already is fine."""

    def remove(self, external_id: str) -> None: ...


@runtime_checkable
class Measures(Protocol):
    """How things of ours do, a few dozen at once. What the network does not know (any more) is left out."""

    def measure(self, external_ids: Sequence[str]) -> Mapping[str, Figures]: ...


@runtime_checkable
class Moderates(Protocol):
    """Reports something to those who run the network; hides it, or shows it again, where it stands under ours. What
    the network does not let us do raises RejectedError with the reason."""

    def report(self, external_id: str, *, author: Author, reason: ReportReason, comment: str) -> None: ...

    def hide(self, external_id: str, *, is_hidden: bool = True) -> None: ...


@runtime_checkable
class CountsText(Protocol):
    """Counts a text as the network does (graphemes, shortened links) for the limits."""

    def length(self, text: str) -> int: ...


@runtime_checkable
class SignsIn(Protocol):
    """Tries what a person filled in, before it is kept: whose account it opens. Raises SignInExpiredError when the
    network does not accept it, RejectedError when the account cannot be used, TemporaryError when it cannot be told."""

    def sign_in(self) -> SignedIn: ...


@runtime_checkable
class Authorizes(Protocol):
    """Sends a person to the network to allow us in, and takes them back (OAuth 2 code flow). `state` comes back
    unchanged to `redirect_to` and is the caller's to compare; what `authorize` wants kept (sealed, it is secret) is
    given back to `redeem`."""

    def authorize(self, *, redirect_to: str, state: str) -> Authorization: ...

    def redeem(self, code: str, *, redirect_to: str, kept: Secret) -> SignedIn: ...
