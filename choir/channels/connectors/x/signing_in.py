"""Signing in on X: by being sent there and back (OAuth 2.0 with a proof key), or with the four keys of X's console
(OAuth 1.0a), which do not run out and alone open pictures in direct messages."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from choir.channels.contract import Account, Authorization, Located, RejectedError
from choir.channels.contract.account import Secret
from choir.channels.rotating import REFRESH, RotatingBearer
from choir.channels.signing import OAuth1, Proof, consent_address, redeemed

ADDRESS = "https://api.x.com"
CONSENT = "https://x.com/i/oauth2/authorize"
SCOPES = "tweet.read tweet.write tweet.moderate.write users.read dm.read dm.write media.write offline.access"
PRIVATE_HOSTS = ("ton.twitter.com", "ton.x.com")  # where pictures of direct messages lie
KEYS = ("api_key", "api_key_secret", "access_token", "access_token_secret")


def address_of(account: Account) -> str:
    """X's interface, or what stands in for it."""
    return str(account.settings.get("address") or ADDRESS)


def auth_of(account: Account) -> httpx.Auth:
    """How requests are signed: with what a person brought back from X, else with the keys filled in."""
    if account.secret.get(REFRESH):
        return RotatingBearer(
            account, network="X", token_address=f"{address_of(account)}/2/oauth2/token", client=_client(account)
        )
    return _signature(account)


def require_keys(account: Account) -> None:
    """Raises RejectedError where there is nothing to try."""
    if not account.secret.get(REFRESH) and not all(account.secret.get(key) for key in KEYS):
        raise RejectedError("Fill in all four: API key, API key secret, access token, access token secret.")


def authorize(account: Account, *, redirect_to: str, state: str) -> Authorization:
    """X's page on which our account allows the app in."""
    client_id, client_secret = _client(account)
    if not client_id or not client_secret:
        raise RejectedError(
            "Fill in the client ID and the client secret of the app: in X's console under Keys and tokens, OAuth 2.0."
        )
    proof = Proof.fresh()
    asked = consent_address(
        CONSENT, client_id=client_id, redirect_to=redirect_to, state=state, scope=SCOPES, **proof.challenge
    )
    return Authorization(asked, kept={"verifier": proof.verifier})


def redeem(account: Account, code: str, *, redirect_to: str, kept: Secret) -> Secret:
    """The tokens that what a person brought back opens."""
    token = redeemed(
        f"{address_of(account)}/2/oauth2/token",
        network="X",
        code=code,
        redirect_to=redirect_to,
        client=_client(account),
        headers={},
        verifier=kept.get("verifier", ""),
    )
    return {REFRESH: token}


def located(account: Account, url: str) -> Located:
    """Where a picture of a direct message is, signed as X wants it (“Retrieving media” of its direct messages)."""
    if urlsplit(url).hostname not in (*PRIVATE_HOSTS, urlsplit(address_of(account)).hostname):
        return Located(url)
    if not all(account.secret.get(key) for key in KEYS):
        raise RejectedError(
            "X gives pictures in direct messages only to the app's four keys, not to who signed in there. Fill them in "
            "under Settings, Channels, or look at it on X."
        )
    return Located(url, {"authorization": _signature(account).header(httpx.Request("GET", url))})


def _client(account: Account) -> tuple[str, str]:
    return str(account.settings.get("client_id") or ""), account.secret.get("client_secret", "")


def _signature(account: Account) -> OAuth1:
    key, key_secret, token, token_secret = (account.secret.get(name, "") for name in KEYS)
    return OAuth1(key=key, key_secret=key_secret, token=token, token_secret=token_secret)
