"""Generic webhook in, signed as Standard Webhooks says; the same again within its five minutes is stored once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence

from choir.channels.connectors.webhook import mapping
from choir.channels.contract import Account, Item, Raw, RejectedError, Removal, SignedIn
from choir.channels.standard_webhooks import SHORTEST_KEY, key_of, verify

MOST_ITEMS = 1000


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
        verify(body, headers, secret=self._account.secret.get("webhook_secret", ""), now=now)
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
