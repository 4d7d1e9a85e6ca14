"""Which department answers for a channel, and whether its pictures have to be described."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.channels.models import Channel
from choir.events.actions import record
from choir.people.models import Department, Person
from choir.people.policy import Permission


@transaction.atomic
def set_accountable(channel: Channel, *, department: Department, by: Person, at: dt.datetime) -> None:
    """From now on this department answers for the channel; what nobody owns arrives at its front door."""
    by.access.require(Permission.CHANNEL_MANAGE, workspace_id=channel.workspace_id)
    before = channel.accountable
    if before.pk == department.pk:
        return
    channel.accountable = department
    channel.save(update_fields=["accountable"])
    record(
        verb="channel.accountable_changed", subject=channel, organisation_id=department.organisation_id,
        workspace_id=channel.workspace_id, at=at, by=by, facts={"from": before.slug, "to": department.slug},
    )  # fmt: skip


@transaction.atomic
def set_alt_text_needed(channel: Channel, *, is_needed: bool, by: Person, at: dt.datetime) -> None:
    """From now on an answer with a picture that nobody described is refused here; or only warned of."""
    by.access.require(Permission.CHANNEL_MANAGE, workspace_id=channel.workspace_id)
    if channel.needs_alt_text == is_needed:
        return
    channel.needs_alt_text = is_needed
    channel.save(update_fields=["needs_alt_text"])
    record(
        verb="channel.alt_text_needed" if is_needed else "channel.alt_text_optional", subject=channel,
        organisation_id=channel.workspace.organisation_id, workspace_id=channel.workspace_id, at=at, by=by,
    )  # fmt: skip
