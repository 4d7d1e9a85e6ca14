"""Signing in on a server of the Mastodon API: an app of ours is registered, a person allows it in, and what the server
takes is read from it."""

from __future__ import annotations

from urllib.parse import urlsplit

from mastodon import Mastodon

from choir.channels.connectors.mastodon import mapping
from choir.channels.connectors.mastodon.server import Server, refusals
from choir.channels.connectors.mastodon.writing import USUAL_CHARACTERS
from choir.channels.contract import Account, Authorization, RejectedError, SignedIn
from choir.channels.contract.account import Secret
from choir.channels.exchange import promised_shape

SCOPES = ["read", "write:statuses", "write:media", "write:reports"]
NAME = "the Mastodon server"


def signed_in(server: Server) -> SignedIn:
    """Whose token it is, and what its server takes."""
    me = server.asked(server.client.account_verify_credentials)
    with promised_shape(NAME):
        return SignedIn(
            external_id=mapping.author_of(me).external_id,
            handle=str(me["acct"]),
            name=str(me.get("display_name") or ""),
            settings={"account_id": str(me["id"]), "limits": limits(server)},
        )


def authorize(server: Server, *, redirect_to: str, state: str) -> Authorization:
    """Register Choir with the server, and send the person there."""
    with refusals(server.answers, writes=False):
        client_id, client_secret = Mastodon.create_app(
            "Choir",
            scopes=SCOPES,
            redirect_uris=redirect_to,
            api_base_url=server.address,
            session=server.answers,
        )
        server.client.client_id, server.client.client_secret = client_id, client_secret
        url = server.client.auth_request_url(
            redirect_uris=redirect_to,
            scopes=SCOPES,
            state=state,
            skip_server_info=True,
            allow_http=_is_loopback(server.address),
        )
    return Authorization(url=url, kept={"client_id": client_id, "client_secret": client_secret})


def redeem(account: Account, code: str, *, redirect_to: str, kept: Secret) -> SignedIn:
    """Exchange what the person brought back for a token, and see whose it is."""
    server = Server(account)
    server.client.client_id, server.client.client_secret = kept["client_id"], kept["client_secret"]
    with refusals(server.answers, writes=False):
        token = server.client.log_in(
            code=code, redirect_uri=redirect_to, scopes=SCOPES, allow_http=_is_loopback(server.address)
        )
    secret = dict(kept) | {"access_token": token}
    found = signed_in(Server(Account("", "", account.settings, secret, note=account.note)))
    return SignedIn(found.external_id, found.handle, found.name, found.settings, secret)


def limits(server: Server) -> dict[str, int]:
    """What the server states it takes, in either version of the call, or Mastodon's own figures."""
    try:
        instance = server.asked(server.client.instance_v2)
    except RejectedError:
        instance = server.asked(server.client.instance_v1)
    with promised_shape(NAME):
        stated = instance.get("configuration") or {}
        statuses, media = stated.get("statuses") or {}, stated.get("media_attachments") or {}
        most = int(statuses.get("max_characters") or instance.get("max_toot_chars") or USUAL_CHARACTERS)
        return {
            "reply_characters": most,
            "direct_characters": most,
            "attachments_count": int(statuses.get("max_media_attachments") or 4),
            "alt_text_characters": int(media.get("description_limit") or 1500),
            "attachment_bytes": int(media.get("image_size_limit") or 8 * 1024 * 1024),
        }


def _is_loopback(address: str) -> bool:
    """A server on this machine: the only one that people are sent to without encryption."""
    return urlsplit(address).hostname in ("127.0.0.1", "::1", "localhost")
