"""Signing what we ask a network: OAuth 1.0a signatures, and bearer tokens that are renewed with a refresh token.

A token that was made from a refresh token is kept in this process until the network refuses it; nothing is written
down, and no secret shows in a repr.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote

import httpx

from choir.channels.contract import ConnectorError, RejectedError, SignInExpiredError, TemporaryError
from choir.channels.exchange import Exchange

_ACCESS: dict[bytes, str] = {}  # digest of the refresh token → the access token made from it


class OAuth1(httpx.Auth):
    """OAuth 1.0a with HMAC-SHA1 (RFC 5849 §3). Bodies that are not forms are not part of the signature (§3.4.1.3.1);
    ours are JSON."""

    def __init__(self, *, key: str, key_secret: str, token: str, token_secret: str) -> None:
        self._key, self._token = key, token
        self._signs_with = f"{_escaped(key_secret)}&{_escaped(token_secret)}".encode()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign one request."""
        request.headers["authorization"] = self.header(request)
        yield request

    def header(self, request: httpx.Request) -> str:
        """The signature of one request, now."""
        stated = self.parameters(request, nonce=secrets.token_hex(16), timestamp=str(int(time.time())))
        shown = ", ".join(f'{name}="{_escaped(value)}"' for name, value in stated.items())
        return f"OAuth {shown}"

    def parameters(self, request: httpx.Request, *, nonce: str, timestamp: str) -> dict[str, str]:
        """What goes into the Authorization header."""
        stated = {
            "oauth_consumer_key": self._key,
            "oauth_nonce": nonce,
            "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": timestamp,
            "oauth_token": self._token,
            "oauth_version": "1.0",
        }
        query = parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True)
        pairs = sorted((_escaped(name), _escaped(value)) for name, value in [*query, *stated.items()])
        normalised = "&".join(f"{name}={value}" for name, value in pairs)
        address = str(request.url.copy_with(query=None, fragment=None))
        base = "&".join(_escaped(part) for part in (request.method.upper(), address, normalised))
        digest = hmac.new(self._signs_with, base.encode("ascii"), hashlib.sha1).digest()
        return stated | {"oauth_signature": base64.b64encode(digest).decode("ascii")}


class RefreshedBearer(httpx.Auth):
    """OAuth 2.0 bearer tokens made from a refresh token (RFC 6749 §6). A refused token is renewed once, and the
    request asked again: a refused request has done nothing."""

    requires_response_body = True

    def __init__(
        self,
        *,
        network: str,
        token_address: str,
        refresh_token: str,
        client: tuple[str, str],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._network, self._token_address, self._headers = network, token_address, dict(headers or {})
        self._refresh_token, self._client = refresh_token, client
        self._place = hashlib.sha256("\n".join((token_address, refresh_token, *client)).encode()).digest()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Ask with the token there is; renew it when there is none or it is refused."""
        if self._place in _ACCESS:
            request.headers["authorization"] = f"Bearer {_ACCESS[self._place]}"
            response = yield request
            if response.status_code != httpx.codes.UNAUTHORIZED:
                return
        answer = yield self._renewal()
        _ACCESS[self._place] = self._renewed(answer)
        request.headers["authorization"] = f"Bearer {_ACCESS[self._place]}"
        yield request

    def _renewal(self) -> httpx.Request:
        said = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        words = base64.b64encode(":".join(self._client).encode()).decode()
        headers = self._headers | {"authorization": f"Basic {words}"}
        return httpx.Request("POST", self._token_address, data=said, headers=headers)

    def _renewed(self, answer: httpx.Response) -> str:
        """The new access token. Raises SignInExpiredError when the refresh token is worth nothing any more."""
        if answer.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            _ACCESS.pop(self._place, None)
            raise SignInExpiredError(
                f"{self._network} no longer accepts our sign-in: the consent was taken back, or the app's key or "
                "secret is wrong. Connect the channel again."
            )
        try:
            token = answer.json()["access_token"]
        except (ValueError, KeyError, TypeError):
            token = ""
        if not answer.is_success or not isinstance(token, str) or not token:
            raise TemporaryError(
                f"{self._network} could not renew our sign-in ({answer.status_code}).",
                may_have_happened=False,
            )
        return token


@dataclass(frozen=True, slots=True)
class Proof:
    """That whoever brings a code back is whoever asked for it (PKCE, RFC 7636, method S256)."""

    verifier: str = field(repr=False)

    @classmethod
    def fresh(cls) -> Proof:
        """One that was never used."""
        return cls(secrets.token_urlsafe(48))

    @property
    def challenge(self) -> dict[str, str]:
        """What goes along when the person is sent there."""
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        words = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
        return {"code_challenge": words, "code_challenge_method": "S256"}


def consent_address(page: str, *, client_id: str, redirect_to: str, state: str, scope: str, **also: str) -> str:
    """Where a person goes to allow us in (RFC 6749 §4.1.1). `also` is what this network wants besides; `scope` may be
    empty where that says what is asked for."""
    asked = {"response_type": "code", "client_id": client_id, "redirect_uri": redirect_to, "state": state}
    return f"{page}?{httpx.QueryParams(asked | ({'scope': scope} if scope else {}) | also)}"


def redeemed(
    token_address: str,
    *,
    network: str,
    code: str,
    redirect_to: str,
    client: tuple[str, str],
    headers: Mapping[str, str],
    verifier: str = "",
    timeout_seconds: float = 10,
) -> str:
    """The refresh token for the code a person came back with (RFC 6749 §4.1.3), and the `verifier` of its proof. Raises
    SignInExpiredError where the network does not take the code, RejectedError where it gives no refresh token."""
    exchange = Exchange(
        network=network,
        address=token_address.rsplit("/", 1)[0],
        headers=headers,
        timeout_seconds=timeout_seconds,
        auth=httpx.BasicAuth(*client),
        explain=_code_refused,
    )
    said = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_to}
    if verifier:
        said["code_verifier"] = verifier
    token = exchange.post_form("/" + token_address.rsplit("/", 1)[1], said).get("refresh_token")
    if not isinstance(token, str) or not token:
        raise RejectedError(f"{network} gave no lasting consent. Sign in again, and allow everything it asks.")
    return token


def _code_refused(response: httpx.Response, writes: bool) -> ConnectorError | None:
    if response.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return SignInExpiredError(
            "The consent was not taken: it was too old, or the client ID, its secret or the redirect address are not "
            "those of the app. Compare them, and sign in again."
        )
    return None


def _escaped(value: str) -> str:
    """Percent-encoding of RFC 5849 §3.6."""
    return quote(value, safe="-._~")
