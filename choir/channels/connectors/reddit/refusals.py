"""How Reddit refuses, in words: statuses, and errors inside answers that are called a success; and what is left of its
limits, which stand in every answer's headers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from choir.channels.contract import Allowance, ConnectorError, RateLimitedError, RejectedError
from choir.channels.exchange import LONGEST_WAIT, retry_after

USUAL_WAIT = dt.timedelta(minutes=10)
SENTENCES = {
    "DELETED_COMMENT": "The comment this answers was deleted. Close the conversation.",
    "DELETED_LINK": "The post this answers was deleted. Close the conversation.",
    "THREAD_LOCKED": "The thread is locked; nobody can answer in it any more.",
    "TOO_OLD": "The thread is archived; nobody can answer in it any more.",
    "TOO_LONG": "The answer is too long for Reddit. Shorten it.",
    "SUBREDDIT_NOTALLOWED": "Our account may not write in this subreddit. Ask its moderators.",
    "SUBREDDIT_OUTBOUND_LINKING_DISALLOWED": "This subreddit takes no links. Take the link out.",
    "USER_BLOCKED": "This person has blocked our account.",
    "USER_BLOCKED_MESSAGE": "This person has blocked our account.",
    "BANNED_FROM_SUBREDDIT": "Our account is banned from this subreddit. Ask its moderators.",
}


def explain(response: httpx.Response, writes: bool) -> ConnectorError | None:
    """What one refusal means; None where its status says it all."""
    if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
        return None
    now, stated = dt.datetime.now(dt.UTC), response.headers.get("x-ratelimit-reset", "")
    until = now + _seconds(stated) if stated else retry_after(response.headers.get("retry-after", ""), now=now)
    return RateLimitedError(f"Reddit asks us to wait until {until:%H:%M:%S} UTC (429).", until=until)


def refuse(answer: Mapping[str, Any]) -> None:
    """Raise what an answer to a write says went wrong: `[[code, sentence, field]]`."""
    said = answer.get("json") or {}
    for code, sentence, *_ in said.get("errors") or ():
        if code == "RATELIMIT":
            until = dt.datetime.now(dt.UTC) + (_seconds(said.get("ratelimit", "")) or USUAL_WAIT)
            raise RateLimitedError(
                f"Reddit lets young accounts write only now and then; it asks us to wait until {until:%H:%M:%S} UTC.",
                until=until,
            )
        raise RejectedError(SENTENCES.get(code, f"Reddit refuses this: {str(sentence)[:200]}"))


def _seconds(stated: object) -> dt.timedelta:
    try:
        return min(dt.timedelta(seconds=math.ceil(float(str(stated)))), LONGEST_WAIT)
    except (ValueError, OverflowError):
        return dt.timedelta()


def noting(note: Callable[[Allowance], None]) -> Callable[[httpx.Response], None]:
    """Keeps what Reddit states to be left of its window of some minutes."""

    def observe(response: httpx.Response) -> None:
        try:
            used, left, seconds = (
                float(response.headers[f"x-ratelimit-{one}"]) for one in ("used", "remaining", "reset")
            )
        except (KeyError, ValueError):
            return
        resets_at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
        note(Allowance(limit=int(used + left), remaining=int(left), resets_at=resets_at))

    return observe
