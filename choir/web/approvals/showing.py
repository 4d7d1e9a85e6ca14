"""What an approver needs beside the text: what the customer said, who voted, whether they may open the rest."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from choir.inbox.models import Conversation, Message
from choir.outbound.models import Approval, ApprovalVote
from choir.people.models import Person

CONTEXT_MESSAGES = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """One approval as the queue shows it. `url` is empty for who may decide on it but not read the conversation."""

    approval: Approval
    context: Sequence[Message]
    votes: Sequence[ApprovalVote]
    url: str
    refused: str


def shown(approvals: Sequence[Approval], *, person: Person, refused: Mapping[uuid.UUID, str]) -> list[Shown]:
    """Each approval with the last things said before it was asked."""
    conversations = [row.conversation_id for row in approvals]
    readable = set(Conversation.objects.filter(pk__in=conversations).visible_to(person).values_list("pk", flat=True))
    return [
        Shown(
            approval=row,
            context=_context(row),
            votes=list(row.votes.all()),
            url=conversation_url(row.conversation) if row.conversation_id in readable else "",
            refused=refused.get(row.pk, ""),
        )
        for row in approvals
    ]


def _context(approval: Approval) -> list[Message]:
    said = approval.conversation.messages.filter(at__lte=approval.asked_at).select_related("identity", "person")
    return list(said.order_by("-at", "-id")[:CONTEXT_MESSAGES])[::-1]


def conversation_url(conversation: Conversation) -> str:
    """Where a conversation is opened; empty while there is no such page."""
    try:
        return reverse("conversation", args=[conversation.workspace.slug, conversation.pk])
    except NoReverseMatch:
        return ""
