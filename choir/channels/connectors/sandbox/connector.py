"""The sandbox network's capabilities: fetch a stream by cursor, take signed webhooks, answer, read back.

The network has no idempotency keys, as many real ones have none: `find_sent` reads our answers back.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from http.client import OK

from choir.channels.connectors.sandbox import mapping
from choir.channels.contract import (
    Account,
    Author,
    Figures,
    Held,
    Item,
    Outgoing,
    Page,
    Raw,
    RejectedError,
    Removal,
    ReportReason,
    Sent,
)
from choir.channels.exchange import Exchange, promised_shape, refusal
from choir.outside import fetch

REPLAY_WINDOW = dt.timedelta(minutes=5)
CLOCK_SKEW = dt.timedelta(seconds=90)  # how far the network's clock may be behind ours when reading back
LONGEST_TEXT = 2000
MOST_READ_BACK = 100


class Connector:
    """One company's account on one place of the sandbox network."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._origin = str(account.settings.get("address") or account.settings.get("origin") or "")
        self._api = f"/sandbox/api/{account.settings.get('place', '')}"

    def __repr__(self) -> str:
        return f"sandbox.Connector(@{self._account.handle})"

    def items(self, raw: Raw) -> Sequence[Item | Removal]:
        """What was said in one entry of the stream."""
        return mapping.items_of(raw, origin=self._origin)

    def fetch(self, cursor: str, *, limit: int) -> Page:
        """What is new in the stream since a place in it."""
        answer = self._exchange().get(f"{self._api}/stream", after=cursor or "0", limit=limit)
        with promised_shape("the sandbox network"):
            raws = tuple(mapping.raw_of(entry) for entry in answer["entries"])
            return Page(raws=raws, cursor=str(answer["cursor"]), has_more=bool(answer["has_more"]))

    def receive(self, body: bytes, headers: Mapping[str, str], *, now: dt.datetime) -> Sequence[Raw]:
        """Verify a webhook's signature and age; split it into entries."""
        self._verify(body, {name.lower(): value for name, value in headers.items()}, now)
        try:
            return tuple(mapping.raw_of(entry) for entry in json.loads(body)["entries"])
        except (ValueError, KeyError, TypeError):
            raise RejectedError("The webhook is signed but is not what the sandbox network sends.") from None

    def content_of(self, raw: Raw, place: int) -> Held:
        """A picture of a post, from the network, which knows us by our token."""
        url = self._origin + mapping.picture_path(raw, place)
        found = fetch(url, headers={"authorization": self._authorization()}, allows_private=True)
        if found.status != OK:
            raise refusal("The sandbox network", found.status, retry="", writes=False)
        return Held(content=found.content, media_type=found.kind)

    def reply(self, outgoing: Outgoing) -> Sent:
        """Answer. An over-long text is refused before anything is sent."""
        if len(outgoing.text) > LONGEST_TEXT:
            raise RejectedError(f"The answer has {len(outgoing.text)} characters; the sandbox takes {LONGEST_TEXT}.")
        answer = self._exchange().post(
            f"{self._api}/answers",
            {
                "text": outgoing.text,
                "in_reply_to": outgoing.in_reply_to,
                "pictures": [
                    {
                        "name": one.name,
                        "media_type": one.media_type,
                        "alt": one.alt_text,
                        "content": base64.b64encode(one.content).decode(),
                    }
                    for one in outgoing.media
                ],
            },
        )
        with promised_shape("the sandbox network", may_have_happened=True):
            return self._sent(answer)

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """Our answer with this text under what it answers, not older than the first attempt."""
        answer = self._exchange().get(f"{self._api}/answers", in_reply_to=outgoing.in_reply_to, limit=MOST_READ_BACK)
        since = outgoing.attempted_at - CLOCK_SKEW if outgoing.attempted_at else None
        with promised_shape("the sandbox network"):
            for entry in answer["entries"]:
                sent = self._sent(entry)
                if entry["text"] == outgoing.text and (since is None or sent.sent_at >= since):
                    return sent
        return None

    def remove(self, external_id: str) -> None:
        """Take an answer of ours back; one that is gone is fine."""
        self._exchange().post(f"{self._api}/removals", {"id": external_id})

    def hide(self, external_id: str, *, is_hidden: bool = True) -> None:
        """Hide what was said to us from everybody else, or show it again."""
        self._exchange().post(f"{self._api}/moderations", {"id": external_id, "hidden": is_hidden})

    def report(self, external_id: str, *, author: Author, reason: ReportReason, comment: str) -> None:
        """Not possible: nobody runs the sandbox."""
        raise RejectedError("Nobody runs the sandbox network, so nothing can be reported there. Hide it instead.")

    def measure(self, external_ids: Sequence[str]) -> Mapping[str, Figures]:
        """How many answered each of ours."""
        answer = self._exchange().get(f"{self._api}/figures", ids=",".join(external_ids))
        with promised_shape("the sandbox network"):
            return {key: Figures(replies_count=int(one["replies"])) for key, one in answer["figures"].items()}

    def _sent(self, entry: Mapping[str, str]) -> Sent:
        return Sent(
            external_id=entry["id"],
            sent_at=mapping.moment(entry["posted_at"]),
            url=self._origin + entry.get("path", ""),
        )

    def _authorization(self) -> str:
        return f"Bearer {self._account.secret.get('token', '')}"

    def _exchange(self) -> Exchange:
        timeout = float(self._account.settings.get("timeout_seconds", 10))
        headers = {"authorization": self._authorization()}
        return Exchange(network="The sandbox network", address=self._origin, headers=headers, timeout_seconds=timeout)

    def _verify(self, body: bytes, headers: Mapping[str, str], now: dt.datetime) -> None:
        secret = self._account.secret.get("webhook_secret", "")
        stamp, webhook_id = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
        if not secret or not stamp.isascii() or not stamp.isdigit():
            raise RejectedError("The webhook is not signed.")
        signed = b".".join([webhook_id.encode(), stamp.encode(), body])
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
        offered = [part.partition(",")[2] for part in headers.get("webhook-signature", "").split()]
        if not any(hmac.compare_digest(expected, _decoded(one)) for one in offered):
            raise RejectedError("The webhook's signature is not the network's.")
        if abs(now.timestamp() - int(stamp)) > REPLAY_WINDOW.total_seconds():
            raise RejectedError("The webhook is too old, or our clock is wrong; a replay is not taken.")


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""
