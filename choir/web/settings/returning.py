"""Coming back from a network's own sign-in: the account is a channel now, or the page says why not."""

from __future__ import annotations

from functools import partial

import structlog
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from choir.administration.connecting import ConnectingRefusedError
from choir.channels.contract import Authorizes, ConnectorError, SignedIn
from choir.channels.registry import manifests, unconnected
from choir.people.access import NotAllowedError
from choir.web.access import WorkspaceRequest, signed_in
from choir.web.settings import consent
from choir.web.settings.connecting import kept, said_to_who_waits

log = structlog.get_logger()

UNKNOWN = (
    "This sign-in was not begun here, was used already, or took longer than a quarter of an hour. Nothing was kept. "
    "Begin again under Settings, Channels."
)


@signed_in
@require_safe
def returned(request: WorkspaceRequest) -> HttpResponse:
    """`?code=…&state=…` from the network, or `?error=…`."""
    asked = consent.take_back(request, request.GET.get("state", ""), person=str(request.person.pk))
    workspace = next((one for one in request.person.workspaces if asked and one.slug == asked.workspace), None)
    if asked is None or workspace is None or asked.connector not in manifests():
        messages.error(request, UNKNOWN)
        return redirect("/")
    request.workspace = workspace
    try:
        return kept(request, asked, _redeemed(request, asked))
    except ConnectorError as refused:
        messages.error(request, f"Nothing was kept. {said_to_who_waits(refused)}")
    except (ConnectingRefusedError, NotAllowedError) as refused:
        messages.error(request, f"Nothing was kept. {refused}")
    except Exception as error:  # a connector's own mistake is no reason for a page that fails
        log.exception("connect.connector_failed", connector=asked.connector)
        messages.error(request, f"Nothing was kept. The connector failed ({type(error).__name__}). Report it.")
    return redirect(_page(asked))


def _redeemed(request: WorkspaceRequest, asked: consent.Asked) -> SignedIn:
    """Whose account it is. Raises ConnectorError with the reason in words."""
    name = manifests()[asked.connector].name
    if error := request.GET.get("error", ""):
        raise ConnectorError(_in_words(name, error))
    connector: object = unconnected(asked.connector, settings=asked.settings, secret=asked.secret)
    assert isinstance(connector, Authorizes)
    redeem = partial(connector.redeem, redirect_to=consent.return_address(), kept=asked.handed)
    return redeem(request.GET.get("code", ""))


def _in_words(name: str, error: str) -> str:
    """What the codes of RFC 6749 §4.1.2.1 mean."""
    if error == "access_denied":
        return f"{name} says that it was not allowed. Sign in again, and allow what Choir asks for."
    if error in ("server_error", "temporarily_unavailable"):
        return f"{name} has a failure of its own. Try again in some minutes."
    shown = "".join(letter for letter in error if letter.isalnum() or letter in "_-. ")[:60]
    return (
        f"{name} refused the sign-in ({shown}). Compare the app's ID, its secret and the return address with the app."
    )


def _page(asked: consent.Asked) -> str:
    if asked.channel_id:
        told = {"workspace": asked.workspace, "channel": asked.channel_id}
        return reverse("settings_channel_sign_in", kwargs=told)
    return reverse("settings_connect", kwargs={"workspace": asked.workspace, "connector": asked.connector})
