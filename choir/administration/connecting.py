"""Our accounts on networks: connect, connect again, pause, go on, disconnect. What was heard always stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from choir.channels.contract import Capability, SignedIn
from choir.channels.models import Channel, ChannelState
from choir.channels.registry import manifest
from choir.events.actions import record
from choir.people.models import Department, Person, Workspace
from choir.people.policy import Permission
from choir.wake import Step, wake


class ConnectingRefusedError(Exception):
    """The account cannot be connected like this; the text says why and what to do."""


@transaction.atomic
def connect_channel(
    workspace: Workspace,
    *,
    connector: str,
    signed_in: SignedIn,
    settings: Mapping[str, Any],
    secret: Mapping[str, str],
    accountable: Department,
    by: Person,
    at: dt.datetime,
) -> Channel:
    """The account is a channel of the workspace, hears and speaks from now on, and a department answers for it. An
    account that was connected before is the same channel again, with its history and its place."""
    by.access.require(Permission.CHANNEL_MANAGE, workspace_id=workspace.pk)
    if accountable.organisation_id != workspace.organisation_id:
        raise ConnectingRefusedError("There is no such department in your organisation.")
    known = Channel.objects.select_for_update().filter(
        workspace=workspace, connector=connector, external_id=signed_in.external_id
    )
    channel = known.first() or Channel(
        workspace=workspace,
        connector=connector,
        external_id=signed_in.external_id,
        network=str(settings.get("network") or connector)[:40],
        name=_free_name(workspace, signed_in.name or signed_in.handle or manifest(connector).name),
    )
    is_new = channel._state.adding
    channel.accountable = accountable
    _open(channel, signed_in=signed_in, settings=settings, secret=secret, at=at)
    _record("channel.connected" if is_new else "channel.reconnected", channel, by=by, at=at)
    return channel


@transaction.atomic
def reconnect_channel(
    channel: Channel,
    *,
    signed_in: SignedIn,
    settings: Mapping[str, Any],
    secret: Mapping[str, str],
    by: Person,
    at: dt.datetime,
) -> None:
    """The channel's sign-in is renewed: it goes on where it stopped, and answers that waited leave. Refuses another
    account than the channel's."""
    by.access.require(Permission.CHANNEL_MANAGE, workspace_id=channel.workspace_id)
    if signed_in.external_id != channel.external_id:
        raise ConnectingRefusedError(
            f"This opens {signed_in.handle or signed_in.external_id}, but the channel is "
            f"{channel.handle or channel.external_id}. Connect the other account as a channel of its own."
        )
    row = Channel.objects.select_for_update().get(pk=channel.pk)
    _open(row, signed_in=signed_in, settings=settings, secret=secret, at=at)
    _record("channel.reconnected", row, by=by, at=at)


def _open(
    channel: Channel, *, signed_in: SignedIn, settings: Mapping[str, Any], secret: Mapping[str, str], at: dt.datetime
) -> None:
    stated = manifest(channel.connector)
    channel.handle = signed_in.handle[:200]
    channel.settings = dict(settings) | dict(signed_in.settings)
    channel.seal_secret(dict(secret) | dict(signed_in.secret))
    channel.fetch_due_at = at if stated.fetch_every_seconds else None
    channel.stream_due_at = at if Capability.STREAM in stated.capabilities else None
    _well(channel)
    channel.save()
    for step in (Step.FETCH, Step.HEAR, Step.DELIVER):
        wake(step)


def _well(channel: Channel) -> None:
    channel.state, channel.state_because = ChannelState.CONNECTED, ""
    channel.failure, channel.failures_count, channel.rate_limited_until = "", 0, None


@transaction.atomic
def pause(channel: Channel, *, by: Person, at: dt.datetime) -> None:
    """It neither hears nor speaks. What networks push meanwhile is kept unheard; the rest is read on resuming."""
    row = _held(channel, by=by)
    if row.state == ChannelState.DISCONNECTED:
        raise ConnectingRefusedError("It is disconnected already.")
    row.state, row.state_because = ChannelState.PAUSED, f"{by.name} paused it."
    row.save(update_fields=["state", "state_because"])
    _record("channel.paused", row, by=by, at=at)


@transaction.atomic
def resume(channel: Channel, *, by: Person, at: dt.datetime) -> None:
    """It goes on where it stopped."""
    row = _held(channel, by=by)
    if row.state != ChannelState.PAUSED:
        raise ConnectingRefusedError("It is not paused.")
    _well(row)
    if row.fetch_due_at is not None:
        row.fetch_due_at = at
    row.save()
    _record("channel.resumed", row, by=by, at=at)
    for step in (Step.FETCH, Step.HEAR, Step.DELIVER):
        wake(step)


@transaction.atomic
def disconnect(channel: Channel, *, by: Person, at: dt.datetime) -> None:
    """Its sign-in is forgotten and it neither hears nor speaks any more. Everything that was heard stays."""
    row = _held(channel, by=by)
    row.secret = b""
    row.state, row.state_because = ChannelState.DISCONNECTED, f"{by.name} disconnected it."
    row.fetch_due_at = row.stream_due_at = None
    row.failure, row.failures_count = "", 0
    row.save()
    _record("channel.disconnected", row, by=by, at=at)


def _held(channel: Channel, *, by: Person) -> Channel:
    by.access.require(Permission.CHANNEL_MANAGE, workspace_id=channel.workspace_id)
    return Channel.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=channel.pk)


def _free_name(workspace: Workspace, wanted: str) -> str:
    """The name, or the name with the first number that is free."""
    name = wanted[:110]
    taken = set(Channel.objects.filter(workspace=workspace, name__startswith=name).values_list("name", flat=True))
    numbered = (name if number == 1 else f"{name} {number}" for number in range(1, len(taken) + 2))
    return next(one for one in numbered if one not in taken)


def _record(verb: str, channel: Channel, *, by: Person, at: dt.datetime) -> None:
    record(
        verb=verb, subject=channel, organisation_id=channel.workspace.organisation_id,
        workspace_id=channel.workspace_id, at=at, by=by,
        facts={"connector": channel.connector, "account": channel.handle or channel.external_id},
    )  # fmt: skip
