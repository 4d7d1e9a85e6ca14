"""Rows on their way into the database: made at their true times, kept together, written in few statements."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections import defaultdict
from typing import TypeVar

from django.db import models

from choir.channels.models import Arrival
from choir.customers.models import Customer, Identity
from choir.events.models import Event
from choir.inbox.models import (
    Assignment,
    Clock,
    Consult,
    Conversation,
    ConversationLabel,
    Handover,
    Label,
    Message,
    Note,
    Participant,
    Visit,
)
from choir.listening.models import Mention
from choir.outbound.models import Approval, ApprovalVote, Delivery
from choir.pilots.models import Draw
from choir.sandbox.models import Account, Post
from choir.triage.models import Reading

Row = TypeVar("Row", bound=models.Model)

# What is referred to comes first.
ORDER: tuple[type[models.Model], ...] = (
    Account, Post, Customer, Identity, Arrival, Mention, Reading, Conversation, Message, Label, ConversationLabel,
    Draw, Participant, Note, Consult, Handover, Assignment, Clock, Approval, ApprovalVote, Delivery, Visit, Event,
)  # fmt: skip
BATCH = 500


class Rows:
    """A heap of rows of many kinds."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._count = 0
        self._rows: dict[type[models.Model], list[models.Model]] = defaultdict(list)

    def add(self, row: Row, *, at: dt.datetime) -> Row:
        """Keep a row, with an id as if it had been made at that time, so that rows sort as they happened."""
        row.pk = self.id_at(at)
        self._rows[type(row)].append(row)
        return row

    def id_at(self, at: dt.datetime) -> uuid.UUID:
        """A UUIDv7 of a moment (RFC 9562 §5.7); what follows the milliseconds comes from the seeded chance."""
        milliseconds = int(at.timestamp() * 1000)
        microseconds = at.microsecond % 1000 * 4  # within the millisecond ids sort by time too
        self._count += 1  # and at the very same moment in the order in which they were made
        last_bits = (self._count & 0xFFFFF) << 42 | self._chance.getrandbits(42)
        return uuid.UUID(int=milliseconds << 80 | 7 << 76 | microseconds << 64 | 2 << 62 | last_bits)

    def of(self, model: type[Row]) -> list[Row]:
        """The rows of one kind so far."""
        return self._rows[model]  # type: ignore[return-value]  # `add` keeps them by their type

    def write(self) -> None:
        """Insert all of them, oldest first."""
        for model in ORDER:
            rows = sorted(self._rows[model], key=lambda row: str(row.pk))
            model._base_manager.bulk_create(rows, batch_size=BATCH)
