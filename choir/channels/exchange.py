"""Asking a network over HTTP, with its refusals as the contract's errors: shared by connectors that speak plain JSON.

What a request carried (tokens, texts) never gets into an error: only the method, the host and the status do.
"""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from choir.channels.contract import ConnectorError, RateLimitedError, RejectedError, SignInExpiredError, TemporaryError

LONGEST_WAIT = dt.timedelta(hours=24)
USUAL_WAIT = dt.timedelta(seconds=60)


class Exchange:
    """One network's JSON API. `timeout_seconds` bounds connecting and each read."""

    def __init__(self, *, network: str, address: str, headers: Mapping[str, str], timeout_seconds: float = 10) -> None:
        self._network = network
        self._address, self._headers, self._timeout_seconds = address, dict(headers), timeout_seconds

    def __repr__(self) -> str:
        return f"Exchange({self._network})"

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Read. Asking again does no harm."""
        return self._ask("GET", path, writes=False, params=query)

    def post(self, path: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """Write. When no answer comes back, it may have happened."""
        return self._ask("POST", path, writes=True, json=dict(said))

    def _ask(self, method: str, path: str, *, writes: bool, **request: Any) -> dict[str, Any]:
        try:
            with httpx.Client(
                base_url=self._address, headers=self._headers, timeout=self._timeout_seconds, trust_env=False
            ) as client:
                response = client.request(method, path, **request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TemporaryError(
                f"{self._network} could not be reached ({type(error).__name__}). It is tried again by itself.",
                may_have_happened=False,
            ) from None
        except httpx.HTTPError as error:
            raise TemporaryError(
                f"{self._network} did not finish its answer ({type(error).__name__}). It is tried again by itself.",
                may_have_happened=writes,
            ) from None
        self._refuse(response, writes=writes)
        return self._read(response, writes=writes)

    def _read(self, response: httpx.Response, *, writes: bool) -> dict[str, Any]:
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise TemporaryError(
                f"{self._network} answered with something that is not a JSON object. It is tried again by itself.",
                may_have_happened=writes,
            )
        return answer

    def _refuse(self, response: httpx.Response, *, writes: bool) -> None:
        """Turn a status that is not a success into the contract's error."""
        if not response.is_success:
            retry = response.headers.get("retry-after", "")
            raise refusal(self._network, response.status_code, retry=retry, writes=writes)


def refusal(network: str, status: int, *, retry: str, writes: bool) -> ConnectorError:
    """The contract's error for a status that is no success. `retry` is the Retry-After header; with
    `writes`, a failure may have come after it happened."""
    if status == httpx.codes.UNAUTHORIZED:
        return SignInExpiredError(f"{network} no longer accepts our sign-in (401). Connect the channel again.")
    if status == httpx.codes.TOO_MANY_REQUESTS:
        until = retry_after(retry, now=dt.datetime.now(dt.UTC))
        return RateLimitedError(
            f"{network} asks us to wait until {until:%H:%M:%S} UTC (429). It is tried again by itself then.",
            until=until,
        )
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        return TemporaryError(f"{network} failed ({status}). It is tried again by itself.", may_have_happened=writes)
    if status == httpx.codes.FORBIDDEN:
        return RejectedError(f"{network} does not allow this for our account (403). Check its permissions there.")
    return RejectedError(f"{network} refuses this ({status}). Trying again will not help.")


def retry_after(stated: str, *, now: dt.datetime) -> dt.datetime:
    """When to try again after a Retry-After header (RFC 9110 §10.2.3: seconds or a date); a minute when it says
    nothing that can be read, a day at most."""
    if stated.strip().isdigit():
        wait = dt.timedelta(seconds=min(int(stated), int(LONGEST_WAIT.total_seconds())))
        return now + wait
    try:
        until = email.utils.parsedate_to_datetime(stated)
    except ValueError:
        return now + USUAL_WAIT
    until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    return min(max(until, now), now + LONGEST_WAIT)


@contextmanager
def promised_shape(network: str, *, may_have_happened: bool = False) -> Iterator[None]:
    """Inside it, an answer of another shape than the network promises is the network's failure (TemporaryError)."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TemporaryError(
            f"An answer of {network} has another shape than it promises ({type(error).__name__}). "
            "It is tried again by itself.",
            may_have_happened=may_have_happened,
        ) from None
