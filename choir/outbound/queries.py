"""Reads for sending and for the pages about it: what changed, what policy asks, what waits, what went wrong."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, prefetch_related_objects

from choir.inbox.models import Consult, Conversation, Direction, Handover, Message
from choir.outbound.models import Approval, ApprovalPolicy, ApprovalVote, Delivery, DeliveryState
from choir.people.models import Person, Workspace
from choir.people.policy import Permission
from choir.prepared import Slot, one_of, prepared

SHOWN_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened in a conversation, as a sentence."""

    at: dt.datetime
    words: str

    def __str__(self) -> str:
        return self.words


def changes_since(conversation: Conversation, seen_revision: int) -> list[Change]:
    """What moved the revision from `seen_revision` to now, oldest first: messages of either side, answers taken
    back, hand-overs, answered questions. Each of them moved it by one."""
    count = conversation.revision - seen_revision
    if count <= 0:
        return []
    happened = [
        *_messages(conversation, count),
        *_undone(conversation, count),
        *_handovers(conversation, count),
        *_answered(conversation, count),
    ]
    return sorted(sorted(happened, key=lambda change: change.at, reverse=True)[:count], key=lambda change: change.at)


def _messages(conversation: Conversation, count: int) -> list[Change]:
    rows = conversation.messages.select_related("person", "identity", "mention", "delivery").order_by("-id")[:count]
    return [Change(_written_at(row), _said(row)) for row in rows]


def _written_at(message: Message) -> dt.datetime:
    delivery = getattr(message, "delivery", None)
    if delivery is not None:
        created_at: dt.datetime = delivery.created_at
        return created_at
    heard_at: dt.datetime = message.mention.received_at if message.mention is not None else message.at
    return heard_at


def _said(message: Message) -> str:
    words = _shortened(message.text)
    if message.direction == Direction.INBOUND:
        return f"{message.identity or 'The customer'} wrote: “{words}”."
    return f"{message.person or message.author_name or 'A colleague'} answered: “{words}”."


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[: SHOWN_CHARACTERS - 1]}…"


def _undone(conversation: Conversation, count: int) -> list[Change]:
    rows = (
        Delivery.objects.filter(message__conversation=conversation, state=DeliveryState.UNDONE)
        .exclude(settled_at=None)
        .select_related("message__person")
        .order_by("-settled_at")[:count]
    )
    return [
        Change(row.settled_at, f"The answer of {row.message.person or 'a colleague'} was taken back.")
        for row in rows
        if row.settled_at is not None
    ]


def _handovers(conversation: Conversation, count: int) -> list[Change]:
    rows = Handover.objects.filter(conversation=conversation).select_related("by", "from_department", "to_department")
    return [
        Change(
            row.at,
            f"{row.by or 'Choir'} handed it over from {row.from_department} to {row.to_department}: {row.because}.",
        )
        for row in rows.order_by("-at")[:count]
    ]


def _answered(conversation: Conversation, count: int) -> list[Change]:
    rows = Consult.objects.filter(conversation=conversation).exclude(answered_at=None).select_related("answered_by")
    return [
        Change(row.answered_at, f"{row.answered_by or 'An expert'} answered the question: “{_shortened(row.answer)}”.")
        for row in rows.order_by("-answered_at")[:count]
        if row.answered_at is not None
    ]


def policy_for(conversation: Conversation, *, author: Person) -> ApprovalPolicy | None:
    """The approval policy that holds for a reply of this author here, None where nobody need see it first. Of
    several that fit, the one that asks for most people holds, so that a narrow policy never weakens a wide one."""
    roles = author.access.roles.get(conversation.workspace_id, frozenset())
    return _policies.first(
        organisation=conversation.workspace.organisation_id,
        objective=conversation.objective_id,
        department=conversation.department_id,
        roles=[str(role) for role in roles],
    )


@prepared
def _policies(organisation: Slot, objective: Slot, department: Slot, roles: Slot) -> QuerySet[ApprovalPolicy]:
    return (
        ApprovalPolicy.objects.filter(organisation_id=organisation)
        .filter(Q(objective=None) | Q(objective=objective))
        .filter(Q(department=None) | Q(department=department))
        .filter(Q(author_role="") | Q(one_of("author_role", roles)))
        .order_by("-approvers_count", "name")[:1]
    )


def approvals_waiting_for(person: Person, at: dt.datetime) -> list[Approval]:
    """Open approvals the person may decide and has not voted on: never their own text. Oldest first."""
    voted = ApprovalVote.objects.filter(approval=OuterRef("pk"), person=person)
    rows = (
        Approval.objects.filter(closed_at=None, expires_at__gt=at, workspace_id__in=list(person.access.roles))
        .exclude(author=person)
        .filter(~Exists(voted))
        .select_related("conversation__department", "conversation__customer", "conversation__channel")
        .select_related("author", "policy", "workspace")
        .prefetch_related("votes__person", "attachments__file")
        .order_by("asked_at")
    )
    return [row for row in rows if row.conversation.allows(person, Permission.APPROVAL_DECIDE)]


def in_flight(conversation: Conversation) -> list[Delivery]:
    """Answers of a conversation that are still to leave, oldest first: what the composer offers to undo."""
    return list(
        Delivery.objects.filter(
            message__conversation=conversation, state__in=[DeliveryState.WAITING, DeliveryState.SENDING]
        )
        .select_related("message__person", "channel")
        .order_by("created_at")
    )


def approvals_of(author: Person, *, workspace: Workspace, at: dt.datetime) -> list[Approval]:
    """The author's own texts that wait for others, oldest first; `yes_count` is how many said yes."""
    return list(
        Approval.objects.filter(workspace=workspace, author=author, closed_at=None, expires_at__gt=at)
        .annotate(yes_count=Count("votes", filter=Q(votes__is_yes=True)))
        .order_by("asked_at")
    )


def problems_visible_to(person: Person, *, workspace: Workspace) -> QuerySet[Delivery]:
    """Deliveries that a person has to look at, in conversations this person may see, newest first."""
    visible = Conversation.objects.filter(workspace=workspace).visible_to(person)
    return (
        Delivery.objects.problems()
        .filter(workspace=workspace, message__conversation__in=visible)
        .select_related("channel", "message__person", "message__conversation__customer")
        .select_related("message__conversation__workspace")
        .order_by("-created_at", "-id")
    )


@prepared
def _deliveries(messages: Slot) -> QuerySet[Delivery]:
    return Delivery.objects.filter(one_of("message_id", messages))


def deliveries_of(messages: Sequence[Message]) -> dict[uuid.UUID, Delivery]:
    """How our own among some messages went out, by the message's id."""
    ours = [message.pk for message in messages if message.direction == Direction.OUTBOUND]
    return {row.message_id: row for row in _deliveries(messages=ours)} if ours else {}


@prepared
def _waiting(conversation: Slot) -> QuerySet[Approval]:
    return Approval.objects.filter(conversation=conversation, closed_at=None).select_related("author", "policy")


def approvals_in(conversation: Conversation) -> list[Approval]:
    """Answers of a conversation that wait for a yes, each with its votes, who cast them, and what goes along."""
    rows = _waiting(conversation=conversation.pk)
    prefetch_related_objects(rows, "votes__person", "attachments__file")
    return rows
