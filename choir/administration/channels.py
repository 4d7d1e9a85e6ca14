"""Which department answers for a channel."""

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
