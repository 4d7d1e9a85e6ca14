"""Signing in on the network itself (OAuth's code flow): what is kept while a person is there, and how they come back.

Each time has a state of its own, signed and valid for a quarter of an hour. What was filled in waits, encrypted, in the
person's session under that state, and is taken out once: a state of somebody else's session, an old one, a made-up one
and one that was used already are all the same nothing.
"""

from __future__ import annotations

import secrets as random
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from json import dumps, loads
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

from choir.channels import secrets
from choir.channels.contract import Manifest, SignIn
from choir.channels.secrets import UnreadableSecretError
from choir.web.access import WorkspaceRequest
from choir.web.settings.connect_form import ACCOUNTABLE, ConnectForm

WAITING = "consents"
MOST_WAITING = 5
LONGEST_SECONDS = 15 * 60
SALT = "choir.consent"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person filled in before they went, and what the connector wants handed back."""

    workspace: str
    person: str
    connector: str
    channel_id: str = ""
    accountable_id: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    handed: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, request: WorkspaceRequest, form: ConnectForm, handed: Mapping[str, str] | None = None) -> Asked:
        """What stands in a valid form."""
        accountable = form.cleaned_data.get(ACCOUNTABLE)
        return cls(
            workspace=request.workspace.slug,
            person=str(request.person.pk),
            connector=form.manifest.slug,
            channel_id=str(form.channel.pk) if form.channel else "",
            accountable_id=str(accountable.pk) if accountable else "",
            settings=form.settings(),
            secret=form.secret(),
            handed=dict(handed or {}),
        )


def is_wanted(request: HttpRequest, manifest: Manifest) -> bool:
    """Whether the person wants to sign in on the network, and the connector knows how."""
    return SignIn.CODE in manifest.sign_in and request.POST.get("way") == SignIn.CODE


def return_address() -> str:
    """Where networks send people back: the same for all of them, as it has to be registered with some."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("settings_consent")


def state() -> str:
    """A new state, as it goes to the network."""
    return signing.dumps(random.token_urlsafe(24), salt=SALT)


def remember(request: HttpRequest, state: str, asked: Asked) -> None:
    """Keep what was filled in with the session, encrypted, until the person comes back; of several the newest."""
    waiting = dict(request.session.get(WAITING, {}))
    waiting[_nonce(state)] = b64encode(secrets.seal({"asked": dumps(asdict(asked))})).decode()
    request.session[WAITING] = dict(list(waiting.items())[-MOST_WAITING:])


def take_back(request: HttpRequest, state: str, *, person: str) -> Asked | None:
    """What this person filled in before they went with this state, once; None for any other state."""
    waiting = dict(request.session.get(WAITING, {}))
    sealed = waiting.pop(_nonce(state), None)
    if sealed is None:
        return None
    request.session[WAITING] = waiting
    try:
        asked = Asked(**loads(secrets.open_sealed(b64decode(sealed))["asked"]))
    except UnreadableSecretError:
        return None
    return asked if asked.person == person else None


def _nonce(state: str) -> str:
    try:
        return str(signing.loads(state, salt=SALT, max_age=LONGEST_SECONDS))
    except signing.BadSignature:
        return ""
