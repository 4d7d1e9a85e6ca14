"""Assign: open work that has a team but no person, whenever somebody comes online or has room."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict

from django.db import transaction
from django.db.models import Exists, OuterRef

from choir.events.actions import event, record_many
from choir.flow.judge import give
from choir.flow.reasons import Part, Parts, person_part, sentence
from choir.flow.staffing import staffing_of, who_knows
from choir.inbox.live import announce
from choir.inbox.models import Assignment, Conversation
from choir.people.models import Membership, Presence
from choir.routing.choose import choose
from choir.routing.models import Assigning
from choir.rows import write_back

BATCH = 128


@transaction.atomic
def assign_waiting(*, at: dt.datetime) -> int:
    """Give one batch of unassigned conversations to people who are there, most urgent and longest waiting first."""
    online = Membership.objects.filter(team=OuterRef("team"), person__is_active=True, person__presence=Presence.ONLINE)
    waiting = (
        Conversation.objects.unassigned()
        .exclude(team__policy__assigning=Assigning.BY_HAND)
        .filter(Exists(online))
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("workspace", "team", "reading")
        .order_by("-urgency", "due_at", "id")
    )
    by_organisation: dict[uuid.UUID, list[Conversation]] = defaultdict(list)
    for one in waiting[:BATCH]:
        by_organisation[one.workspace.organisation_id].append(one)
    return sum(_assign_batch(organisation_id, batch, at=at) for organisation_id, batch in by_organisation.items())


def _assign_batch(organisation_id: uuid.UUID, batch: list[Conversation], *, at: dt.datetime) -> int:
    staffing = staffing_of(organisation_id)
    know = who_knows({one.customer_id for one in batch}, at=at)
    had = _who_had([one.pk for one in batch])
    given: list[Conversation] = []
    reasons: dict[uuid.UUID, Parts] = {}
    for one in batch:
        assert one.team is not None
        choice = choose(
            staffing.candidates.get(one.team.pk, []),
            language=one.language,
            topic=one.reading.topic if one.reading else "",
            knows_customer=know.get(one.customer_id),
            not_again=had[one.pk],
        )
        if choice.candidate is not None:
            give(one, choice, staffing, at=at)
            given.append(one)
            reasons[one.pk] = [person_part(choice), Part(".")]
    _keep(given, reasons, organisation_id, at=at)
    return len(given)


def _who_had(conversation_ids: list[uuid.UUID]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Who was given each conversation before by routing and did not touch it: they are not asked again, so that
    nothing goes round in circles."""
    had: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    rows = Assignment.objects.filter(conversation_id__in=conversation_ids, person__isnull=False, by=None)
    for conversation_id, person_id in rows.values_list("conversation_id", "person_id"):
        if person_id is not None:
            had[conversation_id].add(person_id)
    return defaultdict(frozenset, {key: frozenset(people) for key, people in had.items()})


def _keep(
    given: list[Conversation], reasons: dict[uuid.UUID, Parts], organisation_id: uuid.UUID, *, at: dt.datetime
) -> None:
    Assignment.objects.filter(conversation__in=given, ended_at=None).update(ended_at=at)
    Assignment.objects.bulk_create(
        Assignment(
            workspace_id=one.workspace_id,
            conversation=one,
            department_id=one.department_id or uuid.UUID(int=0),
            team_id=one.team_id or uuid.UUID(int=0),
            person_id=one.assignee_id,
            because=sentence(reasons[one.pk]),
            parts=reasons[one.pk],
            at=at,
        )
        for one in given
    )
    write_back(given, ["assignee", "return_at"])
    record_many(
        event(
            verb="conversation.assigned",
            subject=one,
            organisation_id=organisation_id,
            workspace_id=one.workspace_id,
            at=at,
            because=sentence(reasons[one.pk]),
            facts={"person": str(one.assignee_id), "department": str(one.department_id), "team": str(one.team_id)},
        )
        for one in given
    )
    announce(given, what="state")
