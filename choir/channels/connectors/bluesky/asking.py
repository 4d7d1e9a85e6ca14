"""Asking an account's server over XRPC: sessions that renew themselves, refusals as the contract's errors."""

from __future__ import annotations

import datetime as dt
import json
import weakref
from collections.abc import Mapping
from typing import Any

import httpx
from atproto_client.exceptions import (
    InvokeTimeoutError,
    RateLimitExceededError,
    RequestErrorBase,
)
from atproto_client.request import Request, Response

from choir.channels.contract import (
    Account,
    Allowance,
    ConnectorError,
    RateLimitedError,
    RejectedError,
    SignInExpiredError,
    TemporaryError,
)
from choir.channels.contract.account import Secret
from choir.channels.exchange import promised_shape

ENTRANCE = "https://bsky.social"
USUAL_WAIT = dt.timedelta(
    minutes=5
)  # the window of most limits: https://docs.bsky.app/docs/advanced-guides/rate-limits
STALE = {"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"}
CLOSED = {"AccountTakedown", "AccountDeactivated", "AccountSuspended"}
NAME = "Bluesky"


class StaleSessionError(ConnectorError):
    """The access token is not accepted (any more); another one may be."""


class MissingError(RejectedError):
    """The record that was asked for is certainly not there."""


class Server:
    """An account's personal data server, through which the AppView and moderation are asked too."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.secret: Secret = account.secret
        stated = account.settings.get("pds") or account.settings.get("address") or ENTRANCE
        self.address = str(stated).rstrip("/")
        self.request = Request(timeout=float(account.settings.get("timeout_seconds", 10)), trust_env=False)
        weakref.finalize(self, self.request.close)  # its connections end with it

    def get(self, method: str, **query: Any) -> dict[str, Any]:
        """Read. Asking again does no harm."""
        asked = {name: value for name, value in query.items() if value not in (None, "")}
        return self._with_session("GET", method, writes=False, params=asked)

    def post(self, method: str, said: Mapping[str, Any], *, writes: bool = True) -> dict[str, Any]:
        """Write. When no answer comes back, it may have happened."""
        return self._with_session(
            "POST",
            method,
            writes=writes,
            content=json.dumps(said, ensure_ascii=False).encode(),
            headers={"content-type": "application/json"},
        )

    def upload(self, content: bytes, media_type: str) -> dict[str, Any]:
        """Store a file beside the account; it shows nowhere until a record names it."""
        return self._with_session(
            "POST", "com.atproto.repo.uploadBlob", writes=False, content=content, headers={"content-type": media_type}
        )

    def sign_in(self) -> dict[str, Any]:
        """A new session from handle and app password."""
        password = self.secret.get("app_password", "")
        who = str(self.account.settings.get("handle") or self.account.handle).strip().lstrip("@")
        if not password or not who:
            raise SignInExpiredError("There is no handle or no app password. Connect the channel again.")
        try:
            return self._call(
                "POST",
                "com.atproto.server.createSession",
                writes=False,
                content=json.dumps({"identifier": who, "password": password}).encode(),
                headers={"content-type": "application/json"},
            )
        except StaleSessionError:
            raise SignInExpiredError(
                "Bluesky does not accept this handle with this app password. Make a new app password there "
                "(Settings → Privacy and security → App passwords) and connect the channel again."
            ) from None

    def _with_session(self, verb: str, method: str, *, writes: bool, **request: Any) -> dict[str, Any]:
        """One call; when the session has expired it is renewed, and the call made once more."""
        token = self.secret.get("access") or self._renewed("")
        try:
            return self._call(verb, method, writes=writes, token=token, **request)
        except StaleSessionError:
            token = self._renewed(token)
        try:
            return self._call(verb, method, writes=writes, token=token, **request)
        except StaleSessionError:
            raise SignInExpiredError("Bluesky no longer accepts our sign-in. Connect the channel again.") from None

    def _renewed(self, failed: str) -> str:
        self.secret = self.account.renewed(lambda newest: self._another_session(newest, failed))
        return self.secret.get("access", "")

    def _another_session(self, newest: Secret, failed: str) -> Secret:
        """The newest secret if another worker renewed it, else with a new session in it."""
        if newest.get("access") and newest["access"] != failed:
            return newest
        self.secret = newest
        session: Mapping[str, Any] = {}
        if newest.get("refresh"):
            try:
                session = self._call("POST", "com.atproto.server.refreshSession", writes=False, token=newest["refresh"])
            except (StaleSessionError, RejectedError):
                session = {}
        session = session or self.sign_in()
        with promised_shape(NAME):
            return dict(newest) | {"access": str(session["accessJwt"]), "refresh": str(session["refreshJwt"])}

    def _call(self, verb: str, method: str, *, writes: bool, token: str = "", **request: Any) -> dict[str, Any]:
        headers = dict(request.pop("headers", {}))
        if token:
            headers["authorization"] = f"Bearer {token}"
        url = f"{self.address}/xrpc/{method}"
        ask = self.request.get if verb == "GET" else self.request.post
        try:
            answer: Response = ask(url, headers=headers, **request)
        except RateLimitExceededError as error:
            self._note(error.response)
            raise _rate_limited(error) from None
        except RequestErrorBase as error:
            self._note(error.response)
            raise _refused(error, writes=writes) from None
        except httpx.HTTPError as error:
            raise _unreached(error, writes=writes) from None
        except ValueError:
            raise _broken(writes=writes) from None
        self._note(answer)
        if answer.content in (None, b"") and verb == "POST":
            return {}
        if not isinstance(answer.content, dict):
            raise _broken(writes=writes)
        return answer.content

    def _note(self, answer: Response | None) -> None:
        """What the headers state; they are the server's, for this account or this address."""
        if answer is None:
            return
        stated = [answer.headers.get(f"ratelimit-{name}", "") for name in ("limit", "remaining", "reset")]
        if all(one.isdigit() for one in stated):
            limit, remaining, reset = (int(one) for one in stated)
            self.account.note(Allowance(limit, remaining, dt.datetime.fromtimestamp(reset, dt.UTC)))


def _rate_limited(error: RateLimitExceededError) -> RateLimitedError:
    now = dt.datetime.now(dt.UTC)
    wait = error.retry_after
    until = error.reset_at or now + (dt.timedelta(seconds=min(wait, 86_400)) if wait is not None else USUAL_WAIT)
    return RateLimitedError(f"{NAME} asks us to wait until {until:%H:%M:%S} UTC (429).", until=until)


def _refused(error: RequestErrorBase, *, writes: bool) -> ConnectorError:
    answer = error.response
    if answer is None:
        return _unreached(error.__cause__ or error, writes=writes, timed_out=isinstance(error, InvokeTimeoutError))
    status, code = answer.status_code, str(getattr(answer.content, "error", "") or "")
    if status == httpx.codes.UNAUTHORIZED or code in STALE:
        return StaleSessionError("The session has expired.")
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        return TemporaryError(f"{NAME} failed ({status}).", may_have_happened=writes)
    return _refused_for_good(status, code, str(getattr(answer.content, "message", "") or "")[:200])


def _refused_for_good(status: int, code: str, said: str) -> ConnectorError:
    if code in CLOSED:
        return SignInExpiredError(f"{NAME} has closed our account for now ({code}). Look there what it says.")
    if code == "RecordNotFound" or said.startswith("Could not locate record"):
        return MissingError("This is not on Bluesky (any more).")
    if status == httpx.codes.FORBIDDEN:
        return RejectedError(f"{NAME} does not allow this for our account (403). Look at the app password's rights.")
    because = f"{status} {code}" + (f": {said}" if said else "")
    return RejectedError(f"{NAME} refuses this ({because.strip()}). Trying again will not help.")


def _unreached(error: BaseException, *, writes: bool, timed_out: bool = False) -> TemporaryError:
    never_began = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    what = "could not be reached" if never_began else "did not finish its answer"
    kind = "timeout" if timed_out else type(error).__name__
    return TemporaryError(f"{NAME} {what} ({kind}).", may_have_happened=writes and not never_began)


def _broken(*, writes: bool) -> TemporaryError:
    return TemporaryError(
        f"{NAME} answered with something that is not what it promises.",
        may_have_happened=writes,
    )
