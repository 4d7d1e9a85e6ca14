"""Deliver: answers whose time has come leave, exactly once.

The order that makes it exactly once, whatever dies in between:

1. the attempt is written down and committed, with a lease;
2. the network is called, outside any transaction; before any attempt but the first it is asked whether it has the
   answer already (`find_sent`);
3. the outcome is written down.

A process that dies after 1 leaves a lease that runs out; whoever finds it starts at 2 and asks first. Answers of one
conversation leave in the order they were written.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from functools import partial

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from choir.channels import quota, registry
from choir.channels.contract import (
    Attachment,
    Author,
    ConnectorError,
    Outgoing,
    RateLimitedError,
    RejectedError,
    Replies,
    Sent,
    SignInExpiredError,
    TemporaryError,
    Visibility,
)
from choir.channels.models import Channel, ChannelState
from choir.channels.secrets import UnreadableSecretError
from choir.inbox.models import Conversation, Direction, Message
from choir.media.keeping import NotKeptError, content_of
from choir.outbound.actions import attempts, close_expired
from choir.outbound.actions.settling import hold
from choir.outbound.models import Delivery, DeliveryState
from choir.wake import Step, wake

log = structlog.get_logger()

AT_ONCE = 16  # calls to networks in the air together, per worker
# Longer than any connector's call may take: a lease must not run out while its call can still succeed.
LEASE = dt.timedelta(seconds=90)
WAITS_SECONDS = (10, 20, 45, 90, 180, 300, 600, 1200, 1800)
GIVE_UP_AFTER = dt.timedelta(hours=24)
# While nobody can tell whether an answer is out, a person should hear of it before they wonder.
UNSURE_AFTER = dt.timedelta(minutes=5)

Connect = Callable[[Channel], object]


class TooSlowError(Exception):
    """So much of the lease had passed before the call began that somebody else might make it too; none was made."""


class ReadBackError(TemporaryError):
    """The network could not tell whether an earlier attempt got through; nothing was sent now."""


def deliver(*, at: dt.datetime, connect: Connect = registry.connect, lease: dt.timedelta = LEASE) -> int:
    """Attempt one batch of due deliveries; how many. Also settles what listening has heard back by itself, and closes
    approvals whose time ran out."""
    moved = close_expired(at=at) + _heard_back(at=at)
    begin_by = time.monotonic() + lease.total_seconds() / 2
    claimed = _claim(at=at, lease=lease)
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="deliver") as pool:
        calls = {pool.submit(_call, *_prepared(delivery, connect), begin_by): delivery for delivery in claimed}
        for call in as_completed(calls):
            _conclude(calls[call], call)
    quota.settle(at=timezone.now())
    return len(claimed) + moved


def _heard_back(*, at: dt.datetime) -> int:
    """Listening heard our own answer on the network (`choir.flow.echoes`): it has arrived, whatever we know of it."""
    states = [DeliveryState.WAITING, DeliveryState.UNSURE, DeliveryState.FAILED]
    heard = Delivery.objects.filter(state__in=states).exclude(message__external_id="").select_related("message")
    for delivery in heard[:AT_ONCE]:
        with transaction.atomic():
            conversation, row = hold(delivery)
            if row.state in states:
                row.because = "Heard on the network."
                attempts.arrived(
                    conversation,
                    row,
                    external_id=row.message.external_id,
                    url=row.message.url,
                    sent_at=row.message.sent_at or at,
                    at=at,
                )
    return len(heard[:AT_ONCE])


def _due(at: dt.datetime) -> Iterable[Delivery]:
    """Due deliveries of channels that can speak now, each the first of its conversation that is not settled."""
    earlier = Delivery.objects.filter(
        message__conversation=OuterRef("message__conversation"),
        state__in=[DeliveryState.WAITING, DeliveryState.SENDING],
        id__lt=OuterRef("id"),
    )
    return (
        Delivery.objects.due(at)
        .filter(channel__state=ChannelState.CONNECTED)
        .filter(Q(channel__rate_limited_until=None) | Q(channel__rate_limited_until__lte=at))
        .filter(~Exists(earlier))
        .order_by("due_at")
        .select_for_update(skip_locked=True, of=("self",))[:AT_ONCE]
    )


@transaction.atomic
def _claim(*, at: dt.datetime, lease: dt.timedelta) -> list[Delivery]:
    """Write an attempt down for each; once this is committed the calls may begin."""
    ids = [delivery.pk for delivery in _due(at)]
    Delivery.objects.filter(pk__in=ids).update(
        state=DeliveryState.SENDING,
        attempts_count=F("attempts_count") + 1,
        first_attempt_at=Coalesce("first_attempt_at", at),
        leased_until=at + lease,
    )
    return list(
        Delivery.objects.filter(pk__in=ids).select_related(
            "channel", "approval", "message__conversation", "message__person"
        )
    )


def _prepared(delivery: Delivery, connect: Connect) -> tuple[Callable[[], object], Outgoing, bool]:
    """The connector, the answer as the network is to get it, and whether an earlier attempt may have got through.
    Read here, so that the calls themselves touch no database."""
    message = delivery.message
    try:
        media = _media(message)
    except NotKeptError as error:
        return partial(_refusing, str(error)), Outgoing(delivery.key, message.text, message.in_reply_to), False
    question = _question(message)
    said = question.mention if question else None
    outgoing = Outgoing(
        key=delivery.key,
        text=message.text,
        in_reply_to=message.in_reply_to,
        thread_id=said.thread_external_id if said else "",
        recipient=_recipient(question),
        is_private=message.conversation.is_private,
        attempted_at=delivery.first_attempt_at,
        visibility=Visibility(said.visibility) if said else Visibility.PUBLIC,
        content_warning=said.content_warning if said else "",
        media=media,
        answered=said.arrival.raw if said and said.arrival and said.arrival.payload else None,
    )
    return partial(connect, delivery.channel), outgoing, delivery.attempts_count > 1


def _media(message: Message) -> tuple[Attachment, ...]:
    """What goes with it, content and all. Raises NotKeptError."""
    return tuple(
        Attachment(
            name=one.name or "attachment",
            media_type=one.file.media_type,
            content=content_of(one.file),
            alt_text=one.alt_text,
        )
        for one in message.attachments.select_related("file").order_by("place", "id")
        if one.file is not None
    )


def _refusing(because: str) -> object:
    raise RejectedError(because)


def _question(message: Message) -> Message | None:
    """The customer's message that this one answers."""
    return (
        message.conversation.messages.filter(direction=Direction.INBOUND, mention__external_id=message.in_reply_to)
        .select_related("identity", "mention__arrival")
        .first()
    )


def _recipient(question: Message | None) -> Author | None:
    if question is None or question.identity is None:
        return None
    who = question.identity
    return Author(external_id=who.external_id, handle=who.handle, name=who.name, url=who.url)


def _call(connect: Callable[[], object], outgoing: Outgoing, may_be_out: bool, begin_by: float) -> Sent:
    """One conversation with the network, in a thread of its own and without a database. `begin_by` is on the
    monotonic clock: a machine that slept since the claim must not speak any more."""
    try:
        connector = connect()
    except UnreadableSecretError as error:
        raise SignInExpiredError(str(error)) from error
    if not isinstance(connector, Replies):
        raise RejectedError("This network cannot be answered from here. Answer on the network itself, and note it.")
    if may_be_out:
        try:
            found = connector.find_sent(outgoing)
        except TemporaryError as error:
            raise ReadBackError(error.words) from error
        if found is not None:
            return found
    if time.monotonic() > begin_by:
        raise TooSlowError("This worker was held up, so nothing was sent; another attempt follows.")
    return connector.reply(outgoing)


@transaction.atomic
def _conclude(delivery: Delivery, call: Future[Sent]) -> None:
    """Write down what became of one attempt. If a person or another worker settled it meanwhile, only the news that
    it did arrive still counts."""
    error, at = call.exception(), timezone.now()
    conversation, row = hold(delivery)
    is_ours = row.state == DeliveryState.SENDING and row.attempts_count == delivery.attempts_count
    if error is None:
        if row.state != DeliveryState.SENT:
            _arrived(conversation, row, call.result(), at=at)
    elif is_ours:
        _explain(conversation, row, error, at=at)


def _arrived(conversation: Conversation, row: Delivery, sent: Sent, *, at: dt.datetime) -> None:
    """The network has it, unless what it showed us is another answer of ours in the same words."""
    if attempts.is_of_another(row, sent.external_id):
        because = (
            f"{row.channel.network} already has an answer in the same words, and cannot tell whether this one arrived "
            "too. Look there: mark it as sent if you see it twice, or take it back."
        )
        attempts.ends(conversation, row, state=DeliveryState.UNSURE, because=because, at=at)
        return
    row.because = ""
    attempts.arrived(conversation, row, external_id=sent.external_id, url=sent.url, sent_at=sent.sent_at, at=at)


def _explain(conversation: Conversation, row: Delivery, error: BaseException, *, at: dt.datetime) -> None:
    """What an attempt that did not succeed means, and what happens next."""
    began = row.first_attempt_at or at
    if not isinstance(error, ConnectorError | TooSlowError):
        log.error("deliver.connector_failed", connector=row.channel.connector, exc_info=error)
        error = TemporaryError(f"The connector for {row.channel.network} failed ({type(error).__name__}).")
    match error:
        case RateLimitedError():
            attempts.hold_channel(row.channel, until=error.until)
            _again(conversation, row, until=error.until, because=str(error), counts=False)
        case SignInExpiredError():
            attempts.sign_in_needed(row.channel, because=str(error))
            because = f"It waits until {row.channel.name} is signed in again. {error}"
            attempts.waits(conversation, row, until=at, because=because, counts=False)
        case TooSlowError():
            _again(conversation, row, until=at, because=str(error), counts=False)
        case RejectedError():
            attempts.ends(conversation, row, state=DeliveryState.FAILED, because=str(error), at=at)
        case ReadBackError() if at - began >= UNSURE_AFTER:
            because = (
                f"An attempt began at {began:%H:%M} UTC and its outcome is unknown; {row.channel.network} cannot tell "
                f"whether it has the answer ({error.words}) Look there: mark it as sent if you see it, or take it back."
            )
            attempts.ends(conversation, row, state=DeliveryState.UNSURE, because=because, at=at)
        case ConnectorError() if at - began >= GIVE_UP_AFTER:
            because = f"{row.channel.network} could not be reached for a day: {error.words} Try again, or take it back."
            attempts.ends(conversation, row, state=DeliveryState.FAILED, because=because, at=at)
        case _:
            _again(conversation, row, until=at + _pause(row.attempts_count), because=str(error))


def _pause(attempts_count: int) -> dt.timedelta:
    """How long to wait after so many attempts, spread so that not everything comes back at once."""
    seconds = WAITS_SECONDS[min(attempts_count, len(WAITS_SECONDS)) - 1]
    return dt.timedelta(seconds=seconds * random.uniform(1.0, 1.2))  # noqa: S311 -- spreads load, guards nothing


def _again(conversation: Conversation, row: Delivery, *, until: dt.datetime, because: str, counts: bool = True) -> None:
    attempts.waits(conversation, row, until=until, because=because, counts=counts)
    wake(Step.DELIVER, at=until)
