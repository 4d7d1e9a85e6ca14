"""What the demo company's people took from knowledge into their answers: more of it from month to month."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict

from choir.demo.company import Company
from choir.demo.rows import Rows
from choir.demo.schedule import HISTORY
from choir.inbox.models import Conversation, Direction, Message
from choir.knowledge.models import Answer, Reuse

SEED = 4_117
FIRST, LAST = 0.15, 0.45  # the share at the beginning and now


def reuse(company: Company, *, rows: Rows, at: dt.datetime) -> None:
    """Some answers were written with what their department knew. The rows are written already."""
    chance = random.Random(SEED)  # noqa: S311 -- an invented company needs no secrets
    known: dict[object, list[Answer]] = defaultdict(list)
    for one in Answer.objects.filter(organisation=company.organisation).order_by("title"):
        known[one.department_id].append(one)
    conversations = {one.pk: one for one in rows.of(Conversation)}
    taken = []
    for message in rows.of(Message):
        if message.direction != Direction.OUTBOUND or message.sent_at is None or message.person_id is None:
            continue
        conversation = conversations[message.conversation_id]
        fitting = [one for one in known[conversation.department_id] if one.created_at < message.at]
        share = LAST - (LAST - FIRST) * ((at - message.at) / HISTORY)
        if fitting and chance.random() < share:
            taken.append(Reuse(
                workspace=company.workspace, conversation=conversation, person_id=message.person_id, message=message,
                answer=_nearest(fitting, conversation, chance), taken_at=message.at - dt.timedelta(minutes=2),
            ))  # fmt: skip
    Reuse.objects.bulk_create(taken)


def _nearest(answers: list[Answer], conversation: Conversation, chance: random.Random) -> Answer:
    """The one whose tags stand in what the customer said, else any."""
    said = conversation.excerpt.lower()
    near = [one for one in answers if any(tag in said for tag in one.tags)]
    return chance.choice(near or answers)
