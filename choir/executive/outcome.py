"""What came of a customer that leaders heard: questions and their answers, drafts, approvals, what left, how the
customer felt then."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from choir.executive.models import Attention, Hearing
from choir.inbox.models import Consult, Message
from choir.outbound.models import Approval, DeliveryState
from choir.people.models import Person
from choir.surveys.models import Survey

GONE = (DeliveryState.UNDONE, DeliveryState.FAILED, DeliveryState.RETURNED)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened since: what, whose doing, the words of it, and whether it still waits."""

    kind: str
    at: dt.datetime
    who: str = ""
    words: str = ""
    is_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Came:
    """All that came of one hearing, oldest first. `by_leader` is whether an answer in a leader's name left."""

    steps: Sequence[Step]
    by_leader: bool
    mood: str


def came_of(hearings: Iterable[Hearing]) -> dict[uuid.UUID, Came]:
    """By hearing: five queries however many there are. Conversations must be loaded."""
    known = list(hearings)
    of = {one.conversation_id: one for one in known}
    leaders: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    drafts: set[uuid.UUID] = set()
    for one in Attention.objects.filter(hearing__in=known):
        leaders[one.hearing_id].add(one.person_id)
        drafts.update([one.drafting_id] if one.drafting_id else [])
    steps: dict[uuid.UUID, list[Step]] = defaultdict(list)
    people = {person for found in leaders.values() for person in found}
    by_leader: set[uuid.UUID] = set()
    for consult in Consult.objects.filter(
        conversation__in=of, asked_by__in=people
    ).select_related("asked_by", "answered_by", "department"):  # fmt: skip
        steps[consult.conversation_id] += _asked(consult, is_draft=consult.pk in drafts)
    for approval in Approval.objects.filter(conversation__in=of, author__in=people).select_related("author"):
        steps[approval.conversation_id] += _approved(approval)
    since = min((one.brief.written_at for one in known), default=None)
    sent = (
        Message.objects.filter(conversation__in=of, direction="outbound", at__gte=since)
        if since
        else Message.objects.none()
    )
    for message in sent.select_related("person", "delivery").order_by("at"):
        delivery = getattr(message, "delivery", None)
        hearing = of[message.conversation_id]
        if message.at < hearing.brief.written_at or (delivery is not None and delivery.state in GONE):
            continue
        if message.person_id in leaders[hearing.pk]:
            by_leader.add(hearing.pk)
        who = str(message.person or message.author_name)
        steps[message.conversation_id].append(
            Step("answered", message.sent_at or message.at, who, is_waiting=message.sent_at is None)
        )
    for survey in Survey.objects.filter(conversation__in=of, answered_at__isnull=False):
        if survey.answered_at is not None:
            steps[survey.conversation_id].append(Step("satisfied", survey.answered_at, words=f"{survey.score} of 5"))
    return {one.pk: _came(one, steps[one.conversation_id], one.pk in by_leader) for one in known}


def _came(hearing: Hearing, steps: list[Step], by_leader: bool) -> Came:
    conversation = hearing.conversation
    later = conversation.last_inbound_at
    if later is not None and later >= hearing.brief.written_at:
        steps.append(Step("wrote", later, words=conversation.excerpt))
    if conversation.state == "resolved" and conversation.state_at >= hearing.brief.written_at:
        steps.append(Step("resolved", conversation.state_at))
    mood = conversation.sentiment if conversation.sentiment != hearing.facets.get("mood") else ""
    return Came(sorted(steps, key=lambda one: one.at), by_leader, mood)


def _asked(consult: Consult, *, is_draft: bool) -> list[Step]:
    kind = "draft_wanted" if is_draft else "asked"
    found = [Step(kind, consult.asked_at, str(consult.asked_by or ""), consult.question, consult.answered_at is None)]
    if consult.answered_at is not None:
        who = str(consult.answered_by or consult.department)
        found.append(Step("drafted" if is_draft else "told", consult.answered_at, who, consult.answer))
    return found


def _approved(approval: Approval) -> list[Step]:
    found = [Step("approval_asked", approval.asked_at, str(approval.author), is_waiting=approval.closed_at is None)]
    if approval.closed_at is not None:
        found.append(Step(approval.outcome, approval.closed_at, str(approval.author)))
    return found


def starred_by(person: Person, workspace_id: uuid.UUID) -> Q:
    """Hearings that the person keeps with a star."""
    return Q(workspace_id=workspace_id, attention__person=person, attention__starred_at__isnull=False)
