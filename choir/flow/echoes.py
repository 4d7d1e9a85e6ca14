"""Our own answers coming back: a network shows what Choir itself has just sent, perhaps before Choir has written down
that it was sent. Such an echo is the message that is on its way, not another one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import dropwhile

from django.db.models import Q

from choir.channels.models import Channel
from choir.inbox.models import Direction, Message
from choir.legible import address, fitted_id, legible
from choir.listening.actions import Heard
from choir.rows import write_back

CLOCK_SKEW = dt.timedelta(seconds=60)  # how far a network's clock may be from ours


def adopt_echoes(channel: Channel, ours: Sequence[Heard]) -> list[Heard]:
    """Give messages that are on their way the network's id by which they came back; what is left was written with
    another tool. An echo is known by its words, by what it answers or the thread it is in (private messages answer
    nothing in particular), and by an attempt having begun."""
    ours = _without_what_went_along(channel, ours)
    if not ours:
        return []
    answered = {fitted_id(one.item.parent_id) for one in ours}
    threads = {fitted_id(one.item.thread_id) for one in ours if one.item.thread_id}
    on_their_way = list(
        Message.objects.filter(
            Q(in_reply_to__in=answered) | Q(conversation__thread_key__in=threads),
            workspace_id=channel.workspace_id,
            conversation__channel=channel,
            direction=Direction.OUTBOUND,
            external_id="",
            delivery__first_attempt_at__isnull=False,
        )
        .select_related("conversation")
        .order_by("at")
    )
    adopted: list[Message] = []
    left: list[Heard] = []
    for one in ours:
        message = next((message for message in on_their_way if _same(message, one)), None)
        if message is None:
            left.append(one)
            continue
        on_their_way.remove(message)
        message.external_id, message.url = one.external_id, address(one.item.url)
        message.sent_at = message.sent_at or one.said_at
        message.arrival = one.arrival
        adopted.append(message)
    write_back(adopted, ["external_id", "url", "sent_at", "arrival"])
    return left


def _without_what_went_along(channel: Channel, ours: Sequence[Heard]) -> Sequence[Heard]:
    """Some networks carry a picture as a message of its own beside the words of an answer. Such a one without words,
    in a thread where an answer with attachments was just leaving, is part of that answer, which shows it already."""
    threads = {fitted_id(one.item.thread_id) for one in ours if _is_wordless(one)} - {""}
    if not threads:
        return ours
    left = Message.objects.filter(
        workspace_id=channel.workspace_id,
        conversation__channel=channel,
        conversation__thread_key__in=threads,
        direction=Direction.OUTBOUND,
        attachments__isnull=False,
        delivery__first_attempt_at__isnull=False,
    )
    spans = [
        (message.conversation.thread_key, message.delivery.first_attempt_at, message.sent_at)
        for message in left.select_related("conversation", "delivery")
    ]

    def went_along(one: Heard) -> bool:
        return _is_wordless(one) and any(
            thread == fitted_id(one.item.thread_id)
            and (began is not None and began - CLOCK_SKEW <= one.said_at)
            and (ended is None or one.said_at <= ended + CLOCK_SKEW)
            for thread, began, ended in spans
        )

    return [one for one in ours if not went_along(one)]


def _is_wordless(heard: Heard) -> bool:
    return bool(heard.item.media) and not heard.item.text.strip()


def _same(message: Message, heard: Heard) -> bool:
    if _words(message.text) != _words(legible(heard.item.text)):
        return False
    thread = fitted_id(heard.item.thread_id)
    return message.in_reply_to == fitted_id(heard.item.parent_id) or bool(
        thread and message.conversation.thread_key == thread
    )


def _words(text: str) -> list[str]:
    """The words after those whom it addresses: networks put handles before an answer."""
    return list(dropwhile(lambda word: word.startswith("@"), text.split()))
