"""The contract between Choir and a network: what comes in, what goes out, and what may go wrong.

A connector is one folder under `choir/channels/connectors/`: a `manifest.toml`, a `connector.py` with one class
named `Connector`, a `mapping.py` of pure functions, `fixtures/` and a `README.md`. Nothing else changes when one
is added. A connector knows no database, no settings and no clock: what it needs is in its `Account` and in the
arguments.

Inbound (`heard`), a connector turns what the network says into a `Raw` (kept byte for byte) and, later and purely, a
`Raw` into `Item`s and `Removal`s. Raw first: whatever the mapping cannot read today is still there tomorrow. The same
thing may come by fetch, stream and webhook at once: its key is the same, so it is stored once.

Outbound (`said`) is two-phase. Choir writes the intention down, calls `reply`, then writes the outcome down. A process
can die between any two of these, so before anything is sent a second time Choir calls `find_sent`; what that cannot
settle is parked as *unsure* for a person. `Outgoing.key` is the idempotency key; use it where the network has one.

What a connector can do beyond `Maps` is optional: the manifest claims a capability, the class has the protocol's
methods (`protocols`), and the contract tests hold the two together.
"""

from choir.channels.contract.account import (
    Account,
    Allowance,
    Authorization,
    Bucket,
    SignedIn,
)
from choir.channels.contract.errors import (
    ConnectorError,
    RateLimitedError,
    RejectedError,
    SignInExpiredError,
    TemporaryError,
    UnreadableError,
)
from choir.channels.contract.heard import (
    Author,
    Held,
    Item,
    Kind,
    Located,
    Media,
    Page,
    Raw,
    Removal,
    Visibility,
    Wanted,
)
from choir.channels.contract.manifest import CAPABILITY_OF, Capability, Field, FieldKind, Limits, Manifest, SignIn
from choir.channels.contract.protocols import (
    Authorizes,
    ConfirmsWebhooks,
    CountsText,
    HoldsMedia,
    Listens,
    LooksAgain,
    Maps,
    Measures,
    Moderates,
    Publishes,
    ReceivesWebhooks,
    Removes,
    Replies,
    Searches,
    SignsIn,
    Streams,
)
from choir.channels.contract.said import Attachment, Card, Figures, Outgoing, Part, Post, ReportReason, Sent
from choir.channels.contract.searching import SearchAbility

__all__ = [
    "CAPABILITY_OF",
    "Account",
    "Allowance",
    "Attachment",
    "Author",
    "Authorization",
    "Authorizes",
    "Bucket",
    "Capability",
    "Card",
    "ConfirmsWebhooks",
    "ConnectorError",
    "CountsText",
    "Field",
    "FieldKind",
    "Figures",
    "Held",
    "HoldsMedia",
    "Item",
    "Kind",
    "Limits",
    "Listens",
    "Located",
    "LooksAgain",
    "Manifest",
    "Maps",
    "Measures",
    "Media",
    "Moderates",
    "Outgoing",
    "Page",
    "Part",
    "Post",
    "Publishes",
    "RateLimitedError",
    "Raw",
    "ReceivesWebhooks",
    "RejectedError",
    "Removal",
    "Removes",
    "Replies",
    "ReportReason",
    "SearchAbility",
    "Searches",
    "Sent",
    "SignIn",
    "SignInExpiredError",
    "SignedIn",
    "SignsIn",
    "Streams",
    "TemporaryError",
    "UnreadableError",
    "Visibility",
    "Wanted",
]
