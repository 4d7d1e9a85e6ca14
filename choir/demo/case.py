"""One thread on its way through the company: its conversation and what hangs on it, before it is written down."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field

from choir.customers.models import Identity
from choir.demo.content import Thread
from choir.demo.networks import Presence
from choir.inbox.models import Assignment, Clock, Conversation, Message
from choir.sandbox.models import Account, Post
from choir.triage.models import Reading
from choir.triage.reader import Reading as Read

NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(eq=False)
class Case:
    """A thread and its rows so far."""

    thread: Thread
    authors: list[str]  # colleague's name by turn, "" where the customer speaks
    began: dt.datetime
    presence: Presence
    account: Account
    identity: Identity
    reads: list[Read]  # what triage makes of the customer's turns, in order
    conversation: Conversation
    clocks: list[Clock] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)  # the current one of each of the customer's turns
    assignment: Assignment | None = None
    posts: list[Post] = field(default_factory=list)
    question: Message | None = None  # the customer's last
    is_touched: bool = False  # somebody of ours did something
    happened_at: dt.datetime = NEVER
    brought_in: set[uuid.UUID] = field(default_factory=set)
    had: frozenset[uuid.UUID] = frozenset()  # who had it and did not touch it

    @property
    def signer(self) -> str:
        """Who answers first, "" when nobody does."""
        turns = zip(self.thread.turns, self.authors, strict=True)
        return next((name for turn, name in turns if turn.who == "agent"), "")

    @property
    def is_handed_over(self) -> bool:
        """Its text has a hand-over, so that routing may be wrong at first."""
        return any(turn.who == "handover" for turn in self.thread.turns)

    def moment(self, number: int) -> dt.datetime:
        """When a turn happens."""
        return self.began + dt.timedelta(minutes=self.thread.turns[number].minutes)
