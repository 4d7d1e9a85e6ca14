"""Webhooks as Standard Webhooks signs them: https://www.standardwebhooks.com/.

The signature is HMAC-SHA256 over `id.timestamp.body`; several may be stated (a secret that is being changed). What is
older than five minutes, or from the future, is refused.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from choir.channels.contract import RejectedError

REPLAY_WINDOW = dt.timedelta(minutes=5)
SHORTEST_KEY = 24  # bytes
PREFIX = "whsec_"


def fresh_secret() -> str:
    """A secret that nobody has yet."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def verify(body: bytes, headers: Mapping[str, str], *, secret: str, now: dt.datetime) -> None:
    """Refuse with RejectedError what is not signed with the secret, or not of now."""
    told = {name.lower(): value for name, value in headers.items()}
    key = key_of(secret)
    stamp, webhook_id = told.get("webhook-timestamp", ""), told.get("webhook-id", "")
    if not key or not webhook_id or not stamp.isascii() or not stamp.isdigit():
        raise RejectedError("The webhook is not signed: its three webhook- headers are needed.")
    expected = hmac.new(key, b".".join([webhook_id.encode(), stamp.encode(), body]), hashlib.sha256).digest()
    offered = [one[3:] for one in told.get("webhook-signature", "").split() if one.startswith("v1,")]
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
