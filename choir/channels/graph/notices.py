"""Meta's webhooks: the address confirmed, the signature checked, the notices of one account taken out.

One app has one address for all its Pages, so a body may hold notices for several; each channel takes its own. Meta
signs the body, not the time (“Webhooks from Meta: validating payloads”): the same notice again is stored once by its
key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from choir.channels.contract import RejectedError


def confirmed(query: Mapping[str, str], *, verify_token: str) -> bytes:
    """The challenge, where it was asked with our own word (“Verification requests”). Raises RejectedError."""
    offered = query.get("hub.verify_token", "")
    same = hmac.compare_digest(offered.encode(), verify_token.encode())
    if query.get("hub.mode") != "subscribe" or not verify_token or not same:
        raise RejectedError("This is not Meta asking: the verify token is another one than the channel's.")
    return query.get("hub.challenge", "").encode()


def entries(
    body: bytes, headers: Mapping[str, str], *, app_secret: str, subject: str, us: str
) -> Iterator[Mapping[str, Any]]:
    """The entries of our account in a genuine body. `subject` is `page` or `instagram`. Raises RejectedError."""
    offered = {name.lower(): value for name, value in headers.items()}.get("x-hub-signature-256", "")
    expected = "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
    if not app_secret or not hmac.compare_digest(offered.encode(), expected.encode()):
        raise RejectedError("The webhook's signature is not Meta's for our app.")
    try:
        said = json.loads(body)
        found = list(said["entry"]) if said["object"] == subject else []
    except (ValueError, KeyError, TypeError):
        raise RejectedError("The webhook is signed but is not what Meta sends.") from None
    for entry in found:
        if isinstance(entry, dict) and str(entry.get("id")) == us:
            yield entry


def changes(entry: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The changes of one entry by field; some stand in the entry itself."""
    for change in [*entry.get("changes", ()), *([entry] if "field" in entry else [])]:
        if isinstance(change, dict) and isinstance(change.get("value"), dict):
            yield str(change.get("field")), change["value"]
