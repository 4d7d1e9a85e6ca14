"""Listening to streams: a worker keeps a thread on each channel whose network tells things as they happen.

A channel is listened to by one worker at a time (a lease that every page renews). Each page is stored together with
its place in the stream, so a worker that dies leaves nothing untold where the network remembers; where it does not,
fetching finds what was missed, and both together store everything once.
"""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import closing

import structlog
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from choir.channels import quota
from choir.channels.actions import store
from choir.channels.contract import (
    Capability,
    ConnectorError,
    RateLimitedError,
    RejectedError,
    SignInExpiredError,
    Streams,
    TemporaryError,
    Wanted,
)
from choir.channels.models import ArrivalSource, Channel, ChannelState
from choir.channels.registry import connect, manifests
from choir.channels.secrets import UnreadableSecretError
from choir.listening.wanting import Wanting
from choir.wake import Step, wake

LEASE = dt.timedelta(seconds=45)  # streams yield at least every ten seconds
LOOK_EVERY_SECONDS = 5.0
PAUSE = dt.timedelta(seconds=5)
LONGEST_PAUSE = dt.timedelta(minutes=5)
NOT_POSSIBLE_PAUSE = dt.timedelta(hours=6)
STREAMS_AT_ONCE = 50  # a worker

log = structlog.get_logger()


def listen_until(over: threading.Event) -> None:
    """Listen to every channel that nobody listens to, until told that it is over: to what is said to us, and to what a
    query may find."""
    threads: list[threading.Thread] = []
    while not over.is_set():
        threads = [one for one in threads if one.is_alive()]
        try:
            close_old_connections()
            for channel in claimed(at=timezone.now(), most=STREAMS_AT_ONCE - len(threads)):
                thread = threading.Thread(
                    target=_in_thread,
                    args=(channel, Wanting(channel), over),
                    name=f"listen-{channel.pk}",
                    daemon=True,
                )
                thread.start()
                threads.append(thread)
        except Exception:  # the database may be away for a moment; the worker's other work tells of it too
            log.exception("listen.not_claimed")
        over.wait(LOOK_EVERY_SECONDS)
    for thread in threads:
        thread.join(timeout=LEASE.total_seconds())
    connection.close()


def claimed(*, at: dt.datetime, most: int = STREAMS_AT_ONCE) -> list[Channel]:
    """Take the leases of channels that can be streamed and that nobody listens to."""
    if most <= 0:
        return []
    can = [slug for slug, one in manifests().items() if Capability.STREAM in one.capabilities]
    with transaction.atomic():
        free = (
            Channel.objects.due_for_streaming(at)
            .filter(connector__in=can)
            .select_for_update(skip_locked=True, of=("self",))
        )
        rows = list(free.select_related("workspace")[:most])
        for row in rows:
            row.stream_leased_until = at + LEASE
        Channel.objects.filter(pk__in=[row.pk for row in rows]).update(stream_leased_until=at + LEASE)
    return rows


def _in_thread(channel: Channel, wanted: Wanted, over: threading.Event) -> None:
    try:
        listen(channel, wanted=wanted, over=over)
    except Exception:
        log.exception("listen.failed", channel=str(channel.pk))
    finally:
        connection.close()


def listen(channel: Channel, *, wanted: Wanted, over: threading.Event) -> int:
    """Listen to one channel whose lease is held, until it is over or the stream ends; how many things were told."""
    count, pages = 0, 0
    try:
        connector: object = connect(channel)
        if not isinstance(connector, Streams):
            raise RejectedError(f"The connector “{channel.connector}” has no stream.")
        with closing(connector.listen(channel.stream_cursor, wanted=wanted)) as pages_told:  # type: ignore[type-var]
            wake(Step.FETCH)  # what was said while nobody listened
            for page in pages_told:
                now = timezone.now()
                count += store(channel, page.raws, source=ArrivalSource.STREAM, at=now, cursor=page.cursor)
                quota.settle(at=now)
                pages += 1
                if over.is_set() or not _renewed(channel, at=now):
                    break
    except (ConnectorError, UnreadableSecretError) as error:
        _ended(channel, error, lasted=pages > 1)
    except Exception as error:  # a connector's own mistake must not be tried without end
        log.exception("listen.connector_failed", connector=channel.connector, channel=str(channel.pk))
        _ended(
            channel,
            TemporaryError(f"The connector “{channel.connector}” failed ({type(error).__name__})."),
            lasted=False,
        )
        raise
    else:
        Channel.objects.filter(pk=channel.pk).update(stream_leased_until=None)
    return count


def _renewed(channel: Channel, *, at: dt.datetime) -> bool:
    """Keep the lease, unless the channel was paused, needs its sign-in, or is another worker's by now."""
    mine = Channel.objects.filter(
        pk=channel.pk, state=ChannelState.CONNECTED, stream_leased_until=channel.stream_leased_until
    )
    channel.stream_leased_until = at + LEASE
    return bool(mine.update(stream_leased_until=channel.stream_leased_until))


def _ended(channel: Channel, error: Exception, *, lasted: bool) -> None:
    """Note why, and when it is tried again; fetching goes on meanwhile and says what is wrong with the channel."""
    now = timezone.now()
    log.warning("listen.ended", channel=str(channel.pk), because=str(error))
    if isinstance(error, RateLimitedError):
        again = error.until
    elif isinstance(error, RejectedError | SignInExpiredError | UnreadableSecretError):
        again = now + NOT_POSSIBLE_PAUSE
    else:
        before = channel.stream_pause_seconds if not lasted else 0
        pause = min(max(PAUSE, dt.timedelta(seconds=2 * before)), LONGEST_PAUSE)
        channel.stream_pause_seconds = int(pause.total_seconds())
        again = now + pause
    Channel.objects.filter(pk=channel.pk).update(
        stream_leased_until=None, stream_due_at=again, stream_pause_seconds=channel.stream_pause_seconds
    )
    wake(Step.FETCH)
