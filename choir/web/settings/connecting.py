"""Connecting an account: a page for every connector, made of what its manifest asks for. What is filled in is tried
before it is kept; why it did not work stands on the page."""

from __future__ import annotations

import re
import secrets
import uuid
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any

import structlog
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from choir.administration.connecting import (
    ConnectingRefusedError,
    connect_channel,
    disconnect,
    pause,
    reconnect_channel,
    resume,
)
from choir.channels.contract import ConnectorError, Field, FieldKind, Manifest, SignedIn, SignIn, SignsIn
from choir.channels.models import Channel
from choir.channels.registry import FOLDER, manifests, unconnected
from choir.people.models import Organisation
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.settings.frame import frame

log = structlog.get_logger()

MANAGES = requires(Permission.CHANNEL_MANAGE, at_least=Reach.WORKSPACE)
ACCOUNTABLE = "accountable_department"
SECRET_BYTES = 32


def offered() -> list[Manifest]:
    """Connectors that a person can connect here, by name."""
    return sorted((one for one in manifests().values() if SignIn.FIELDS in one.sign_in), key=lambda one: one.name)


class ConnectForm(forms.Form):
    """What a connector asks for, and who answers for the channel. Of a channel that is connected again, what is known
    stands there already, except secrets."""

    def __init__(
        self, *args: Any, manifest: Manifest, organisation: Organisation, channel: Channel | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.manifest = manifest
        for one in manifest.fields:
            self.fields[one.name] = _field(one, channel)
        if channel is None:
            self.fields[ACCOUNTABLE] = forms.ModelChoiceField(
                organisation.departments.all(),
                label="Accountable department",
                help_text="Answers for this channel: its tone, its figures, and what nobody else owns.",
            )

    @property
    def plain(self) -> list[forms.BoundField]:
        """What everybody fills in."""
        return [self[name] for name in self.fields if name not in self._advanced]

    @property
    def advanced(self) -> list[forms.BoundField]:
        """What most people leave alone."""
        return [self[name] for name in self.fields if name in self._advanced]

    @property
    def _advanced(self) -> set[str]:
        return {one.name for one in self.manifest.fields if one.is_advanced}

    def settings(self) -> dict[str, Any]:
        """What is kept as it is."""
        return {one.name: self.cleaned_data[one.name] for one in self.manifest.fields if not one.is_secret}

    def secret(self) -> dict[str, str]:
        """What is kept sealed."""
        stated = {one.name: self.cleaned_data[one.name] for one in self.manifest.fields if one.is_secret}
        return {name: value for name, value in stated.items() if value}


def _field(one: Field, channel: Channel | None) -> forms.Field:
    stated: dict[str, Any] = {"label": one.label, "help_text": one.help, "required": one.is_required}
    if channel is not None and not one.is_secret:
        stated["initial"] = channel.settings.get(one.name)
    made = KINDS.get(one.kind)
    if made is not None:
        return made(one, stated)
    widget = forms.PasswordInput(attrs={"autocomplete": "off"}) if one.is_secret else forms.TextInput()
    return forms.CharField(widget=widget, max_length=2000, **stated)


def _choice(one: Field, stated: dict[str, Any]) -> forms.Field:
    choices = [("", "Found by itself"), *((option, option.upper()) for option in one.options)]
    return forms.ChoiceField(choices=choices, **stated)


def fresh_secret() -> str:
    """A signing secret as Standard Webhooks writes it."""
    return "whsec_" + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


KINDS: dict[FieldKind, Callable[[Field, dict[str, Any]], forms.Field]] = {
    FieldKind.FLAG: lambda _, stated: forms.BooleanField(**(stated | {"required": False})),
    FieldKind.CHOICE: _choice,
    FieldKind.NUMBER: lambda _, stated: forms.IntegerField(min_value=1, max_value=65535, **stated),
    FieldKind.EMAIL: lambda _, stated: forms.EmailField(**stated),
    FieldKind.LINES: lambda _, stated: forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, **stated
    ),
    FieldKind.GENERATED: lambda _, stated: forms.CharField(initial=fresh_secret, max_length=400, **stated),
}


@MANAGES
def connectors(request: WorkspaceRequest) -> HttpResponse:
    """Which network?"""
    return answer(request, "settings/connectors.html", frame(request, "channels", offered=offered()))


@MANAGES
def connect(request: WorkspaceRequest, connector: str) -> HttpResponse:
    """Fill in, try, keep."""
    manifest = next((one for one in offered() if one.slug == connector), None)
    if manifest is None:
        raise Http404("There is no such connector.")
    organisation = request.workspace.organisation
    form = ConnectForm(request.POST or None, manifest=manifest, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        signed_in = _tried(form)
        if signed_in is not None:
            try:
                made = connect_channel(
                    request.workspace,
                    connector=connector,
                    signed_in=signed_in,
                    settings=form.settings(),
                    secret=form.secret(),
                    accountable=form.cleaned_data[ACCOUNTABLE],
                    by=request.person,
                    at=timezone.now(),
                )
            except ConnectingRefusedError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, f"{made.name} is connected. What is said there arrives from now on.")
                return redirect("settings_channel", workspace=request.workspace.slug, channel=made.pk)
    return _asked(request, form, manifest)


@MANAGES
def reconnect(request: WorkspaceRequest, channel: uuid.UUID) -> HttpResponse:
    """The same page for a channel whose sign-in has to be renewed."""
    found = _of(request, channel)
    manifest = next((one for one in offered() if one.slug == found.connector), None)
    if manifest is None:
        raise Http404("This channel has no sign-in.")
    organisation = request.workspace.organisation
    form = ConnectForm(request.POST or None, manifest=manifest, organisation=organisation, channel=found)
    if request.method == "POST" and form.is_valid():
        signed_in = _tried(form)
        if signed_in is not None:
            try:
                reconnect_channel(
                    found,
                    signed_in=signed_in,
                    settings=form.settings(),
                    secret=form.secret(),
                    by=request.person,
                    at=timezone.now(),
                )
            except ConnectingRefusedError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, f"{found.name} is signed in again, and goes on where it stopped.")
                return redirect("settings_channel", workspace=request.workspace.slug, channel=found.pk)
    return _asked(request, form, manifest, channel=found)


def _asked(
    request: WorkspaceRequest, form: ConnectForm, manifest: Manifest, channel: Channel | None = None
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = frame(request, "channels", form=form, manifest=manifest, channel=channel, setup=setup_of(manifest.slug))
    return answer(request, "settings/connect.html", context, status=status)


def _tried(form: ConnectForm) -> SignedIn | None:
    """Whose account it opens; None, with the reason on the form, when it opens none."""
    try:
        connector: object = unconnected(form.manifest.slug, settings=form.settings(), secret=form.secret())
        assert isinstance(connector, SignsIn)
        return connector.sign_in()
    except ConnectorError as error:
        form.add_error(None, f"Nothing was kept. {error}")
    except Exception as error:  # a connector's own mistake is no reason for a page that fails
        log.exception("connect.connector_failed", connector=form.manifest.slug)
        form.add_error(
            None,
            f"Nothing was kept. The connector “{form.manifest.name}” failed ({type(error).__name__}). Check what is "
            "filled in; if it stays so, report it.",
        )
    return None


@cache
def setup_of(slug: str) -> list[str]:
    """What has to be done first, in paragraphs: the setting up of the connector's README, without its markup."""
    text = (FOLDER / slug / "README.md").read_text(encoding="utf-8")
    found = re.search(r"\*\*Setup\.\*\*\s*(.*?)(?=\n\n|\Z)|## Setting up\s*\n(.*?)(?=\n## |\Z)", text, re.DOTALL)
    if found is None:
        return []
    plain = re.sub(r"\[([^\]]+)\]\([^)]+\)|[*`<>]", lambda match: match[1] or "", found[1] or found[2])
    parts = re.split(r"\n\n|\n(?=\d\. )", plain)
    return [" ".join(part.split()) for part in parts if part.strip()]


def _change(request: WorkspaceRequest, channel: uuid.UUID, change: Callable[..., None], said: str) -> HttpResponse:
    found = _of(request, channel)
    try:
        change(found, by=request.person, at=timezone.now())
    except ConnectingRefusedError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said % {"name": found.name})
    return redirect("settings_channel", workspace=request.workspace.slug, channel=found.pk)


@require_POST
@MANAGES
def pausing(request: WorkspaceRequest, channel: uuid.UUID) -> HttpResponse:
    """Neither hears nor speaks until somebody has it go on."""
    return _change(request, channel, pause, "%(name)s is paused.")


@require_POST
@MANAGES
def resumption(request: WorkspaceRequest, channel: uuid.UUID) -> HttpResponse:
    """Goes on where it stopped."""
    return _change(request, channel, resume, "%(name)s goes on where it stopped.")


@require_POST
@MANAGES
def disconnection(request: WorkspaceRequest, channel: uuid.UUID) -> HttpResponse:
    """Forgets the sign-in; keeps what was heard."""
    return _change(request, channel, disconnect, "%(name)s is disconnected. What was heard stays.")


def _of(request: WorkspaceRequest, channel: uuid.UUID) -> Channel:
    return get_object_or_404(Channel.objects.select_related("workspace"), pk=channel, workspace=request.workspace)
