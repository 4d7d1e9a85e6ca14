"""Answers that left and came back: the network tells, perhaps days later, that they did not reach the customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from choir.channels.models import Channel
from choir.legible import cut, fitted_id
from choir.listening.actions import Heard
from choir.outbound.actions import attempts
from choir.outbound.actions.settling import hold
from choir.outbound.models import Delivery, DeliveryState


def came_back(channel: Channel, heard: Sequence[Heard], *, at: dt.datetime) -> None:
    """Mark deliveries that are reported as undelivered; a person has to reach the customer another way. What is not an
    answer of this channel, or came back before, is passed over."""
    reported = {fitted_id(one.item.undelivered_id): one for one in heard if one.item.undelivered_id}
    if not reported:
        return
    left = Delivery.objects.filter(
        channel=channel, state=DeliveryState.SENT, message__external_id__in=reported
    ).select_related("message__conversation")
    for delivery in left.order_by("pk"):
        conversation, row = hold(delivery)
        if row.state == DeliveryState.SENT:
            said = reported[row.message.external_id].item.text
            because = (
                f"It left, but did not reach the customer. Their mail server says: {cut(' '.join(said.split()), 300)}"
            )
            attempts.ends(conversation, row, state=DeliveryState.RETURNED, because=because, at=at)
