"""A company with one channel on one vendor's network, which its double stands for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from choir.channels.models import Channel
from choir.flow.deliver import deliver
from choir.flow.fetch import fetch
from choir.flow.hear import hear
from choir.inbox.models import Conversation, State
from choir.outbound.models import Delivery
from tests.cast import Cast
from tests.doubles.double import Double
from tests.outbound.company import answer

QUESTION, REPLY = "Where is my kettle?", "It leaves today: https://brindle.example/orders & thanks"


@dataclass
class Place:
    """A company with one channel on one network."""

    cast: Cast
    network: Double

    @property
    def channel(self) -> Channel:
        return Channel.objects.get(pk=self.cast.channel.pk)

    def listen(self) -> None:
        """One turn of fetching, and hearing what came."""
        Channel.objects.update(fetch_due_at=timezone.now())
        fetch(at=timezone.now())
        hear(at=timezone.now())

    def conversation(self, external_id: str) -> Conversation:
        """The conversation of one message, which customer service has."""
        found = Conversation.objects.get(messages__external_id=external_id)
        found.state, found.team = State.OPEN, self.cast.teams["customer_service"]
        found.department = self.cast.departments["customer_service"]
        found.save()
        return found

    def asked(self) -> tuple[str, Delivery]:
        """A customer has asked, and an answer is on its way."""
        question = self.network.customer_says(QUESTION)
        self.listen()
        return question, answer(self.conversation(question), self.cast.ana, REPLY)

    def deliver(self, *, after_seconds: float = 60) -> None:
        deliver(at=timezone.now() + dt.timedelta(seconds=after_seconds))

    def said(self, external_id: str) -> list[str]:
        """All that is said in the conversation of a message, with what is known to be on the network marked."""
        rows = Conversation.objects.get(messages__external_id=external_id).messages.order_by("at")
        return [f"{one.direction}:{bool(one.external_id)}" for one in rows]
