"""The judgement on one conversation: open with whom, noted, or settled already; and why, in a sentence."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from choir.flow.reasons import here_because, ownership_sentence
from choir.flow.staffing import Staffing
from choir.inbox import clocks as running
from choir.inbox.models import Assignment, Clock, ClockKind, Conversation, State
from choir.people.models import Department, Team
from choir.routing.choose import Choice, choose
from choir.routing.decide import Cell, Contact, Promise, fitting_promise, owning_cell
from choir.routing.hours import NeverOpenError, due_at
from choir.routing.models import Objective
from choir.triage.models import Reading

HISTORY = dt.timedelta(days=30)
SURE_OF_NO_REPLY = 0.6
URGENT = 2
NEVER_SORTED = frozenset({"compliance"})  # a possible threat or danger goes to its owner even when triage is unsure
DEFAULT_FLOOR = 0.45


@dataclass
class Organised:
    """What routing knows of one organisation, read once a batch."""

    cells: list[Cell]
    promises: list[Promise]
    objectives: dict[str, Objective]
    departments: dict[uuid.UUID, Department]
    floors: dict[uuid.UUID, float]
    staffing: Staffing
    clocks: dict[uuid.UUID, list[Clock]]  # by conversation: of those that were routed before


@dataclass
class Verdict:
    """What was decided about a conversation; its own fields are set already, nothing is saved yet."""

    verb: str
    because: str
    facts: dict[str, Any] = field(default_factory=dict)
    assignment: Assignment | None = None
    clocks: list[Clock] = field(default_factory=list)


@dataclass(frozen=True)
class Owner:
    """Who owns a contact and why."""

    team: Team
    cell: Cell | None
    because: str
    is_unsure: bool


def judge(conversation: Conversation, readings: Sequence[Reading], organised: Organised, *, at: dt.datetime) -> Verdict:
    """Decide about one conversation whose messages are all read."""
    if not readings:
        return _noted(conversation, because="Nothing in it was said by a customer.", at=at)
    last = readings[-1]
    lead = next((one for one in readings if one.needs_reply), readings[0])
    was_ours = conversation.team_id is not None
    if not was_ours:
        _read_as(conversation, lead, organised)
    owner = None if was_ours else _owner(conversation, lead, organised)
    if owner is not None:
        conversation.team, conversation.department = owner.team, owner.team.department
    closed = _closed(conversation, last, organised, was_ours=was_ours, at=at)
    if closed is not None:
        return closed
    return _reopened(conversation, at=at) if owner is None else _opened(conversation, lead, owner, organised, at=at)


def _closed(
    conversation: Conversation, last: Reading, organised: Organised, *, was_ours: bool, at: dt.datetime
) -> Verdict | None:
    """What is nobody's work: answered already, asking nothing, or old history."""
    if conversation.last_outbound_at and conversation.last_outbound_at >= (conversation.last_inbound_at or at):
        return _settled(conversation, because="Our side had the last word.", at=conversation.last_outbound_at)
    if conversation.waiting_since is None:
        return _of_a_machine(conversation, was_ours=was_ours, at=at)
    if _asks_nothing(last, organised):
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
    _read_as(conversation, lead, organised)
    owner = _owner(conversation, lead, organised)
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


def _owner(conversation: Conversation, lead: Reading, organised: Organised) -> Owner | None:
    staffing = organised.staffing
    floor = organised.floors.get(conversation.workspace_id, DEFAULT_FLOOR)
    if lead.objective_confidence < floor and lead.objective not in NEVER_SORTED:
        sorting = conversation.workspace.sorting_team or _accountable_team(conversation, organised)
        if sorting is not None:
            because = (
                f"triage is unsure ({lead.objective_confidence:.2f} is under {floor:.2f}), so {sorting.name} sorts it"
            )
            return Owner(staffing.teams.get(sorting.pk, sorting), None, because, is_unsure=True)
    contact = Contact(
        objective=lead.objective,
        confidence=lead.objective_confidence,
        topic=lead.topic,
        language=lead.language,
        workspace_id=conversation.workspace_id,
        channel_id=conversation.channel_id,
    )
    cell = owning_cell(organised.cells, contact)
    team = staffing.door(cell.responsible_id, lead.language) if cell else None
    if cell is not None and team is not None:
        because = ownership_sentence(cell, organised.departments[cell.responsible_id].name)
        return Owner(team, cell, because, is_unsure=False)
    if cell is None and (fitting := _by_charter(conversation, lead, organised, floor)) is not None:
        return fitting
    fallback = _accountable_team(conversation, organised) or conversation.workspace.sorting_team
    if fallback is None:
        fallback = next(iter(staffing.front_doors.values()), None) or next(iter(staffing.teams.values()), None)
    if fallback is None:
        return None
    gap = "the department that owns this has no team with people" if cell else "nobody owns this yet"
    because = f"{gap}, so {fallback.name}, accountable for the channel, has it"
    return Owner(staffing.teams.get(fallback.pk, fallback), cell, because, is_unsure=cell is None)


def _by_charter(conversation: Conversation, lead: Reading, organised: Organised, floor: float) -> Owner | None:
    """Where nobody owns the objective: the department whose charter fits what was said, if that is sure enough."""
    fits = lead.confidences.get("department", 0.0)
    ours = (
        one for one in organised.departments.values() if one.organisation_id == conversation.workspace.organisation_id
    )
    department = next((one for one in ours if one.slug == lead.department), None)
    team = organised.staffing.door(department.pk, lead.language) if department and fits >= floor else None
    if department is None or team is None:
        return None
    because = f"nobody owns this yet, and by its charter {department.name} fits best ({fits:.2f})"
    return Owner(team, None, because, is_unsure=True)


def _accountable_team(conversation: Conversation, organised: Organised) -> Team | None:
    return organised.staffing.front_doors.get(conversation.channel.accountable_id)


def _opened(
    conversation: Conversation, lead: Reading, owner: Owner, organised: Organised, *, at: dt.datetime
) -> Verdict:
    staffing = organised.staffing
    choice = Choice(None, "the team takes it by hand")
    if staffing.assigns_itself(owner.team):
        choice = choose(
            staffing.candidates.get(owner.team.pk, []),
            language=lead.language,
            topic=lead.topic,
            knows_customer=staffing.know.get(conversation.customer_id),
        )
    give(conversation, choice, staffing, at=at)
    conversation.state, conversation.state_at, conversation.is_unsure = State.OPEN, at, owner.is_unsure
    started = _clocks(conversation, owner.team, organised, at=at)
    conversation.due_at = running.next_due(started)
    because = here_because(lead, owner.because, choice.because)
    assignment = Assignment(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        department=owner.team.department,
        team=owner.team,
        person_id=conversation.assignee_id,
        because=because,
        ownership_id=owner.cell.id if owner.cell else None,
        at=at,
    )
    facts = {
        "department": str(owner.team.department_id),
        "team": str(owner.team.pk),
        "cell": str(owner.cell.id) if owner.cell else "",
        "version": owner.cell.version if owner.cell else 0,
        "unsure": owner.is_unsure,
        "reading": str(lead.pk),
    }
    return Verdict("conversation.routed", because, facts, assignment, started)


def give(conversation: Conversation, choice: Choice, staffing: Staffing, *, at: dt.datetime) -> None:
    """Put a conversation into a person's hands, or leave it with the team; either way it comes back if nobody
    touches it in the team's working time."""
    if choice.candidate is not None:
        conversation.assignee_id = choice.candidate.id
        choice.candidate.open_count += 1
        choice.candidate.last_given_at = at
    else:
        conversation.assignee_id = None
    team = conversation.team
    assert team is not None
    try:
        conversation.return_at = due_at(staffing.calendar(team), at, staffing.return_after_seconds(team))
    except NeverOpenError:
        conversation.return_at = at + dt.timedelta(days=1)


def _clocks(conversation: Conversation, team: Team, organised: Organised, *, at: dt.datetime) -> list[Clock]:
    slug = conversation.objective.slug if conversation.objective else ""
    promise = fitting_promise(organised.promises, objective=slug, urgency=conversation.urgency)
    running_already = organised.clocks.get(conversation.pk, [])
    if running_already:
        return _moved(running_already, promise, team, organised.staffing, at=at)
    if promise is None:
        return []
    began = conversation.waiting_since or conversation.last_inbound_at or at
    allowed = {
        ClockKind.FIRST_RESPONSE: promise.first_response_seconds,
        ClockKind.RESOLUTION: promise.resolution_seconds,
    }
    started = []
    for kind, seconds in allowed.items():
        if seconds is None:
            continue
        clock = Clock(
            workspace_id=conversation.workspace_id,
            conversation=conversation,
            kind=kind,
            policy_id=promise.id,
            team=team,
            allowed_seconds=seconds,
            hours=promise.hours,
            started_at=began,
            counted_from=began,
        )
        running.set_due(clock, organised.staffing.calendar(team))
        started.append(clock)
    return started


def _moved(
    clocks: list[Clock], promise: Promise | None, team: Team, staffing: Staffing, *, at: dt.datetime
) -> list[Clock]:
    """Clocks of a conversation that is routed anew: another team, perhaps another promise; the time spent stays."""
    for clock in clocks:
        before = staffing.calendars.get(clock.team_id, running.ALWAYS)
        running.settle(clock, before, at=at)
        if promise is not None:
            seconds = {
                ClockKind.FIRST_RESPONSE: promise.first_response_seconds,
                ClockKind.RESOLUTION: promise.resolution_seconds,
            }[ClockKind(clock.kind)]
            clock.allowed_seconds, clock.hours, clock.policy_id = (
                seconds or clock.allowed_seconds,
                promise.hours,
                promise.id,
            )
        clock.team = team
        if clock.stopped_at is None and clock.paused_at is None:
            running.set_due(clock, staffing.calendar(team))
    return clocks


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


def _reopened(conversation: Conversation, *, at: dt.datetime) -> Verdict:
    conversation.state, conversation.state_at = State.OPEN, at
    running.on_customer_waiting(conversation, at=at)
    return Verdict(
        "conversation.reopened", "The customer wrote again; it is back with its owner.", _place(conversation)
    )


def _place(conversation: Conversation) -> dict[str, Any]:
    return {"department": str(conversation.department_id or ""), "team": str(conversation.team_id or "")}
