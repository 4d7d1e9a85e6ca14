"""The step `fetch`: channels whose time has come are read from their cursor on.

A channel in which something happens is read often, a silent one ever more seldom. What goes wrong is written on the
channel in words, with when it is tried again; an expired sign-in stops it until a person connects it anew.
"""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction
from django.utils import timezone

from choir.channels import quota
from choir.channels.actions import store
from choir.channels.contract import (
    ConnectorError,
    Listens,
    RateLimitedError,
    RejectedError,
    SignInExpiredError,
)
from choir.channels.models import ArrivalSource, Channel, ChannelState
from choir.channels.registry import connect, manifest
from choir.channels.secrets import UnreadableSecretError
from choir.events.actions import record
from choir.wake import Step, wake

CHANNELS_AT_ONCE = 8
PAGES_A_TURN = 20  # then others have their turn; the channel stays due
ITEMS_A_PAGE = 200
LEASE = dt.timedelta(minutes=5)  # longer than a turn takes; a worker that dies leaves the channel to others after it
USUAL_INTERVAL_SECONDS = 60
SLOWEST = 10  # times the manifest's interval
LONGEST_PAUSE = dt.timedelta(minutes=30)
LONGEST_INTERVAL_SECONDS = 24 * 3600

log = structlog.get_logger()


def fetch(*, at: dt.datetime) -> int:
    """Read every channel that is due, a few at a time; how many were read."""
    channels = _leased(at)
    for channel in channels:
        _read(channel)
    quota.settle(at=timezone.now())
    return len(channels)


@transaction.atomic
def _leased(at: dt.datetime) -> list[Channel]:
    """Channels to read now, put off for everybody else until the lease ends."""
    due = Channel.objects.due_for_fetching(at).order_by("fetch_due_at")
    channels = list(
        due.select_for_update(skip_locked=True, of=("self",)).select_related("workspace")[:CHANNELS_AT_ONCE]
    )
    Channel.objects.filter(pk__in=[channel.pk for channel in channels]).update(fetch_due_at=at + LEASE)
    return channels


def _read(channel: Channel) -> None:
    """One channel's turn: pages until there is no more, each stored together with its cursor."""
    try:
        connector: object = connect(channel)
        if not isinstance(connector, Listens):
            _settle(channel, fetch_due_at=None)
            return
        found, has_more = 0, True
        for _ in range(PAGES_A_TURN):
            page = connector.fetch(channel.cursor, limit=ITEMS_A_PAGE)
            found += store(channel, page.raws, source=ArrivalSource.FETCH, at=timezone.now(), cursor=page.cursor)
            has_more = page.has_more
            if not has_more:
                break
        requests = quota.settle(at=timezone.now()).get(channel.pk, 1)
    except SignInExpiredError as error:
        _sign_in_needed(channel, str(error))
    except UnreadableSecretError as error:
        _sign_in_needed(channel, str(error))
    except ConnectorError as error:
        _failed(channel, error)
    except Exception as error:  # a connector's own mistake must not keep other channels from being read
        log.exception("fetch.connector_failed", connector=channel.connector, channel=str(channel.pk))
        _failed(
            channel, RejectedError(f"The connector “{channel.connector}” failed ({type(error).__name__}). Report it.")
        )
    else:
        _went_well(channel, found=found, has_more=has_more, requests=requests)


def _went_well(channel: Channel, *, found: int, has_more: bool, requests: int) -> None:
    """Come back at once for more, soon after something was found, later and later when nothing was; never sooner than
    what the network allows lasts for."""
    now = timezone.now()
    channel.refresh_from_db(fields=["rate_limited_until", "quota_holder"])
    pause = dt.timedelta(seconds=0 if has_more else interval(channel, found=found, at=now))
    pause = max(pause, quota.pause_between_turns(channel, requests=requests, at=now))
    waits = channel.rate_limited_until is not None and channel.rate_limited_until > now
    _settle(
        channel,
        fetch_interval_seconds=min(int(pause.total_seconds()), LONGEST_INTERVAL_SECONDS) or 1,
        fetched_at=now,
        fetch_due_at=now + pause,
        failure="",
        failures_count=0,
        rate_limited_until=channel.rate_limited_until if waits else None,
    )


def interval(channel: Channel, *, found: int, at: dt.datetime) -> int:
    """Seconds until the next look: short while something comes, twice as long each time nothing did. Where a stream
    is listened to, fetching only finds what it missed."""
    shortest = manifest(channel.connector).fetch_every_seconds or USUAL_INTERVAL_SECONDS
    if channel.stream_leased_until is not None and channel.stream_leased_until > at:
        return shortest * SLOWEST
    return shortest if found else min(max(channel.fetch_interval_seconds, shortest) * 2, shortest * SLOWEST)


def _failed(channel: Channel, error: ConnectorError) -> None:
    """Try again later: when the network says, else after a pause that doubles with every failure in a row."""
    now = timezone.now()
    failures = channel.failures_count + 1
    shortest = manifest(channel.connector).fetch_every_seconds or USUAL_INTERVAL_SECONDS
    until = error.until if isinstance(error, RateLimitedError) else None
    pause = min(dt.timedelta(seconds=shortest * 2 ** min(failures, 10)), LONGEST_PAUSE)
    log.warning("fetch.failed", channel=str(channel.pk), failures=failures, because=str(error))
    _settle(
        channel,
        failure=str(error),
        failures_count=failures,
        rate_limited_until=until,
        fetch_due_at=until or now + pause,
    )


@transaction.atomic
def _sign_in_needed(channel: Channel, because: str) -> None:
    """Stop until a person connects it again."""
    now = timezone.now()
    _settle(
        channel,
        state=ChannelState.SIGN_IN_NEEDED,
        state_because=because,
        failure=because,
        failures_count=channel.failures_count + 1,
        fetch_due_at=now + LONGEST_PAUSE,
    )
    record(
        verb="channel.sign_in_expired",
        subject=channel,
        organisation_id=channel.workspace.organisation_id,
        workspace_id=channel.workspace_id,
        at=now,
        because=because,
    )


def _settle(channel: Channel, **fields: object) -> None:
    """Write down how a turn ended, and be woken for the next."""
    for name, value in fields.items():
        setattr(channel, name, value)
    channel.save(update_fields=list(fields))
    if channel.fetch_due_at is not None and channel.state == ChannelState.CONNECTED:
        wake(Step.FETCH, at=channel.fetch_due_at)
