"""How X refuses, in words: its problem documents and the headers of its limits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import httpx

from choir.channels.contract import Allowance, Bucket, ConnectorError, RateLimitedError, RejectedError

USUAL_WAIT = dt.timedelta(minutes=15)
WAIT_FOR_CREDITS = dt.timedelta(hours=1)
SENTENCES = (
    ("media ids are invalid", "X does not know the picture any more. Attach it again."),
    ("duplicate content", "X already has a post of ours in these very words. Change the words, or look there."),
    ("deleted or not visible", "The post this answers is gone, or X no longer shows it to us. Close the conversation."),
    ("reply to this conversation", "X lets us answer only who mentions or quotes us, or whose replies are open to us."),
    ("not permitted to", "Our app lacks a permission at X. Give it “Read and write and Direct message” there."),
    ("suspended", "X has suspended our account. Settle it there."),
    ("cannot send messages", "This person takes no direct messages from us."),
    ("dm_conversation", "This person takes no direct messages from us."),
)


def explain(response: httpx.Response, writes: bool) -> ConnectorError | None:
    """What one refusal means; None where its status says it all."""
    now = dt.datetime.now(dt.UTC)
    if response.status_code == httpx.codes.PAYMENT_REQUIRED:
        until = now + WAIT_FOR_CREDITS
        return RateLimitedError(
            f"X has no credits left for our app (402). Buy some in its developer console; we wait until {until:%H:%M} "
            "UTC.",
            until=until,
        )
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        until = _resets_at(response.headers, now) or now + USUAL_WAIT
        return RateLimitedError(f"X asks us to wait until {until:%H:%M:%S} UTC (429).", until=until)
    if response.status_code in (httpx.codes.FORBIDDEN, httpx.codes.BAD_REQUEST):
        if response.status_code == httpx.codes.FORBIDDEN and response.request.url.path.endswith("/media/upload"):
            return RejectedError("X does not let our app hand over pictures (403). Sign in there again to allow it.")
        detail = _detail(response)
        for words, sentence in SENTENCES:
            if words in detail.lower():
                return RejectedError(sentence)
        if detail:
            return RejectedError(f"X refuses this ({response.status_code}): {detail[:200]}")
    return None


def _detail(response: httpx.Response) -> str:
    try:
        said: Any = response.json()
        first = (said.get("errors") or [{}])[0]
        return str(first.get("message") or said.get("detail") or "")
    except (ValueError, AttributeError, TypeError, IndexError):
        return ""


def _resets_at(headers: httpx.Headers, now: dt.datetime) -> dt.datetime | None:
    """When the limit that ran out is full again; of two that ran out, the later."""
    resets = [
        dt.datetime.fromtimestamp(int(headers[f"{which}-reset"]), tz=dt.UTC)
        for which in ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")
        if headers.get(f"{which}-reset", "").isdigit() and headers.get(f"{which}-remaining", "0") == "0"
    ]
    return min(max(resets), now + dt.timedelta(days=1)) if resets else None


def noting(note: Callable[[Allowance], None]) -> Callable[[httpx.Response], None]:
    """Keeps what X states to be left. Each address has its own limit: noted are those that everything hangs on, the
    mentions, the searches and the posts."""

    def observe(response: httpx.Response) -> None:
        path, headers = response.request.url.path, response.headers
        bucket = _bucket(response.request.method, path)
        if bucket is None:
            return
        stated = [headers.get(f"x-rate-limit-{name}", "") for name in ("limit", "remaining", "reset")]
        if not all(one.isdigit() for one in stated):
            return
        limit, remaining, resets = (int(one) for one in stated)
        note(
            Allowance(
                limit=limit,
                remaining=remaining,
                resets_at=dt.datetime.fromtimestamp(resets, tz=dt.UTC),
                bucket=bucket,
            )
        )

    return observe


def _bucket(method: str, path: str) -> Bucket | None:
    if path.endswith("/mentions"):
        return Bucket.READ
    if path.endswith("/search/recent"):
        return Bucket.SEARCH
    return Bucket.WRITE if path.endswith("/2/tweets") and method == "POST" else None
