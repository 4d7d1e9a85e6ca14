"""Following how our messages do on their networks: measured soon after they left, then ever more seldom."""

from __future__ import annotations

import datetime as dt

from choir.channels import registry
from choir.channels.contract import Capability, Figures
from choir.channels.models import Channel
from choir.inbox.models import Message
from choir.outbound.models import Engagement

COUNTS = ("likes_count", "reposts_count", "replies_count", "quotes_count", "views_count", "clicks_count")
MEASURED_AFTER = (
    dt.timedelta(minutes=10),
    dt.timedelta(hours=1),
    dt.timedelta(hours=6),
    dt.timedelta(days=1),
    dt.timedelta(days=3),
    dt.timedelta(days=7),
    dt.timedelta(days=30),
)
"""After a message left: most of what happens to it happens in its first hours."""


def follow(message: Message, *, channel: Channel, is_private: bool, sent_at: dt.datetime) -> None:
    """From now on it is measured, where the network tells how public things of ours do. In the caller's transaction."""
    known = registry.manifests().get(channel.connector)
    if known is None or Capability.METRICS not in known.capabilities or is_private or not message.external_id:
        return
    Engagement.objects.get_or_create(
        message=message,
        defaults={
            "workspace_id": message.workspace_id,
            "channel": channel,
            "due_at": sent_at + MEASURED_AFTER[0],
        },
    )


def measured(row: Engagement, figures: Figures | None, *, sent_at: dt.datetime, at: dt.datetime) -> None:
    """Write down how it does, and when it is looked at next. What the network no longer knows is asked for no more."""
    if figures is None:
        row.due_at = None
    else:
        for name in COUNTS:
            told = getattr(figures, name)
            if told is not None:
                setattr(row, name, max(0, told))
        row.measured_at = at
        row.measurings_count += 1
        row.due_at = next((sent_at + after for after in MEASURED_AFTER if sent_at + after > at), None)
    row.save(update_fields=[*COUNTS, "measured_at", "measurings_count", "due_at"])
