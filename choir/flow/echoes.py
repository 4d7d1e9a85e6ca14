"""Our own answers coming back: a network shows what Choir itself has just sent, perhaps before Choir has written down
that it was sent. Such an echo is the message that is on its way, not another one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile

from choir.channels.models import Channel
from choir.inbox.models import Direction, Message
from choir.legible import address, fitted_id, legible
from choir.listening.actions import Heard
from choir.rows import write_back


def adopt_echoes(channel: Channel, ours: Sequence[Heard]) -> list[Heard]:
    """Give messages that are on their way the network's id by which they came back; what is left was written with
    another tool. An echo is known by its words and by what it answers, and by an attempt having begun."""
    if not ours:
        return []
    answered = {fitted_id(one.item.parent_id) for one in ours}
    on_their_way = list(
        Message.objects.filter(
            workspace_id=channel.workspace_id,
            conversation__channel=channel,
            direction=Direction.OUTBOUND,
            external_id="",
            in_reply_to__in=answered,
            delivery__first_attempt_at__isnull=False,
        ).order_by("at")
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


def _same(message: Message, heard: Heard) -> bool:
    same_words = _words(message.text) == _words(legible(heard.item.text))
    return same_words and message.in_reply_to == fitted_id(heard.item.parent_id)


def _words(text: str) -> list[str]:
    """The words after those whom it addresses: networks put handles before an answer."""
    return list(dropwhile(lambda word: word.startswith("@"), text.split()))
