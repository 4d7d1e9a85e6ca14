"""Who has a conversation: assigning it within a department, handing it to another."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.inbox import clocks
from choir.inbox.actions import NotPossibleError, about, held, tell
from choir.inbox.models import Assignment, Conversation, Handover, Participant, State
from choir.inbox.reasons import Part, Parts, and_then, sentence, why_there
from choir.inbox.returning import asked_again
from choir.people.models import Department, Membership, Person, Team
from choir.people.policy import Permission


@transaction.atomic
def assign(
    conversation: Conversation,
    *,
    to: Person | None,
    team: Team | None = None,
    because: str = "",
    by: Person,
    at: dt.datetime,
) -> Conversation:
    """Give it to a person, or (`to=None`) back to the team. The person must work in the department that has it;
    for another department there is `hand_over`. What they were given by somebody else and do not touch moves on."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_ASSIGN)
    if row.department_id is None or row.team_id is None:
        raise NotPossibleError("This has no department yet. Hand it to one first.")
    target = team or row.team
    if to is not None:
        worked_in = Membership.objects.filter(person=to, team__department_id=row.department_id).select_related("team")
        teams = [one.team for one in worked_in]
        if not teams:
            raise NotPossibleError(f"{to.name} does not work in {row.department}. Hand it over, or consult them.")
        target = next((one for one in teams if one.pk == (target.pk if target else None)), teams[0])
    if target is None or target.department_id != row.department_id:
        raise NotPossibleError("That team belongs to another department. Hand it over instead.")
    if row.assignee_id == (to.pk if to else None) and row.team_id == target.pk:
        return row
    before = row.team
    row.assignee, row.team, row.return_at = to, target, None
    if before is not None and before.pk != target.pk:
        clocks.on_other_team(row, old=before, new=target, at=at)
    if to != by:
        asked_again([row], at=at)
    reason = because or (
        f"{by.name} took it." if to == by else f"{by.name} gave it to {to.name if to else target.name}."
    )
    present = row.assignments.filter(ended_at=None).first()
    whom = Part(reason.rstrip("."), "person" if to else "team", str(to.pk if to else target.pk))
    parts = and_then(why_there(present), whom)
    start_assignment(row, because=sentence(parts), by=by, at=at, parts=parts, goes_on=present)
    row.save()
    tell(
        row,
        "assigned",
        by=by,
        at=at,
        because=reason,
        facts={"person": str(to.pk) if to else "", "name": to.name if to else ""},
    )
    return row


@transaction.atomic
def hand_over(conversation: Conversation, *, to: Department, because: str, by: Person, at: dt.datetime) -> Handover:
    """Give it to another department with a reason. Who gives it away keeps seeing it; clocks keep the time spent;
    the hand-over is what routing learns from."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_ASSIGN)
    reason = because.strip()
    if not reason:
        raise NotPossibleError(
            "Say why, in a sentence: the other department reads it first, and routing learns from it."
        )
    if to.organisation_id != row.workspace.organisation_id:
        raise NotPossibleError("There is no such department in your organisation.")
    if row.department_id == to.pk:
        raise NotPossibleError(f"{to.name} has it already.")
    team = staffed_team(to)
    if team is None:
        raise NotPossibleError(f"{to.name} has no team with people in it, so nobody would answer. Choose another.")
    giver, before, opened = row.department, row.team, row.state != State.OPEN
    row.department, row.team, row.assignee, row.return_at, row.is_unsure = to, team, None, None, False
    row.state, row.snoozed_until = State.OPEN, None
    row.state_at = at if opened else row.state_at
    row.revision += 1
    clocks.on_other_team(row, old=before, new=team, at=at)
    start_assignment(row, because=f"{giver or 'Routing'} handed it over: {reason}", by=by, at=at)
    row.save()
    Participant.objects.get_or_create(
        workspace_id=row.workspace_id, conversation=row, person=by, defaults={"because": "handed it over", "since": at}
    )
    handover = Handover.objects.create(
        workspace_id=row.workspace_id,
        conversation=row,
        from_department=giver or to,
        to_department=to,
        by=by,
        because=reason,
        at=at,
    )
    facts = {
        "from": str(giver.pk) if giver else "",
        "to": str(to.pk),
        "from_name": str(giver or ""),
        "to_name": to.name,
    }
    tell(row, "handed_over", by=by, at=at, because=reason, facts=facts | about(row))
    return handover


def staffed_team(department: Department) -> Team | None:
    """The department's front door: its first team that has anybody in it."""
    return department.teams.filter(memberships__person__is_active=True).distinct().order_by("position", "name").first()


def start_assignment(
    conversation: Conversation,
    *,
    because: str,
    by: Person | None,
    at: dt.datetime,
    parts: Parts | None = None,
    goes_on: Assignment | None = None,
) -> Assignment:
    """End the present stretch and begin the next, with its reason; one that `goes_on` with another of its department
    rests on the same cell of the matrix."""
    if conversation.department is None or conversation.team is None:
        raise NotPossibleError("An assignment needs a department and a team.")
    conversation.assignments.filter(ended_at=None).update(ended_at=at)
    return Assignment.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        department=conversation.department,
        team=conversation.team,
        person_id=conversation.assignee_id,
        by=by,
        because=because,
        parts=parts or [],
        ownership_id=goes_on.ownership_id if goes_on is not None else None,
        at=at,
    )
