"""Assign: open work that has a team but no person, whenever somebody comes online or has room."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from choir.events.actions import event, record_many
from choir.flow.judge import give
from choir.flow.reasons import person_part
from choir.flow.staffing import Staffing, staffing_of, who_knows
from choir.inbox.live import announce
from choir.inbox.models import Assignment, Conversation
from choir.inbox.reasons import Parts, and_then, sentence, why_there
from choir.people.models import Membership, Presence
from choir.routing.choose import Candidate, choose
from choir.routing.load import weight_for
from choir.routing.models import Assigning
from choir.rows import write_back

BATCH = 128
PASSED_AT_MOST = 8 * BATCH


@transaction.atomic
def assign_waiting(*, at: dt.datetime) -> int:
    """Give one batch of unassigned conversations to people who are there, most urgent and longest waiting first. What
    nobody free may have keeps nothing behind it from being given."""
    online = Membership.objects.filter(team=OuterRef("team"), person__is_active=True, person__presence=Presence.ONLINE)
    unassigned = (
        Conversation.objects.unassigned().exclude(team__policy__assigning=Assigning.BY_HAND).filter(Exists(online))
    )
    places = set(unassigned.values_list("workspace__organisation_id", "team_id").distinct())
    given = 0
    for organisation_id in {one for one, _ in places}:
        staffing = staffing_of(organisation_id, at=at)
        teams = [team for _, team in places if any(_is_free(one) for one in staffing.candidates.get(team, []))]
        given += _assign_some(unassigned.filter(team__in=teams), organisation_id, staffing, at=at)
    return given


def _is_free(candidate: Candidate) -> bool:
    return candidate.is_online and candidate.held < candidate.capacity


def _assign_some(
    waiting: QuerySet[Conversation], organisation_id: uuid.UUID, staffing: Staffing, *, at: dt.datetime
) -> int:
    """Give one batch, passing over batches of which nobody may have any."""
    passed: list[uuid.UUID] = []
    while len(passed) <= PASSED_AT_MOST:
        rows = waiting.exclude(pk__in=passed).order_by("-urgency", "due_at", "id")
        rows = rows.select_for_update(skip_locked=True, of=("self",))
        batch = list(rows.select_related("workspace", "team", "reading", "objective")[:BATCH])
        if given := _assign_batch(organisation_id, batch, staffing, at=at):
            return given
        if len(batch) < BATCH:
            break
        passed += [one.pk for one in batch]
    return 0


def _assign_batch(organisation_id: uuid.UUID, batch: list[Conversation], staffing: Staffing, *, at: dt.datetime) -> int:
    know = who_knows({one.customer_id for one in batch}, at=at)
    had = _who_had([one.pk for one in batch])
    present = present_stretches(batch)
    given: list[Conversation] = []
    reasons: dict[uuid.UUID, Parts] = {}
    for one in batch:
        assert one.team is not None
        choice = choose(
            staffing.candidates.get(one.team.pk, []),
            language=one.language,
            topic=one.reading.topic if one.reading else "",
            weight=weight_for(one.objective, one.urgency),
            knows_customer=know.get(one.customer_id),
            not_again=had[one.pk],
        )
        if choice.candidate is not None:
            give(one, choice, staffing, at=at)
            given.append(one)
            reasons[one.pk] = and_then(why_there(present.get(one.pk)), person_part(choice, one.team.pk))
    _keep(given, reasons, present, organisation_id, at=at)
    return len(given)


def present_stretches(conversations: Sequence[Conversation]) -> dict[uuid.UUID, Assignment]:
    """Who has each conversation, and why, by the conversation's id."""
    rows = Assignment.objects.filter(conversation__in=conversations, ended_at=None)
    return {one.conversation_id: one for one in rows}


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
    given: list[Conversation],
    reasons: dict[uuid.UUID, Parts],
    present: dict[uuid.UUID, Assignment],
    organisation_id: uuid.UUID,
    *,
    at: dt.datetime,
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
            ownership_id=present[one.pk].ownership_id if one.pk in present else None,
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
