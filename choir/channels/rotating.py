"""Bearer tokens whose refresh token works once: a renewal is kept before it is used, and one worker renews for all."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

import httpx

from choir.channels.contract import Account, ConnectorError, SignInExpiredError, TemporaryError
from choir.channels.contract.account import Secret
from choir.channels.exchange import Exchange, promised_shape

ACCESS, REFRESH = "access", "refresh"
"""Under these names the two tokens are kept in an account's secret."""


class RotatingBearer(httpx.Auth):
    """OAuth 2.0 with rotating refresh tokens (RFC 6749 §6). A refused token is renewed once, and the request asked
    again: a refused request has done nothing. `secret` is the newest that is known here."""

    requires_response_body = True

    def __init__(self, account: Account, *, network: str, token_address: str, client: tuple[str, str]) -> None:
        self._account, self._network, self._client = account, network, client
        self._token_address = token_address
        self.secret: Secret = account.secret

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Ask with the token there is; renew it when there is none or it is refused."""
        token = self.secret.get(ACCESS, "")
        if token:
            response = yield _bearing(request, token)
            if response.status_code != httpx.codes.UNAUTHORIZED:
                return
        self.secret = self._account.renewed(partial(self._renewed, failed=token))
        yield _bearing(request, self.secret[ACCESS])

    def _renewed(self, newest: Secret, *, failed: str) -> Secret:
        """The newest secret if another worker renewed it, else with another pair of tokens in it. Raises
        SignInExpiredError when the refresh token is worth nothing any more."""
        if newest.get(ACCESS) and newest[ACCESS] != failed:
            return newest
        where, _, last = self._token_address.rpartition("/")
        exchange = Exchange(
            network=self._network,
            address=where,
            timeout_seconds=float(self._account.settings.get("timeout_seconds", 10)),
            auth=httpx.BasicAuth(*self._client),
            explain=self._refused,
        )
        said = {"grant_type": "refresh_token", "refresh_token": newest.get(REFRESH, "")}
        try:
            answer = exchange.post_form(f"/{last}", said)
            with promised_shape(self._network):
                access, refresh = str(answer["access_token"]), str(answer.get("refresh_token") or newest[REFRESH])
        except TemporaryError as error:
            raise TemporaryError(error.words, may_have_happened=False) from None  # what was asked for was not even sent
        return dict(newest) | {ACCESS: access, REFRESH: refresh}

    def _refused(self, response: httpx.Response, writes: bool) -> ConnectorError | None:
        if response.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return SignInExpiredError(
                f"{self._network} no longer accepts our sign-in: the consent was taken back, or the app's secret is "
                "another one now. Sign in again."
            )
        return None


def _bearing(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["authorization"] = f"Bearer {token}"
    return request
