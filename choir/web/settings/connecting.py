"""Connecting an account: a page for every connector, made of what its manifest asks for. What is filled in is tried
before it is kept; why it did not work stands on the page."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from choir.administration.connecting import (
    ConnectingRefusedError,
    connect_channel,
    disconnect,
    pause,
    reconnect_channel,
    resume,
)
from choir.channels.contract import Authorizes, ConnectorError, Manifest, SignedIn, SignIn, SignsIn, TemporaryError
from choir.channels.models import Channel
from choir.channels.registry import manifests, unconnected
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.settings import consent
from choir.web.settings.abilities import abilities
from choir.web.settings.connect_form import ConnectForm
from choir.web.settings.frame import frame
from choir.web.settings.setup import setup_of

log = structlog.get_logger()
Answer = TypeVar("Answer")

MANAGES = requires(Permission.CHANNEL_MANAGE, at_least=Reach.WORKSPACE)


def offered() -> list[Manifest]:
    """Connectors that a person can connect here, by name."""
    return sorted((one for one in manifests().values() if one.sign_in), key=lambda one: one.name)


@MANAGES
def connectors(request: WorkspaceRequest) -> HttpResponse:
    """Which network?"""
    groups = [
        (gettext("In a minute"), [(one, abilities(one)) for one in offered() if not one.needs_app]),
        (
            gettext("With an app of your own, registered there first"),
            [(one, abilities(one)) for one in offered() if one.needs_app],
        ),
    ]
    return answer(request, "settings/connectors.html", frame(request, "channels", groups=groups))


@MANAGES
def connect(request: WorkspaceRequest, connector: str) -> HttpResponse:
    """Fill in, try, keep."""
    manifest = next((one for one in offered() if one.slug == connector), None)
    if manifest is None:
        raise Http404("There is no such connector.")
    organisation = request.workspace.organisation
    form = ConnectForm(request.POST or None, manifest=manifest, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        if consent.is_wanted(request, manifest):
            return _sent_there(request, form)
        signed_in = _tried(form)
        if signed_in is not None:
            asked = consent.Asked.of(request, form)
            try:
                return kept(request, asked, signed_in)
            except ConnectingRefusedError as refused:
                form.add_error(None, str(refused))
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
        if consent.is_wanted(request, manifest):
            return _sent_there(request, form)
        signed_in = _tried(form)
        if signed_in is not None:
            try:
                return kept(request, consent.Asked.of(request, form), signed_in)
            except ConnectingRefusedError as refused:
                form.add_error(None, str(refused))
    return _asked(request, form, manifest, channel=found)


def kept(request: WorkspaceRequest, asked: consent.Asked, signed_in: SignedIn) -> HttpResponse:
    """The account is a channel, new or again. Raises ConnectingRefusedError."""
    told: dict[str, Any] = {"signed_in": signed_in, "settings": asked.settings, "secret": asked.secret}
    if asked.channel_id:
        found = _of(request, uuid.UUID(asked.channel_id))
        reconnect_channel(found, **told, by=request.person, at=timezone.now())
        messages.success(request, f"{found.name} is signed in again, and goes on where it stopped.")
    else:
        departments = request.workspace.organisation.departments
        found = connect_channel(
            request.workspace,
            connector=asked.connector,
            **told,
            accountable=get_object_or_404(departments, pk=asked.accountable_id),
            by=request.person,
            at=timezone.now(),
        )
        messages.success(request, f"{found.name} is connected. What is said there arrives from now on.")
    return redirect("settings_channel", workspace=request.workspace.slug, channel=found.pk)


def _sent_there(request: WorkspaceRequest, form: ConnectForm) -> HttpResponse:
    """The page from which the person goes to the network; the form again, with the reason, where that cannot be."""
    connector: object = unconnected(form.manifest.slug, settings=form.settings(), secret=form.secret())
    assert isinstance(connector, Authorizes)
    state = consent.state()
    found = _safely(form, partial(connector.authorize, redirect_to=consent.return_address(), state=state))
    if found is None:
        return _asked(request, form, form.manifest, channel=form.channel)
    consent.remember(request, state, consent.Asked.of(request, form, handed=found.kept))
    context = frame(request, "channels", manifest=form.manifest, url=found.url, host=urlsplit(found.url).hostname)
    return answer(request, "settings/leaving.html", context)


def _asked(
    request: WorkspaceRequest, form: ConnectForm, manifest: Manifest, channel: Channel | None = None
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = frame(
        request,
        "channels",
        form=form,
        manifest=manifest,
        channel=channel,
        setup=setup_of(manifest.slug),
        by_consent=SignIn.CODE in manifest.sign_in,
        return_address=consent.return_address(),
        asks_for_app=manifest.needs_app and SignIn.CODE in manifest.sign_in,
    )
    return answer(request, "settings/connect.html", context, status=status)


def _tried(form: ConnectForm) -> SignedIn | None:
    """Whose account it opens; None, with the reason on the form, when it opens none."""
    connector: object = unconnected(form.manifest.slug, settings=form.settings(), secret=form.secret())
    assert isinstance(connector, SignsIn)
    return _safely(form, connector.sign_in)


def _safely(form: ConnectForm, ask: Callable[[], Answer]) -> Answer | None:
    """What the network says; None, with the reason on the form, when it says no."""
    try:
        return ask()
    except ConnectorError as error:
        form.add_error(None, f"Nothing was kept. {said_to_who_waits(error)}")
    except Exception as error:  # a connector's own mistake is no reason for a page that fails
        log.exception("connect.connector_failed", connector=form.manifest.slug)
        form.add_error(
            None,
            f"Nothing was kept. The connector “{form.manifest.name}” failed ({type(error).__name__}). Check what is "
            "filled in; if it stays so, report it.",
        )
    return None


def said_to_who_waits(error: ConnectorError) -> str:
    """A failure in words for somebody who tries just now: here nothing is tried again by itself."""
    if not isinstance(error, TemporaryError):
        return error.words
    return (
        f"{error.words} Try again in a moment; if it stays so, check the addresses, and that this server reaches them."
    )


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
