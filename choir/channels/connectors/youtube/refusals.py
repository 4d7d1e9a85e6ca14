"""How YouTube refuses, in words, and its quota: units a day, counted by the project, full again at midnight in
California (“Quota costs for API requests”). YouTube never states what is left, so it is counted here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import httpx

from choir.channels.contract import Allowance, ConnectorError, RateLimitedError, RejectedError, TemporaryError
from choir.channels.exchange import retry_after

UNITS_A_DAY = 10_000
UNITS_TO_READ, UNITS_TO_WRITE = 1, 50
PACIFIC = ZoneInfo("America/Los_Angeles")
QUOTA = frozenset({"quotaExceeded", "dailyLimitExceeded"})
HURRY = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
FAILURES = frozenset({"processingFailure", "backendError", "internalError"})
SENTENCES = {
    "commentsDisabled": "Comments are turned off under this video.",
    "parentCommentNotFound": "The comment this answers is gone from YouTube. Close the conversation.",
    "commentNotFound": "This comment is gone from YouTube.",
    "parentIdMissing": "YouTube does not know the comment this answers.",
    "commentTextTooLong": "The answer is too long for YouTube. Shorten it.",
    "insufficientPermissions": "Our consent does not cover this. Connect the channel again and allow all that it asks.",
    "ineligibleAccount": "This Google account has no YouTube channel yet, so it cannot comment. Make one on YouTube.",
    "accessNotConfigured": "The YouTube Data API is not enabled in the Google Cloud project. Enable it there.",
}


def explain(response: httpx.Response, writes: bool) -> ConnectorError | None:
    """What one refusal means; None where its status says it all."""
    reason = _reason(response)
    if reason in QUOTA:
        until = full_again(dt.datetime.now(dt.UTC))
        return RateLimitedError(
            "YouTube's daily quota for our project is used up; more can be asked for in the Google Cloud console. "
            f"It is full again at {until:%H:%M} UTC.",
            until=until,
        )
    if reason in HURRY:
        until = retry_after(response.headers.get("retry-after", ""), now=dt.datetime.now(dt.UTC))
        return RateLimitedError(f"YouTube asks us to wait until {until:%H:%M:%S} UTC.", until=until)
    if reason in FAILURES:
        return TemporaryError(f"YouTube failed ({reason}).", may_have_happened=writes)
    return RejectedError(SENTENCES[reason]) if reason in SENTENCES else None


def _reason(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["errors"][0]["reason"])
    except (ValueError, KeyError, TypeError, IndexError):
        return ""


def full_again(now: dt.datetime) -> dt.datetime:
    """The next midnight in California."""
    tomorrow = now.astimezone(PACIFIC).date() + dt.timedelta(days=1)
    return dt.datetime.combine(tomorrow, dt.time(), tzinfo=PACIFIC).astimezone(dt.UTC)


def counting(note: Callable[[Allowance], None], *, project: str) -> Callable[[httpx.Response], None]:
    """Counts what each request costs, refused ones too."""

    def observe(response: httpx.Response) -> None:
        spent = UNITS_TO_READ if response.request.method == "GET" else UNITS_TO_WRITE
        resets_at = full_again(dt.datetime.now(dt.UTC))
        note(Allowance(limit=UNITS_A_DAY, remaining=None, resets_at=resets_at, holder=project, spent=spent))

    return observe
