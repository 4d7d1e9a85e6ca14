"""The step `hear`: what has arrived becomes mentions, and messages in conversations.

One worker hears one channel at a time (an advisory lock that ends with its transaction), so that threads need no
finer locks; several workers hear several channels at once. A batch stands or falls together: a worker killed in the
middle leaves everything waiting as it was.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from choir.channels.contract import Removal, UnreadableError
from choir.channels.models import Arrival, Channel, ChannelState
from choir.channels.registry import reader
from choir.customers.actions import identify
from choir.flow.after_hearing import HISTORY, consequences
from choir.flow.authors_changes import Removed, follow_edits, forget_removed
from choir.flow.came_back import came_back
from choir.flow.echoes import adopt_echoes
from choir.flow.heard_before import now_addressing_us, sort_known
from choir.flow.heard_elsewhere import heard_once
from choir.inbox.threads import append
from choir.listening.actions import Heard, fit, mention
from choir.media.actions import attach
from choir.prepared import Slot, one_of, prepared
from choir.rows import write_back
from choir.statements import asked, told
from choir.wake import Step, wake

BATCH_ROWS = 500
HISTORY_BATCH_ROWS = 2000  # nobody waits for it, and more of a thread is seen at once
BATCH_BYTES = 32 * 1024 * 1024

log = structlog.get_logger()


def hear(*, at: dt.datetime) -> int:
    """Hear one batch of every channel that has something waiting; how many arrivals were heard."""
    heard = busy = 0
    waiting = _waiting_channels()
    for channel in waiting:
        batch = _heard_or_left(channel, at=at)
        heard += batch or 0
        busy += batch is None
    if busy and not heard:  # whoever holds these may have looked a moment before ours was stored
        heard = sum(hear_channel(channel, at=at, wait=True) or 0 for channel in waiting)
    return heard


def _heard_or_left(channel: Channel, *, at: dt.datetime) -> int | None:
    """Hear one batch of a channel; what stops one channel (its connector cannot even be loaded) must not stop the
    others. Its arrivals stay as they are and are tried again."""
    try:
        return hear_channel(channel, at=at)
    except Exception:
        log.exception("hear.channel_failed", channel=str(channel.pk), connector=channel.connector)
        return 0


def hear_channel(channel: Channel, *, at: dt.datetime, wait: bool = False) -> int | None:
    """Hear one batch of one channel, oldest first; how many arrivals, None when another worker is hearing it."""
    with transaction.atomic():
        if not _hold(channel.pk, wait=wait):
            return None
        arrivals = _batch(channel)
        if not arrivals:
            return 0
        said, removals = _read(channel, arrivals)
        sorting = sort_known(channel, said)
        sorting.new = heard_once(channel, sorting.new)
        ours = [one for one in sorting.new if one.item.is_ours]
        theirs = [one for one in sorting.new if not one.item.is_ours]
        authors = [one.item.author for one in theirs]
        identities = identify(channel.workspace_id, network=channel.network, authors=authors, at=at)
        work = [one for one in theirs if one.is_work]
        mention(channel, [one for one in theirs if not one.is_work], identities=identities)
        mentions = mention(channel, work, identities=identities)
        addressed = [*zip(work, mentions, strict=True), *now_addressing_us(channel, sorting.promoted)]
        appended = append(channel, inbound=addressed, outbound=adopt_echoes(channel, ours), at=at)
        attach([one for _, one in addressed], at=at)
        consequences(channel, appended, at=at)
        came_back(channel, theirs, at=at)
        follow_edits(channel, sorting.edited, at=at)
        forget_removed(channel, removals, at=at)
        _settle(arrivals, at=at)
        if addressed or theirs or sorting.edited:
            wake(Step.UNDERSTAND)
    return len(arrivals)


@prepared
def _waiting_channels() -> QuerySet[Channel]:
    waiting = Arrival.objects.waiting().filter(channel=OuterRef("pk"))
    speaking = Channel.objects.exclude(state=ChannelState.PAUSED)
    return speaking.filter(Exists(waiting)).select_related("workspace")


def _hold(channel_id: uuid.UUID, *, wait: bool) -> bool:
    """Be the only one to hear this channel until the transaction ends."""
    key = [channel_id.int & (2**63 - 1)]
    if wait:
        told("SELECT pg_advisory_xact_lock(%s)", key)
        return True
    ((is_ours,),) = asked("SELECT pg_try_advisory_xact_lock(%s)", key)
    return bool(is_ours)


WAITING = """
SELECT id, octet_length(payload) FROM channels_arrival
WHERE channel_id = %s AND heard_at IS NULL ORDER BY id LIMIT %s
"""


def _batch(channel: Channel) -> list[Arrival]:
    """The oldest waiting arrivals: so many, or so many bytes."""
    rows = HISTORY_BATCH_ROWS if channel.connector == HISTORY else BATCH_ROWS
    batch: list[uuid.UUID] = []
    size = 0
    for pk, count in asked(WAITING, [channel.pk, rows]):
        batch.append(pk)
        size += count
        if size > BATCH_BYTES:
            break
    return _arrivals(ids=batch) if batch else []


@prepared
def _arrivals(ids: Slot) -> QuerySet[Arrival]:
    return Arrival.objects.filter(one_of("pk", ids)).order_by("id")


def _read(channel: Channel, arrivals: Sequence[Arrival]) -> tuple[list[Heard], list[Removed]]:
    """What was said and what was taken back in each arrival. One that cannot be read is set aside with the reason; the
    others go on."""
    connector = reader(channel)
    heard: list[Heard] = []
    removals: list[Removed] = []
    for arrival in arrivals:
        try:
            for one in connector.items(arrival.raw):
                if isinstance(one, Removal):
                    removals.append(Removed(arrival, one))
                else:
                    heard.append(Heard(arrival, fit(one)))
        except UnreadableError as error:
            arrival.set_aside_because = str(error)
        except Exception as error:  # a connector's own mistake must not stop the others' messages
            log.exception("hear.connector_failed", connector=channel.connector, arrival=str(arrival.pk))
            arrival.set_aside_because = (
                f"The connector “{channel.connector}” failed on this ({type(error).__name__}). It is kept as it came; "
                "report it, and hear it again after an update."
            )
    return heard, removals


def _settle(arrivals: Sequence[Arrival], *, at: dt.datetime) -> None:
    """Note that these were heard, and why some were set aside."""
    for arrival in arrivals:
        arrival.heard_at = at
    write_back(arrivals, ["heard_at", "set_aside_because"])
