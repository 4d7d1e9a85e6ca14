"""Asking a network over HTTP, with its refusals as the contract's errors: shared by connectors that speak plain JSON.

What a request carried (tokens, texts) never gets into an error: only the method, the host and the status do.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx

from choir.channels.contract import (
    Attachment,
    ConnectorError,
    RateLimitedError,
    RejectedError,
    SignInExpiredError,
    TemporaryError,
)

Explain = Callable[[httpx.Response, bool], ConnectorError | None]
"""What a refusal of one network means, and whether a write was asked for; None: what its status means everywhere."""

LONGEST_WAIT = dt.timedelta(hours=24)
USUAL_WAIT = dt.timedelta(seconds=60)


class Exchange:
    """One network's JSON API. `timeout_seconds` bounds connecting and each read; `auth` signs each request; `explain`
    knows this network's own ways of refusing, `observe` sees every answer's headers (what is left of a limit)."""

    def __init__(
        self,
        *,
        network: str,
        address: str,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float = 10,
        auth: httpx.Auth | None = None,
        explain: Explain | None = None,
        observe: Callable[[httpx.Response], None] | None = None,
    ) -> None:
        self._network = network
        self._address, self._headers, self._timeout_seconds = address, dict(headers or {}), timeout_seconds
        self._auth, self._explain, self._observe = auth, explain, observe

    def __repr__(self) -> str:
        return f"Exchange({self._network})"

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Read. Asking again does no harm."""
        return dict(self._ask("GET", path, writes=False, params=query))

    def post(self, path: str, said: Mapping[str, Any], **query: Any) -> dict[str, Any]:
        """Write. When no answer comes back, it may have happened."""
        return dict(self._ask("POST", path, writes=True, json=dict(said), params=query))

    def post_form(self, path: str, said: Mapping[str, Any], **query: Any) -> dict[str, Any]:
        """Write what is said as a form, as some networks want it."""
        return dict(self._ask("POST", path, writes=True, data=dict(said), params=query))

    def post_file(
        self, path: str, said: Mapping[str, str], file: tuple[str, Attachment], *, writes: bool = True
    ) -> dict[str, Any]:
        """Write what is said with the content of a file under its name in the form. Without `writes`, nobody sees the
        file before something refers to it: handing it over again does no harm."""
        name, one = file
        content = {name: (one.name, one.content, one.media_type)}
        return dict(self._ask("POST", path, writes=writes, data=dict(said), files=content))

    def put(self, path: str, said: Mapping[str, Any], **query: Any) -> dict[str, Any]:
        """Set something that is there."""
        return dict(self._ask("PUT", path, writes=True, json=dict(said), params=query))

    def delete(self, path: str, **query: Any) -> dict[str, Any]:
        """Take something away."""
        return dict(self._ask("DELETE", path, writes=True, params=query))

    def post_for_list(self, path: str, said: Mapping[str, Any], **query: Any) -> list[Any]:
        """Ask several things at once, where the answer is a list."""
        return list(self._ask("POST", path, writes=True, shape=list, json=dict(said), params=query))

    def _ask(self, method: str, path: str, *, writes: bool, shape: type = dict, **request: Any) -> Any:
        try:
            with httpx.Client(
                base_url=self._address,
                headers=self._headers,
                timeout=self._timeout_seconds,
                auth=self._auth,
                verify=trusted(),
                trust_env=False,
            ) as client:
                response = client.request(method, path, **request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TemporaryError(
                f"{self._network} could not be reached ({type(error).__name__}).",
                may_have_happened=False,
            ) from None
        except httpx.HTTPError as error:
            raise TemporaryError(
                f"{self._network} did not finish its answer ({type(error).__name__}).",
                may_have_happened=writes,
            ) from None
        if self._observe is not None:
            self._observe(response)
        self._refuse(response, writes=writes)
        return self._read(response, writes=writes, shape=shape)

    def _read(self, response: httpx.Response, *, writes: bool, shape: type) -> Any:
        if response.status_code == httpx.codes.NO_CONTENT:
            return {}
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, shape):
            raise TemporaryError(
                f"{self._network} answered with something that is not the JSON it promises.",
                may_have_happened=writes,
            )
        return answer

    def _refuse(self, response: httpx.Response, *, writes: bool) -> None:
        """Turn a status that is not a success into the contract's error."""
        if not response.is_success:
            if self._explain is not None and (known := self._explain(response, writes)) is not None:
                raise known
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
            f"{network} asks us to wait until {until:%H:%M:%S} UTC (429).",
            until=until,
        )
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        return TemporaryError(f"{network} failed ({status}).", may_have_happened=writes)
    if status == httpx.codes.FORBIDDEN:
        return RejectedError(f"{network} does not allow this for our account (403). Check its permissions there.")
    return RejectedError(f"{network} refuses this ({status}). Trying again will not help.")


@cache
def trusted() -> ssl.SSLContext:
    """The certificates we trust, read once: reading them takes longer than most answers."""
    return httpx.create_ssl_context(trust_env=False)


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
            f"An answer of {network} has another shape than it promises ({type(error).__name__}).",
            may_have_happened=may_have_happened,
        ) from None
