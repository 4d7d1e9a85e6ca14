"""What networks still allow us: noted as connectors learn it, shared by all workers through the database, and divided
fairly among the channels that live on it."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from queue import Empty, SimpleQueue

from django.db import transaction
from django.db.models import Q

from choir.channels.contract import Allowance, Bucket
from choir.channels.models import Channel, ChannelState, Quota

RESERVED_FOR_ANSWERS = 0.2
"""The share of an allowance that reading leaves untouched: an answer to a customer comes before the next look."""

RESERVED_FOR_WHAT_IS_SAID_TO_US = 0.5
"""The share that searching leaves untouched: what is said to us comes before what is said of us."""

_noted: SimpleQueue[tuple[uuid.UUID, Allowance]] = SimpleQueue()


def note(channel_id: uuid.UUID, allowance: Allowance) -> None:
    """Remember what a network said, from any thread and without a database; `settle` writes it down."""
    _noted.put((channel_id, allowance))


def settle(*, at: dt.datetime) -> Mapping[uuid.UUID, int]:
    """Write down what was noted since; per channel how many requests that were. What is used up holds every channel
    that lives on it until it is full again."""
    noted: dict[uuid.UUID, list[Allowance]] = defaultdict(list)
    try:
        while True:
            channel_id, allowance = _noted.get_nowait()
            noted[channel_id].append(allowance)
    except Empty:
        pass
    if noted:
        with transaction.atomic():
            for channel in Channel.objects.filter(pk__in=noted):
                _keep(channel, noted[channel.pk], at=at)
    return {channel_id: len(allowances) for channel_id, allowances in noted.items()}


def _keep(channel: Channel, allowances: Sequence[Allowance], *, at: dt.datetime) -> None:
    holder = next((one.holder for one in reversed(allowances) if one.holder), "") or channel.external_id
    if channel.quota_holder != holder:
        channel.quota_holder = holder
        channel.save(update_fields=["quota_holder"])
    for bucket in {one.bucket for one in allowances}:
        _count(channel, holder, bucket, [one for one in allowances if one.bucket == bucket], at=at)


def _count(channel: Channel, holder: str, bucket: Bucket, said: Sequence[Allowance], *, at: dt.datetime) -> None:
    """One row follows what was said: the network's own count where it has one, ours where it has none."""
    Quota.objects.get_or_create(
        connector=channel.connector,
        holder=holder,
        bucket=bucket,
        defaults={
            "limit": said[-1].limit,
            "remaining": said[-1].limit,
            "resets_at": said[-1].resets_at,
            "noted_at": at,
        },
    )
    row = Quota.objects.select_for_update().get(connector=channel.connector, holder=holder, bucket=bucket)
    for one in said:
        if one.remaining is not None:
            row.limit, row.remaining, row.resets_at = one.limit, one.remaining, one.resets_at
        else:
            if row.resets_at <= at:
                row.remaining, row.resets_at = one.limit, one.resets_at
            row.limit, row.remaining = one.limit, max(row.remaining - one.spent, 0)
    row.noted_at = at
    row.save()
    if row.remaining == 0 and row.resets_at > at and bucket not in (Bucket.READ, Bucket.SEARCH):
        living = Channel.objects.filter(connector=row.connector, quota_holder=holder)
        living.filter(Q(rate_limited_until=None) | Q(rate_limited_until__lt=row.resets_at)).update(
            rate_limited_until=row.resets_at
        )


def pause_between_turns(channel: Channel, *, requests: int, at: dt.datetime) -> dt.timedelta:
    """How long a channel has to wait between turns of so many requests for what is left to last until it is full
    again, with everybody who lives on it reading as often and answers having their share."""
    living = Channel.objects.filter(
        connector=channel.connector, quota_holder=channel.quota_holder, state=ChannelState.CONNECTED
    )
    rows = list(Quota.objects.of(channel).reading().filter(resets_at__gt=at))
    sharing = living.count() if rows else 1
    return max((_pause(row, RESERVED_FOR_ANSWERS, requests * sharing, at) for row in rows), default=dt.timedelta(0))


def pause_between_searches(channel: Channel, *, requests: int, sharing: int, at: dt.datetime) -> dt.timedelta:
    """The same for one of the `sharing` questions that are put to what the channel lives on. Where searching has an
    allowance of its own, all of that is for it."""
    rows = list(Quota.objects.of(channel).filter(resets_at__gt=at).exclude(bucket=Bucket.WRITE))
    own = [row for row in rows if row.bucket == Bucket.SEARCH]
    reserved = 0.0 if own else RESERVED_FOR_WHAT_IS_SAID_TO_US
    return max((_pause(row, reserved, requests * sharing, at) for row in own or rows), default=dt.timedelta(0))


def _pause(row: Quota, reserved: float, requests: int, at: dt.datetime) -> dt.timedelta:
    """What is left of an allowance, less a reserved share, spread over the time until it is full again."""
    left = row.resets_at - at
    turns = (row.remaining - math.ceil(row.limit * reserved)) // max(requests, 1)
    return left / turns if turns > 0 else left
