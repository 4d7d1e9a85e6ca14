"""Abandoned: open work that lies with somebody who works in its team no longer, or with a team in which nobody does.

People leave, teams are emptied, and whoever had a conversation last year has it again when its customer writes. Each
way there is one more to forget, so nothing has to tell of it: what lies with nobody is found by looking.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef

from choir.events.actions import event, record_many
from choir.flow.owning import stand_in
from choir.flow.returns import take_back
from choir.flow.staffing import staffing_of
from choir.inbox import clocks
from choir.inbox.live import announce
from choir.inbox.models import Assignment, Conversation
from choir.people.models import Membership, Team
from choir.wake import Step, wake

BATCH = 100


@transaction.atomic
def place_abandoned(*, at: dt.datetime) -> int:
    """Give one batch back to its teams, or to whoever stands in where a team has nobody; how many."""
    return _of_who_left(at=at) or _of_empty_teams(at=at)


def _of_who_left(*, at: dt.datetime) -> int:
    works = Membership.objects.filter(person=OuterRef("assignee"), team=OuterRef("team"), person__is_active=True)
    left = Conversation.objects.open().filter(~Exists(works), assignee__isnull=False)
    batch = list(
        left.select_for_update(skip_locked=True, of=("self",))
        .select_related("workspace", "assignee", "team")
        .order_by("pk")[:BATCH]
    )
    said = [f"{one.assignee} works in {one.team} no longer, so the team has it" for one in batch]
    return take_back(batch, said, at=at)


def _of_empty_teams(*, at: dt.datetime) -> int:
    """To whoever stands in, with the time spent; where nobody works anywhere, it waits where it is."""
    working = Membership.objects.filter(person__is_active=True)
    empty = Team.objects.exclude(pk__in=working.values("team"))
    lying = Conversation.objects.open().filter(
        team__in=empty, workspace__organisation__in=working.values("person__organisation")
    )
    batch = list(
        lying.select_for_update(skip_locked=True, of=("self",))
        .select_related("workspace", "channel", "team")
        .order_by("pk")[:BATCH]
    )
    staffings = {one: staffing_of(one, at=at) for one in {row.workspace.organisation_id for row in batch}}
    placed = 0
    for row in batch:
        team = stand_in(row, staffings[row.workspace.organisation_id])
        if team is not None:
            _place(row, team, at=at)
            placed += 1
    announce(batch, what="state")
    if placed:
        wake(Step.ASSIGN)
    return placed


def _place(row: Conversation, team: Team, *, at: dt.datetime) -> None:
    because = f"Nobody works in {row.team} any more, so {team.name} has it."
    clocks.on_other_team(row, old=row.team, new=team, at=at)
    row.team, row.department, row.assignee, row.return_at = team, team.department, None, None
    row.revision += 1
    Assignment.objects.filter(conversation=row, ended_at=None).update(ended_at=at)
    Assignment.objects.create(
        workspace_id=row.workspace_id, conversation=row, department=team.department, team=team, because=because, at=at
    )
    row.save(update_fields=["team", "department", "assignee", "return_at", "revision", "due_at"])
    facts = {"person": "", "department": str(team.department_id), "team": str(team.pk)}
    record_many([
        event(
            verb="conversation.returned", subject=row, organisation_id=row.workspace.organisation_id,
            workspace_id=row.workspace_id, at=at, because=because, facts=facts,
        )
    ])  # fmt: skip
