"""The step `moderate`: what people asked to be done about something on a network is done there, once.

The attempt is written down, the network is called outside any transaction, the outcome is written down. Taking away and
hiding do no harm when they are done twice, so an attempt whose end nobody heard is made again; a report does, so it is
left to a person then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from choir.channels import quota, registry
from choir.channels.contract import (
    Author,
    ConnectorError,
    Moderates,
    RateLimitedError,
    RejectedError,
    Removes,
    ReportReason,
    SignInExpiredError,
    TemporaryError,
)
from choir.channels.models import Channel, ChannelState
from choir.channels.secrets import UnreadableSecretError
from choir.inbox.actions import held
from choir.outbound.actions import attempts
from choir.outbound.actions.moderating import settled
from choir.outbound.models import Deed, Moderation, ModerationState
from choir.wake import Step, wake

AT_ONCE = 8
LEASE = dt.timedelta(seconds=90)
PAUSES_SECONDS = (10, 30, 120, 600, 1800)
GIVE_UP_AFTER = dt.timedelta(hours=24)

Connect = Callable[[Channel], object]

log = structlog.get_logger()


def moderate(*, at: dt.datetime, connect: Connect = registry.connect) -> int:
    """Attempt one batch of what is due; how many."""
    claimed = _claim(at)
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="moderate") as pool:
        calls = {pool.submit(_call, one, connect): one for one in claimed}
        for call in as_completed(calls):
            _conclude(calls[call], call)
    quota.settle(at=timezone.now())
    return len(claimed)


@transaction.atomic
def _claim(at: dt.datetime) -> list[Moderation]:
    """Write an attempt down for each. A report whose attempt ended unheard is not made again."""
    due = (
        Moderation.objects.due(at)
        .filter(channel__state=ChannelState.CONNECTED)
        .filter(Q(channel__rate_limited_until=None) | Q(channel__rate_limited_until__lte=at))
        .order_by("due_at")
        .select_for_update(skip_locked=True, of=("self",))[:AT_ONCE]
    )
    rows = list(due)
    again = [one for one in rows if not (one.deed == Deed.REPORT and one.state == ModerationState.DOING)]
    for one in rows:
        if one not in again:
            _end(one, ModerationState.UNSURE, UNHEARD, at=at)
    ids = [one.pk for one in again]
    Moderation.objects.filter(pk__in=ids).update(
        state=ModerationState.DOING, attempts_count=F("attempts_count") + 1, leased_until=at + LEASE
    )
    return list(Moderation.objects.filter(pk__in=ids).select_related("channel", "message__identity", "conversation"))


UNHEARD = "An attempt ended without an answer; it may have got through. Look on the network before you report it again."


def _call(moderation: Moderation, connect: Connect) -> None:
    """One request to the network, in a thread of its own and without a database."""
    try:
        connector = connect(moderation.channel)
    except UnreadableSecretError as error:
        raise SignInExpiredError(str(error)) from error
    external_id = moderation.message.external_id
    if moderation.deed == Deed.REMOVE:
        if not isinstance(connector, Removes):
            raise RejectedError("Answers cannot be taken off this network from here. Do it there.")
        connector.remove(external_id)
        return
    if not isinstance(connector, Moderates):
        raise RejectedError("This network cannot be moderated from here. Do it there.")
    if moderation.deed == Deed.REPORT:
        who = moderation.message.identity
        author = Author(external_id=who.external_id, handle=who.handle) if who else Author(external_id="")
        reason = ReportReason(moderation.reason)
        connector.report(external_id, author=author, reason=reason, comment=moderation.because)
    else:
        connector.hide(external_id, is_hidden=moderation.deed == Deed.HIDE)


@transaction.atomic
def _conclude(moderation: Moderation, call: Future[None]) -> None:
    """Write down what became of one attempt, unless another has settled it meanwhile."""
    error, at = call.exception(), timezone.now()
    row = Moderation.objects.select_for_update(of=("self",)).select_related("channel", "by").get(pk=moderation.pk)
    if row.state != ModerationState.DOING or row.attempts_count != moderation.attempts_count:
        return
    match error:
        case None:
            _end(row, ModerationState.DONE, "", at=at)
        case RateLimitedError():
            attempts.hold_channel(row.channel, until=error.until)
            _again(row, until=error.until, because=str(error))
        case SignInExpiredError():
            attempts.sign_in_needed(row.channel, because=str(error))
            _again(row, until=at, because=f"It waits until {row.channel.name} is signed in again. {error}")
        case RejectedError():
            _end(row, ModerationState.FAILED, str(error), at=at)
        case TemporaryError(may_have_happened=True) if row.deed == Deed.REPORT:
            _end(row, ModerationState.UNSURE, UNHEARD, at=at)
        case ConnectorError() if at - row.asked_at >= GIVE_UP_AFTER:
            _end(row, ModerationState.FAILED, f"The network could not be reached for a day: {error.words}", at=at)
        case ConnectorError():
            _again(row, until=at + _pause(row), because=str(error))
        case _:
            log.error("moderate.connector_failed", connector=row.channel.connector, exc_info=error)
            _end(row, ModerationState.FAILED, f"The connector failed ({type(error).__name__}). Report it.", at=at)


def _pause(row: Moderation) -> dt.timedelta:
    return dt.timedelta(seconds=PAUSES_SECONDS[min(row.attempts_count, len(PAUSES_SECONDS)) - 1])


def _again(row: Moderation, *, until: dt.datetime, because: str) -> None:
    row.state, row.failure, row.due_at, row.leased_until = ModerationState.WAITING, because, until, None
    row.save(update_fields=["state", "failure", "due_at", "leased_until"])
    wake(Step.MODERATE, at=until)


def _end(row: Moderation, state: ModerationState, failure: str, *, at: dt.datetime) -> None:
    settled(held(row.conversation), row, state=state, failure=failure, at=at)
