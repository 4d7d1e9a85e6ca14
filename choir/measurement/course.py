"""From what happened in one conversation to how it went: pure, so that it can be checked by hand.

The record's verbs open and close work: routing, reopening, waking and handing over open it; resolving and noting
close it. A message that needs no reply does not reopen what was resolved, so a late “thanks” makes no resolution
longer. A conversation that came in finished (imported history) was work from its first message to its resolution.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from choir.inbox.models import Clock, ClockKind, Conversation, Direction, State
from choir.measurement.models import Course, Stretch
from choir.routing.hours import Calendar, spent_seconds
from choir.rows import made

OPENING = frozenset({"conversation.routed", "conversation.reopened", "conversation.woken", "conversation.handed_over"})
RESOLVING, NOTING, HANDING = "conversation.resolved", "conversation.noted", "conversation.handed_over"


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a conversation, with the department and team that had it just after."""

    verb: str
    at: dt.datetime
    department_id: uuid.UUID | None = None
    team_id: uuid.UUID | None = None
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """One message: who spoke, and when it was said or had left."""

    direction: str
    at: dt.datetime


@dataclass(slots=True)
class Work:
    """The stretches of unfinished work and the resolutions that the happenings amount to."""

    stretches: list[Stretch] = field(default_factory=list)
    first_resolved_at: dt.datetime | None = None
    resolved_at: dt.datetime | None = None
    reopened_at: dt.datetime | None = None
    noted_by_person: bool = False
    handed_over: bool = False

    @property
    def now(self) -> Stretch | None:
        """The stretch without an end."""
        return self.stretches[-1] if self.stretches and self.stretches[-1].ended_at is None else None


def work_of(conversation: Conversation, happenings: Sequence[Happening]) -> Work:
    """Read the happenings, oldest first."""
    work = Work()
    for one in happenings:
        if one.verb in OPENING:
            _open(work, conversation, one)
        elif one.verb == RESOLVING:
            _resolve(work, conversation, one)
        elif one.verb == NOTING:
            work.noted_by_person = one.by_person
            work.resolved_at = None
            _end(work, one.at)
    return work


def _open(work: Work, conversation: Conversation, one: Happening) -> None:
    work.handed_over = work.handed_over or one.verb == HANDING
    work.noted_by_person = False
    now = work.now
    if now is not None:
        if (now.department_id, now.team_id) == (one.department_id, one.team_id):
            return
        _end(work, one.at)
    elif work.first_resolved_at is not None and work.reopened_at is None:
        work.reopened_at = one.at
    work.resolved_at = None
    work.stretches.append(_stretch(conversation, one.at, one))


def _resolve(work: Work, conversation: Conversation, one: Happening) -> None:
    began = conversation.first_inbound_at
    if work.now is None:
        if work.first_resolved_at is not None:
            return
        if began is not None and began < one.at:
            work.stretches.append(_stretch(conversation, began, one))
    _end(work, one.at)
    work.first_resolved_at = work.first_resolved_at or one.at
    work.resolved_at = one.at


def _end(work: Work, at: dt.datetime) -> None:
    now = work.now
    if now is None:
        return
    if at > now.began_at:
        now.ended_at = at
    else:
        work.stretches.pop()


def _stretch(conversation: Conversation, began_at: dt.datetime, one: Happening) -> Stretch:
    return made(
        Stretch, conversation_id=conversation.pk, workspace_id=conversation.workspace_id,
        channel_id=conversation.channel_id, objective_id=conversation.objective_id, language=conversation.language,
        department_id=one.department_id, team_id=one.team_id, began_at=began_at,
    )  # fmt: skip


def course_of(
    conversation: Conversation,
    *,
    turns: Sequence[Turn],
    work: Work,
    clocks: Sequence[Clock],
    calendars: Mapping[uuid.UUID, Calendar],
    at: dt.datetime,
) -> Course:
    """How it went, given its messages (oldest first), its work, its promises and the teams' working hours."""
    arrived_at = next((one.at for one in turns if one.direction == Direction.INBOUND), conversation.created_at)
    answers = [one.at for one in turns if one.direction == Direction.OUTBOUND and one.at >= arrived_at]
    course = made(
        Course, conversation_id=conversation.pk, workspace_id=conversation.workspace_id,
        channel_id=conversation.channel_id, objective_id=conversation.objective_id,
        department_id=conversation.department_id, team_id=conversation.team_id,
        language=conversation.language, sentiment=conversation.sentiment, arrived_at=arrived_at, measured_at=at,
        needed_reply=bool(answers) or _needs_reply(conversation, work), is_handed_over=work.handed_over,
        answers_count=len(answers), first_resolved_at=work.first_resolved_at, reopened_at=work.reopened_at,
        resolved_at=work.resolved_at,
    )  # fmt: skip
    if answers:
        _answered(course, answers[0], work, calendars)
    if work.resolved_at is not None:
        end = max(work.resolved_at, arrived_at)
        course.resolution_seconds = int((end - arrived_at).total_seconds())
        team_id = work.stretches[-1].team_id if work.stretches else conversation.team_id
        course.resolution_business_seconds = _working(calendars, team_id, arrived_at, end)
    _promises(course, clocks)
    return course


def _needs_reply(conversation: Conversation, work: Work) -> bool:
    """Unanswered: it needed a reply if it is or was somebody's work, or triage says so and nobody said otherwise."""
    if conversation.state in (State.OPEN, State.SNOOZED, State.RESOLVED):
        return True
    reading = conversation.reading
    return reading is not None and reading.needs_reply and not reading.is_spam and not work.noted_by_person


def _answered(course: Course, answered_at: dt.datetime, work: Work, calendars: Mapping[uuid.UUID, Calendar]) -> None:
    before = [one for one in work.stretches if one.began_at <= answered_at]
    holder = before[-1] if before else course
    course.answered_at = answered_at
    course.answering_department_id = holder.department_id or course.department_id
    course.first_response_seconds = int((answered_at - course.arrived_at).total_seconds())
    team_id = course.answering_team_id = holder.team_id or course.team_id
    course.first_response_business_seconds = _working(calendars, team_id, course.arrived_at, answered_at)


def _working(
    calendars: Mapping[uuid.UUID, Calendar], team_id: uuid.UUID | None, start: dt.datetime, end: dt.datetime
) -> int | None:
    calendar = calendars.get(team_id) if team_id else None
    return None if calendar is None else spent_seconds(calendar, start, end)


def _promises(course: Course, clocks: Sequence[Clock]) -> None:
    for clock in clocks:
        settled_at = clock.stopped_at if clock.is_met else (clock.due_at or clock.stopped_at)
        if clock.kind == ClockKind.FIRST_RESPONSE:
            course.response_promise_at, course.response_promise_is_met = settled_at, clock.is_met
        else:
            course.resolution_promise_at, course.resolution_promise_is_met = settled_at, clock.is_met
