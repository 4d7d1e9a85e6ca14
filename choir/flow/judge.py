"""The judgement on one conversation: open with whom, noted, or settled already; and why, in a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from choir.flow.owning import Organised, Owner, decided_part, owner_of, pilot_part, urgent_part
from choir.flow.promising import begun, moved
from choir.flow.reasons import here_because, person_part
from choir.flow.staffing import Staffing
from choir.inbox import clocks as running
from choir.inbox.models import Assignment, Clock, Conversation, State
from choir.inbox.reasons import sentence
from choir.inbox.returning import moves_on_at
from choir.people.models import Team
from choir.pilots.models import Draw
from choir.routing.choose import Choice, choose
from choir.routing.decide import fitting_promise
from choir.routing.load import weight_for
from choir.rows import made
from choir.triage.models import Reading

HISTORY = dt.timedelta(days=30)
SURE_OF_NO_REPLY = 0.6
URGENT = 2


@dataclass
class Verdict:
    """What was decided about a conversation; its own fields are set already, nothing is saved yet."""

    verb: str
    because: str
    facts: dict[str, Any] = field(default_factory=dict)
    assignment: Assignment | None = None
    clocks: list[Clock] = field(default_factory=list)
    draw: Draw | None = None


def judge(conversation: Conversation, readings: Sequence[Reading], organised: Organised, *, at: dt.datetime) -> Verdict:
    """Decide about one conversation whose messages are all read."""
    if not readings:
        return _noted(conversation, because="Nothing in it was said by a customer.", at=at)
    last = readings[-1]
    leading = lead(readings)
    if conversation.reading_id is None:
        reads_as(conversation, last)
    was_ours = conversation.team_id is not None
    if not was_ours:
        _read_as(conversation, leading, organised)
    owner = None if was_ours else owner_of(conversation, leading, organised)
    if owner is not None:
        conversation.team, conversation.department = owner.team, owner.team.department
        conversation.urgency = max(conversation.urgency, owner.ruled.urgency)
    insisted = owner is not None and owner.is_insisted_on
    closed = _closed(conversation, last, organised, was_ours=was_ours, insisted=insisted, at=at)
    if closed is not None:
        return closed
    if owner is None:
        return _reopened(conversation, organised.staffing, at=at)
    return _opened(conversation, leading, owner, organised, at=at)


def reads_as(conversation: Conversation, newest: Reading) -> None:
    """Show on a conversation what its newest reading says; an urgent message stays urgent until answered. Thanks do
    not change what it is about: a reading that needs no reply stands for it only while there is no other."""
    if conversation.reading_id is None or newest.needs_reply:
        conversation.reading = newest
    conversation.sentiment, conversation.language = newest.sentiment, newest.language
    conversation.urgency = max(conversation.urgency, newest.urgency) if conversation.waiting_since else newest.urgency


def lead(readings: Sequence[Reading]) -> Reading:
    """The reading that stands for a conversation: the first that needs a reply."""
    return next((one for one in readings if one.needs_reply), readings[0])


def _closed(
    conversation: Conversation, last: Reading, organised: Organised, *, was_ours: bool, insisted: bool, at: dt.datetime
) -> Verdict | None:
    """What is nobody's work: answered already, asking nothing, or old history."""
    if conversation.last_outbound_at and conversation.last_outbound_at >= (conversation.last_inbound_at or at):
        return _settled(conversation, because="Our side had the last word.", at=conversation.last_outbound_at)
    if conversation.waiting_since is None:
        return _of_a_machine(conversation, was_ours=was_ours, at=at)
    if _asks_nothing(last, organised) and (last.is_spam or not insisted):
        if was_ours and conversation.last_outbound_at:
            return _settled(conversation, because=f"It needs no further reply: it reads as {last.intent}.", at=at)
        return _noted(conversation, because=f"Noted: it reads as {last.intent} and needs no reply.", at=at)
    if conversation.last_inbound_at and conversation.last_inbound_at < at - HISTORY:
        return _noted(conversation, because="Noted: it arrived as history, unanswered and over 30 days old.", at=at)
    return None


def taken_up(
    conversation: Conversation, readings: Sequence[Reading], organised: Organised, *, at: dt.datetime
) -> Verdict | None:
    """A person wants it answered: open with its owner, whether or not it asks for anything. None where no team could
    have it."""
    lead = readings[-1]
    if conversation.reading_id is None:
        reads_as(conversation, lead)
    _read_as(conversation, lead, organised)
    owner = owner_of(conversation, lead, organised)
    if owner is None:
        return None
    conversation.team, conversation.department = owner.team, owner.team.department
    conversation.waiting_since = conversation.waiting_since or at
    return _opened(conversation, lead, owner, organised, at=at)


def _of_a_machine(conversation: Conversation, *, was_ours: bool, at: dt.datetime) -> Verdict:
    if was_ours and conversation.last_outbound_at:
        return _settled(conversation, because="Only a machine has written since.", at=at)
    return _noted(conversation, because="Noted: a machine wrote it, and machines are not answered.", at=at)


def _asks_nothing(reading: Reading, organised: Organised) -> bool:
    objective = organised.objectives.get(reading.objective)
    if reading.urgency >= URGENT:
        return False
    if reading.is_spam or (objective is not None and not objective.is_answered):
        return True
    return not reading.needs_reply and reading.confidences.get("needs_reply", 1.0) >= SURE_OF_NO_REPLY


def _read_as(conversation: Conversation, lead: Reading, organised: Organised) -> None:
    conversation.reading = lead
    conversation.objective = organised.objectives.get(lead.objective)
    conversation.urgency = max(conversation.urgency, lead.urgency)


def _opened(
    conversation: Conversation, lead: Reading, owner: Owner, organised: Organised, *, at: dt.datetime
) -> Verdict:
    staffing = organised.staffing
    pressing = organised.pressing.get(conversation.pk)
    if pressing is not None:
        conversation.urgency = max(conversation.urgency, URGENT)
    choice = Choice(None, "the team takes it by hand")
    if staffing.assigns_itself(owner.team):
        choice = choose(
            staffing.candidates.get(owner.team.pk, []),
            language=lead.language,
            topic=lead.topic,
            weight=weight_for(conversation.objective, conversation.urgency),
            knows_customer=staffing.know.get(conversation.customer_id),
        )
    give(conversation, choice, staffing, at=at)
    conversation.state, conversation.state_at, conversation.is_unsure = State.OPEN, at, owner.is_unsure
    started = _promised(conversation, owner.team, organised, at=at)
    parts = here_because(
        lead, owner.because, person_part(choice, owner.team.pk), decided=decided_part(owner),
        piloted=pilot_part(owner, organised.departments), urgent=urgent_part(owner), pressing=pressing,
    )  # fmt: skip
    because = sentence(parts)
    assignment = made(
        Assignment,
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        department=owner.team.department,
        team=owner.team,
        person_id=conversation.assignee_id,
        because=because,
        parts=parts,
        ownership_id=owner.cell.id if owner.cell else None,
        at=at,
    )
    facts = {
        "department": str(owner.team.department_id),
        "team": str(owner.team.pk),
        "cell": str(owner.cell.id) if owner.cell else "",
        "version": owner.cell.version if owner.cell else 0,
        "unsure": owner.is_unsure,
        "rules": [str(one) for one in owner.ruled.applied],
        "reading": str(lead.pk),
    }
    draw = _draw(conversation, owner, at=at)
    if draw is not None:
        facts |= {"pilot": str(draw.pilot_id), "candidate": draw.is_candidate}
    return Verdict("conversation.routed", because, facts, assignment, started, draw)


def _promised(conversation: Conversation, team: Team, organised: Organised, *, at: dt.datetime) -> list[Clock]:
    """Its clocks in the hours of the team that has it now, with the time already spent."""
    slug = conversation.objective.slug if conversation.objective else ""
    promise = fitting_promise(organised.promises, objective=slug, urgency=conversation.urgency)
    before = organised.clocks.get(conversation.pk, [])
    if before:
        started = moved(before, promise, team, organised.staffing.calendars, at=at)
    else:
        started = begun(conversation, promise, team, organised.staffing.calendar(team), at=at)
    conversation.due_at = running.next_due(started)
    return started


def _draw(conversation: Conversation, owner: Owner, *, at: dt.datetime) -> Draw | None:
    if owner.drawn is None:
        return None
    return made(
        Draw, workspace_id=conversation.workspace_id, pilot_id=owner.drawn.trial.id, conversation=conversation,
        is_candidate=owner.drawn.is_candidate, at=at,
    )  # fmt: skip


def give(conversation: Conversation, choice: Choice, staffing: Staffing, *, at: dt.datetime) -> None:
    """Put a conversation into a person's hands, or leave it with the team; either way it comes back if nobody
    touches it in the team's working time."""
    if choice.candidate is not None:
        conversation.assignee_id = choice.candidate.id
        weight = weight_for(conversation.objective, conversation.urgency)
        choice.candidate.held += weight
        choice.candidate.given += weight
        choice.candidate.last_given_at = at
    else:
        conversation.assignee_id = None
    team = conversation.team
    assert team is not None
    conversation.return_at = _moves_on_at(team, staffing, at=at)


def _moves_on_at(team: Team, staffing: Staffing, *, at: dt.datetime) -> dt.datetime:
    return moves_on_at(staffing.calendar(team), staffing.return_after_seconds(team), at=at)


def _settled(conversation: Conversation, *, because: str, at: dt.datetime) -> Verdict:
    conversation.state, conversation.state_at, conversation.waiting_since = State.RESOLVED, at, None
    conversation.return_at = conversation.due_at = None
    began = conversation.first_inbound_at or conversation.created_at
    facts = {"resolution_seconds": int((at - began).total_seconds()), **_place(conversation)}
    return Verdict("conversation.resolved", because, facts)


def _noted(conversation: Conversation, *, because: str, at: dt.datetime) -> Verdict:
    conversation.state, conversation.state_at, conversation.waiting_since = State.NOTED, at, None
    conversation.return_at = conversation.due_at = None
    return Verdict("conversation.noted", because, _place(conversation))


def _reopened(conversation: Conversation, staffing: Staffing, *, at: dt.datetime) -> Verdict:
    conversation.state, conversation.state_at = State.OPEN, at
    running.on_customer_waiting(conversation, at=at)
    if conversation.assignee_id is not None and conversation.team is not None:
        conversation.return_at = _moves_on_at(conversation.team, staffing, at=at)
    return Verdict(
        "conversation.reopened", "The customer wrote again; it is back with its owner.", _place(conversation)
    )


def _place(conversation: Conversation) -> dict[str, Any]:
    return {"department": str(conversation.department_id or ""), "team": str(conversation.team_id or "")}
