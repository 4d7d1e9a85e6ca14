"""Signing in on Facebook for a Page, there and back: a person allows our app in, and the Page's own token is kept.

The token of the person that comes back is exchanged for a long one first: a Page's token made from a long one has no
date on which it ends (“Long-Lived Access Tokens”). It ends when that person leaves the Page, changes their password or
takes the consent back; a system user's token, made by hand, does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from choir.channels.contract import Account, Authorization, ConnectorError, RejectedError, SignInExpiredError
from choir.channels.exchange import Exchange, promised_shape
from choir.channels.graph.asking import ADDRESS, VERSION, Graph
from choir.channels.signing import consent_address

DIALOG = f"https://www.facebook.com/{VERSION}/dialog/oauth"
TOKENS = "/oauth/access_token"
MOST_PAGES = 100


def authorize(account: Account, *, scopes: str, redirect_to: str, state: str) -> Authorization:
    """Facebook's page on which a person chooses the Page. Where the app has a configuration of Facebook Login for
    Business, it says what is asked for instead of our scopes."""
    app_id, app_secret = _app(account)
    if not app_id or not app_secret:
        raise RejectedError("Fill in the app ID and the app secret: in the Meta app, App settings, Basic.")
    configuration = str(account.settings.get("login_configuration") or "").strip()
    extra = {"config_id": configuration} if configuration else {}
    asked = "" if configuration else scopes
    return Authorization(
        consent_address(DIALOG, client_id=app_id, redirect_to=redirect_to, state=state, scope=asked, **extra)
    )


def page_token(account: Account, code: str, *, network: str, redirect_to: str) -> str:
    """The token of the Page that was chosen, for the code a person came back with. Raises SignInExpiredError where Meta
    does not take it, RejectedError where it cannot be told which Page is meant."""
    app_id, app_secret = _app(account)
    exchange = Exchange(
        network=network,
        address=f"{account.settings.get('address') or ADDRESS}/{VERSION}",
        timeout_seconds=float(account.settings.get("timeout_seconds", 10)),
        explain=lambda response, writes: _refused(network, response.status_code),
    )
    app = {"client_id": app_id, "client_secret": app_secret}
    answer = exchange.post_form(TOKENS, app | {"code": code, "redirect_uri": redirect_to})
    if "expires_in" in answer:  # a person's; a system user's does not end
        with promised_shape(network):
            exchanged = {"grant_type": "fb_exchange_token", "fb_exchange_token": str(answer["access_token"])}
        answer = exchange.post_form(TOKENS, app | exchanged)
    with promised_shape(network):
        whose = Account("", "", account.settings, {"page_token": str(answer["access_token"]), "app_secret": app_secret})
        found = Graph(whose, network=network).get(
            "/me/accounts", fields="id,name,username,access_token", limit=MOST_PAGES
        )
        pages = found["data"]
        return str(_chosen(pages, str(account.settings.get("page") or ""))["access_token"])


def _chosen(pages: Sequence[Mapping[str, Any]], wanted: str) -> Mapping[str, Any]:
    """The one Page, or the one that was named."""
    if not pages:
        raise RejectedError(
            "No Page was allowed. Sign in again with somebody who manages the Page, and choose it there."
        )
    words = wanted.strip().lstrip("@").casefold()
    named = [one for one in pages if words in _names(one)] if words else list(pages)
    if len(named) == 1:
        return named[0]
    offered = ", ".join(f"“{one['name']}”" for one in pages)
    raise RejectedError(
        f"You allowed {offered}. A channel is one Page: write its name under “Page”, and sign in again."
    )


def _names(page: Mapping[str, Any]) -> set[str]:
    return {str(page.get(key) or "").casefold() for key in ("id", "name", "username")}


def _app(account: Account) -> tuple[str, str]:
    return str(account.settings.get("app_id") or "").strip(), account.secret.get("app_secret", "")


def _refused(network: str, status: int) -> ConnectorError | None:
    if status in (400, 401, 403):
        return SignInExpiredError(
            f"{network} did not take the consent: it was too old, or the app ID, its secret or the redirect address is "
            "not the app's. Compare them, and sign in again."
        )
    return None
