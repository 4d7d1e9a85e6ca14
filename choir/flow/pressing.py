"""What makes a contact more urgent than its words do: how many people follow whoever says it, and that they have asked
before and had no answer. A lost hour costs more there."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

from choir.events.actions import event, record_many
from choir.inbox.models import Conversation, Direction
from choir.inbox.reasons import Part
from choir.people.models import Workspace
from choir.prepared import answered

URGENT = 2
WIDELY_FOLLOWED = 10_000
AGAIN = 3  # contacts without an answer
COUNTED_FOR = dt.timedelta(days=7)

PRESSING = """
SELECT customer_id, max(followers_count), 0 FROM customers_identity
WHERE customer_id = ANY(%(customers)s::uuid[]) AND followers_count >= %(widely)s GROUP BY customer_id
UNION ALL
SELECT conversation.customer_id, 0, count(DISTINCT date_trunc('hour', message.at))
FROM inbox_conversation AS conversation JOIN inbox_message AS message ON message.conversation_id = conversation.id
WHERE conversation.customer_id = ANY(%(customers)s::uuid[]) AND conversation.waiting_since IS NOT NULL
    AND message.direction = %(inbound)s AND message.at >= greatest(conversation.waiting_since, %(since)s)
GROUP BY 1 HAVING count(DISTINCT date_trunc('hour', message.at)) >= %(again)s
"""
"""What is said within an hour is one contact: people write in several messages."""


def pressing_of(conversations: Sequence[Conversation], *, at: dt.datetime) -> Mapping[uuid.UUID, Part]:
    """Why each of these conversations is urgent whatever it says, of those that are: one statement."""
    values = {
        "customers": list({one.customer_id for one in conversations}), "widely": WIDELY_FOLLOWED, "again": AGAIN,
        "inbound": Direction.INBOUND.value, "since": at - COUNTED_FOR,
    }  # fmt: skip
    followed, asked = Counter[uuid.UUID](), Counter[uuid.UUID]()
    for customer, followers, contacts in answered(PRESSING, values):
        followed[customer] += followers
        asked[customer] += contacts
    found = {}
    for one in conversations:
        part = pressing_part(one, followers=followed[one.customer_id], contacts=asked[one.customer_id])
        if part is not None:
            found[one.pk] = part
    return found


def pressing_part(conversation: Conversation, *, followers: int, contacts: int = 0) -> Part | None:
    """Why it is urgent whatever it says, of somebody with so many followers who asked so often without an answer; None
    where it is not."""
    said = ""
    if contacts >= AGAIN:
        said = f"it is urgent because they have asked {contacts} times without an answer"
    elif followers >= WIDELY_FOLLOWED and not conversation.is_private and conversation.sentiment != "positive":
        said = f"it is urgent because {followers:,} people follow whoever says it"
    return Part(said, "customer", str(conversation.customer_id)) if said else None


def press(conversations: Sequence[Conversation], *, at: dt.datetime) -> None:
    """Open conversations that have become urgent so since they were routed are urgent from now on, with an event that
    says why. Sets `urgency`; the caller saves."""
    found = pressing_of(conversations, at=at) if conversations else {}
    pressed = [one for one in conversations if one.pk in found]
    organisations = dict(
        Workspace.objects.filter(pk__in={one.workspace_id for one in pressed}).values_list("pk", "organisation_id")
    )
    for one in pressed:
        one.urgency = URGENT
    record_many(
        event(
            verb="conversation.grew_urgent", subject=one, organisation_id=organisations[one.workspace_id],
            workspace_id=one.workspace_id, at=at, because=f"{found[one.pk].words[0].upper()}{found[one.pk].words[1:]}.",
            facts={"department": str(one.department_id or ""), "team": str(one.team_id or "")},
        )
        for one in pressed
    )  # fmt: skip
