"""The signed webhook: what is old, from the future or changed is refused; the same again is the same thing."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json

import pytest

from choir.channels.connectors.webhook.connector import Connector
from choir.channels.contract import Account, RejectedError
from choir.channels.standard_webhooks import REPLAY_WINDOW

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
KEY = b"0123456789abcdef0123456789"
BODY = json.dumps({"id": "1", "text": "Hi", "said_at": NOON.isoformat(), "author": {"id": "u1"}}).encode()


def signed(at: dt.datetime, body: bytes = BODY) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    digest = hmac.new(KEY, b"msg_1." + stamp.encode() + b"." + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature}


@pytest.fixture
def connector() -> Connector:
    secret = {"webhook_secret": f"whsec_{base64.b64encode(KEY).decode()}"}
    return Connector(Account("reviews", "reviews", {}, secret))


def test_the_same_again_within_the_window_is_the_same_thing(connector: Connector) -> None:
    [first] = connector.receive(BODY, signed(NOON), now=NOON)
    [second] = connector.receive(BODY, signed(NOON), now=NOON + dt.timedelta(minutes=4))
    assert first.key == second.key


@pytest.mark.parametrize("shift", [REPLAY_WINDOW, -REPLAY_WINDOW], ids=["replayed", "from the future"])
def test_what_is_not_of_now_is_refused(connector: Connector, shift: dt.timedelta) -> None:
    late = NOON + shift + (dt.timedelta(seconds=1) if shift > dt.timedelta(0) else -dt.timedelta(seconds=1))
    with pytest.raises(RejectedError, match="replay"):
        connector.receive(BODY, signed(NOON), now=late)


def test_what_was_changed_on_the_way_is_refused(connector: Connector) -> None:
    restamped = signed(NOON) | {"webhook-timestamp": str(int((NOON + REPLAY_WINDOW).timestamp()))}
    for body, headers in ((BODY + b" ", signed(NOON)), (BODY, restamped), (BODY, {})):
        with pytest.raises(RejectedError):
            connector.receive(body, headers, now=NOON)
