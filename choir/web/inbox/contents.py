"""What a conversation has, asked once, so that its page asks for nothing that is not there: most conversations have no
notes, no labels, no draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from choir.conversions.models import TrackedLink
from choir.inbox.models import Clock, Consult, Conversation, ConversationLabel, Direction, Message, Note, Visit
from choir.knowledge.models import Macro
from choir.media.models import Attachment
from choir.outbound.models import Approval, ApprovalPolicy, Delivery, Draft, Engagement, Moderation
from choir.people.models import Person
from choir.prepared import Slot, one_of, prepared


class Contents(NamedTuple):
    """Whether there are any: in the conversation, of the person in it, with the messages shown, in the organisation and
    the workspace; other conversations of the customer."""

    looked_at: dt.datetime | None  # when the person looked last
    notes: bool
    consults: bool
    labels: bool
    clocks: bool
    approvals: bool
    moderations: bool
    drafts: bool
    going_along: bool
    deliveries: bool
    engagements: bool
    attachments: bool
    policies: bool
    macros: bool
    links: bool
    others: bool


def contents_of(conversation: Conversation, person: Person, shown: Sequence[Message]) -> Contents:
    """What there is besides these messages. One query."""
    found = _contents(
        conversation=conversation.pk,
        person=person.pk,
        organisation=person.organisation_id,
        customer=conversation.customer_id,
        ours=[message.pk for message in shown if message.direction == Direction.OUTBOUND],
        mentions=[message.mention_id for message in shown if message.mention_id is not None],
    )
    return Contents(*found[0])


@prepared
def _contents(  # noqa: PLR0917 -- called by name
    conversation: Slot, person: Slot, organisation: Slot, customer: Slot, ours: Slot, mentions: Slot
) -> QuerySet[Conversation, Any]:
    here = {"conversation": conversation}
    visits = Visit.objects.filter(**here, workspace=OuterRef("workspace"), person=person)
    with_messages = Q(one_of("mention_id", mentions)) | Q(one_of("message_id", ours))
    return Conversation.objects.filter(pk=conversation).values_list(
        Subquery(visits.values("at")),
        Exists(Note.objects.filter(**here)),
        Exists(Consult.objects.filter(**here)),
        Exists(ConversationLabel.objects.filter(**here)),
        Exists(Clock.objects.filter(**here, stopped_at=None)),
        Exists(Approval.objects.filter(**here, closed_at=None)),
        Exists(Moderation.objects.filter(**here)),
        Exists(Draft.objects.filter(**here, person=person)),
        Exists(Attachment.objects.filter(**here, person=person, message=None)),
        Exists(Delivery.objects.filter(one_of("message_id", ours))),
        Exists(Engagement.objects.filter(one_of("message_id", ours))),
        Exists(Attachment.objects.filter(with_messages)),
        Exists(ApprovalPolicy.objects.filter(organisation_id=organisation)),
        Exists(Macro.objects.filter(organisation_id=organisation)),
        Exists(TrackedLink.objects.filter(workspace=OuterRef("workspace"), is_offered=True, ended_at=None)),
        Exists(Conversation.objects.filter(~Q(pk=conversation), customer_id=customer)),
    )
