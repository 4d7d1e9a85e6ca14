"""The step `look_again`: networks are asked what became of what was only overheard, so that what its author edits or
takes back is edited and forgotten here too. First after an hour, then each time after as long again, for ninety days.

Of what is said to us the networks tell by themselves, or a channel's own reading watches it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from choir.channels import quota
from choir.channels.actions import store
from choir.channels.contract import ConnectorError, LooksAgain
from choir.channels.models import ArrivalSource, Channel, ChannelState
from choir.channels.registry import connect
from choir.channels.secrets import UnreadableSecretError
from choir.listening.actions import FIRST_LOOK
from choir.listening.models import Mention
from choir.rows import write_back

AT_ONCE = 100
LEASE = dt.timedelta(minutes=10)
LATER = dt.timedelta(hours=1)  # when the network fails, or has little left to be asked
LONG_ENOUGH = dt.timedelta(days=90)

log = structlog.get_logger()


def look_again(*, at: dt.datetime) -> int:
    """Ask every network after some of what is due; of how many mentions."""
    due = Mention.objects.filter(channel=OuterRef("pk"), look_again_at__lte=at)
    channels = Channel.objects.filter(Exists(due), state=ChannelState.CONNECTED).exclude(rate_limited_until__gt=at)
    return sum(_look(channel, at=at) for channel in channels.select_related("workspace"))


def _look(channel: Channel, *, at: dt.datetime) -> int:
    mentions = _leased(channel, at=at)
    raws = [one.arrival.raw for one in mentions if one.arrival is not None and one.arrival.payload]
    try:
        if quota.pause_between_searches(channel, requests=1, sharing=1, at=at) > LATER:
            _put_off(mentions, to=at + LATER)
            return len(mentions)
        connector: object = connect(channel)
        changed = connector.look_again(raws) if isinstance(connector, LooksAgain) and raws else ()
    except (ConnectorError, UnreadableSecretError) as error:
        log.warning("look_again.failed", channel=str(channel.pk), because=str(error))
        _put_off(mentions, to=at + LATER)
        return len(mentions)
    except Exception:  # a connector's own mistake must not keep other channels from being asked
        log.exception("look_again.connector_failed", connector=channel.connector, channel=str(channel.pk))
        _put_off(mentions, to=at + LATER)
        return len(mentions)
    with transaction.atomic():
        store(channel, changed, source=ArrivalSource.SEARCH, at=timezone.now())
        for one in mentions:
            one.look_again_at = next_look(one, at=at) if isinstance(connector, LooksAgain) else None
        write_back(mentions, ["look_again_at"])
    return len(mentions)


@transaction.atomic
def _leased(channel: Channel, *, at: dt.datetime) -> list[Mention]:
    """What to ask after now, put off for everybody else."""
    due = Mention.objects.filter(channel=channel, look_again_at__lte=at).order_by("look_again_at")
    mentions = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("arrival")[:AT_ONCE])
    _put_off(mentions, to=at + LEASE)
    return mentions


def _put_off(mentions: Sequence[Mention], *, to: dt.datetime) -> None:
    for one in mentions:
        one.look_again_at = to
    write_back(mentions, ["look_again_at"])


def next_look(mention: Mention, *, at: dt.datetime) -> dt.datetime | None:
    """When a mention is asked after next: after as long again as it is known. None: it is gone, or old enough."""
    age = at - mention.received_at
    if mention.removed_at is not None or age > LONG_ENOUGH:
        return None
    return at + max(age, FIRST_LOOK)
