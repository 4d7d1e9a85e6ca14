"""The step `engagement`: how our messages do on their networks is asked, a few dozen at once, within what the networks
allow: reading for figures comes after listening and after answers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from choir.channels import quota, registry
from choir.channels.contract import ConnectorError, Figures, Measures, RateLimitedError
from choir.channels.models import Channel, ChannelState, Quota
from choir.channels.secrets import UnreadableSecretError
from choir.outbound.actions.engaging import measured
from choir.outbound.models import Engagement
from choir.wake import Step, wake

AT_ONCE = 40  # of one channel: what the most sparing networks take in one request
CHANNELS_AT_ONCE = 4
LEFT_TO_OTHERS = 0.5  # the share of an allowance that figures leave to listening and answering
LATER = dt.timedelta(minutes=30)

Connect = Callable[[Channel], object]

log = structlog.get_logger()


def measure_engagement(*, at: dt.datetime, connect: Connect = registry.connect) -> int:
    """Ask for one batch of what is due; how many messages were settled."""
    by_channel = _claim(at)
    for channel, rows in by_channel.items():
        _measure(channel, rows, connect, at=at)
    quota.settle(at=timezone.now())
    return sum(len(rows) for rows in by_channel.values())


@transaction.atomic
def _claim(at: dt.datetime) -> dict[Channel, list[Engagement]]:
    """What is due, by channel, put off for everybody else meanwhile; a worker that dies costs one measuring."""
    due = (
        Engagement.objects.due(at)
        .filter(channel__state=ChannelState.CONNECTED)
        .filter(Q(channel__rate_limited_until=None) | Q(channel__rate_limited_until__lte=at))
        .select_related("channel", "message")
        .order_by("due_at")
        .select_for_update(skip_locked=True, of=("self",))[: AT_ONCE * CHANNELS_AT_ONCE]
    )
    by_channel: dict[Channel, list[Engagement]] = defaultdict(list)
    for row in due:
        if len(by_channel[row.channel]) < AT_ONCE:
            by_channel[row.channel].append(row)
    claimed = [row.pk for rows in by_channel.values() for row in rows]
    Engagement.objects.filter(pk__in=claimed).update(due_at=at + LATER)
    return by_channel


def _measure(channel: Channel, rows: Sequence[Engagement], connect: Connect, *, at: dt.datetime) -> None:
    """Ask the network about some messages of one channel. What goes wrong is tried again later: nobody waits for it."""
    if (resets_at := _spent_until(channel, at)) is not None:
        Engagement.objects.filter(pk__in=[row.pk for row in rows]).update(due_at=resets_at)
        return
    told: dict[str, Figures] = {}
    try:
        connector = connect(channel)
        if isinstance(connector, Measures):
            told = dict(connector.measure([row.message.external_id for row in rows]))
    except (ConnectorError, UnreadableSecretError) as error:
        if isinstance(error, RateLimitedError):
            Channel.objects.filter(pk=channel.pk).update(rate_limited_until=error.until)
        log.warning("engagement.failed", channel=str(channel.pk), because=str(error))
        wake(Step.ENGAGEMENT, at=at + LATER)
        return
    except Exception:  # a connector's own mistake must not keep other channels from being measured
        log.exception("engagement.connector_failed", connector=channel.connector)
        return
    for row in rows:
        sent_at = row.message.sent_at or row.message.at
        measured(row, told.get(row.message.external_id), sent_at=sent_at, at=timezone.now())


def _spent_until(channel: Channel, at: dt.datetime) -> dt.datetime | None:
    """When what the network allows is full again, where so little is left that figures have to wait."""
    scarce = [
        row.resets_at
        for row in Quota.objects.of(channel).reading().filter(resets_at__gt=at)
        if row.remaining <= row.limit * LEFT_TO_OTHERS
    ]
    return max(scarce, default=None)
