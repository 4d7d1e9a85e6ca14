"""Generic webhook in, signed as Standard Webhooks says: https://www.standardwebhooks.com/.

The signature is HMAC-SHA256 over `id.timestamp.body`; several may be stated (a secret that is being changed). What is
older than five minutes, or from the future, is refused; the same again within them is stored once.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

from choir.channels.connectors.webhook import mapping
from choir.channels.contract import Account, Item, Raw, RejectedError, Removal, SignedIn

REPLAY_WINDOW = dt.timedelta(minutes=5)
MOST_ITEMS = 1000
SHORTEST_KEY = 24
PREFIX = "whsec_"


class Connector:
    """One sender."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def __repr__(self) -> str:
        return f"webhook.Connector({self._account.handle})"

    def items(self, raw: Raw) -> Sequence[Item | Removal]:
        """What one item says."""
        return mapping.items_of(raw)

    def sign_in(self) -> SignedIn:
        """Nobody can be asked; a secret that is too short to keep anything out is refused."""
        if len(key_of(self._account.secret.get("webhook_secret", ""))) < SHORTEST_KEY:
            raise RejectedError("The secret is too short. It has at least 24 bytes, as base64 behind whsec_.")
        place = " ".join(str(self._account.settings.get("network") or "").split())
        if not place:
            raise RejectedError("Say where it comes from: people see it beside every message.")
        return SignedIn(external_id=place.casefold(), handle=place, name=place, settings={"network": place})

    def receive(self, body: bytes, headers: Mapping[str, str], *, now: dt.datetime) -> Sequence[Raw]:
        """Verify signature and age; split the body into items."""
        self._verify(body, {name.lower(): value for name, value in headers.items()}, now)
        try:
            said = json.loads(body)
            items = said["items"] if "items" in said else [said.get("data", said)]
            if len(items) > MOST_ITEMS:
                raise RejectedError(f"The webhook has {len(items)} items; send at most {MOST_ITEMS} at a time.")
            return tuple(mapping.raw_of(item) for item in items)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise RejectedError(
                "The webhook is signed, but is not the documented JSON: an object with an “id”, or “items” with such."
            ) from None

    def _verify(self, body: bytes, headers: Mapping[str, str], now: dt.datetime) -> None:
        key = key_of(self._account.secret.get("webhook_secret", ""))
        stamp, webhook_id = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
        if not key or not webhook_id or not stamp.isascii() or not stamp.isdigit():
            raise RejectedError("The webhook is not signed: its three webhook- headers are needed.")
        expected = hmac.new(key, b".".join([webhook_id.encode(), stamp.encode(), body]), hashlib.sha256).digest()
        offered = [one[3:] for one in headers.get("webhook-signature", "").split() if one.startswith("v1,")]
        genuine = [hmac.compare_digest(expected, _decoded(one)) for one in offered]
        if not any(genuine):
            raise RejectedError("The webhook's signature does not fit. Sender and channel need the same secret.")
        if abs(now.timestamp() - int(stamp)) > REPLAY_WINDOW.total_seconds():
            raise RejectedError("The webhook is too old, or one of the two clocks is wrong; a replay is not taken.")


def key_of(secret: str) -> bytes:
    """The bytes a secret stands for: base64 behind whsec_, else its characters; none for none."""
    if secret.startswith(PREFIX):
        return _decoded(secret.removeprefix(PREFIX))
    return secret.encode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
