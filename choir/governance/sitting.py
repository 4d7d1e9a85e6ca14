"""A meeting from its agenda to its minutes: items, papers, presence, votes, what was said, and its end."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.events.actions import record
from choir.governance.convening import MeetingRefusedError
from choir.governance.models import AgendaItem, Attendance, Meeting, Outcome, Paper, Seat, Stance, Vote, VoteChoice
from choir.ids import new_id
from choir.people.models import Department, Person
from choir.people.policy import Permission
from choir.wake import Step, wake

ADDED = "added"
ADDED_POINTS = 50  # what people put on the agenda stands among the figures' items, not below them


def held_seat(meeting: Meeting, person: Person) -> Seat | None:
    """The seat that a person takes or stands in for."""
    seats = Seat.objects.filter(committee=meeting.committee_id).select_related("department")
    return next((one for one in seats if person.pk in (one.person_id, one.deputy_id)), None)


@transaction.atomic
def add_item(meeting: Meeting, *, title: str, question: str, by: Person, at: dt.datetime) -> AgendaItem:
    """Put something on the agenda of a meeting that is ahead or open."""
    by.access.require(Permission.COMMITTEE_TAKE_PART, workspace_id=meeting.workspace_id)
    if meeting.closed_at is not None or meeting.cancelled_at is not None:
        raise MeetingRefusedError("That meeting is over. Put it on the agenda of the next one.")
    if not title.strip():
        raise MeetingRefusedError("Say in a few words what it is about.")
    pk, held = new_id(), held_seat(meeting, by)
    item = AgendaItem.objects.create(
        pk=pk, meeting=meeting, key=f"{ADDED}:{pk}", kind=ADDED, title=title.strip()[:200], question=question.strip(),
        points=ADDED_POINTS, ranking=[["put on the agenda by a person", ADDED_POINTS]], added_by=by, created_at=at,
        department=held.department if held else None,
    )  # fmt: skip
    _tell(meeting, "agenda_item.added", item, by=by, at=at)
    return item


@transaction.atomic
def write_paper(item: AgendaItem, *, stance: str, text: str, by: Person, at: dt.datetime) -> Paper:
    """What the person's department says on it, in the place of what it said before. Refuses who holds no seat."""
    meeting = item.meeting
    by.access.require(Permission.COMMITTEE_TAKE_PART, workspace_id=meeting.workspace_id)
    held = _seat(meeting, by)
    if meeting.closed_at is not None:
        raise MeetingRefusedError("That meeting is over: its papers stay as they were.")
    if stance not in Stance.values:
        raise MeetingRefusedError("Say whether you are for it, against it, or open.")
    paper, _ = Paper.objects.update_or_create(
        item=item, department=held.department, defaults={"person": by, "stance": stance, "text": text.strip(), "at": at}
    )
    _tell(meeting, "paper.written", item, by=by, at=at, department=held.department.slug, stance=stance)
    return paper


@transaction.atomic
def open_meeting(meeting: Meeting, *, by: Person, at: dt.datetime) -> Meeting:
    """It begins: from now on the agenda stands, people come, and things are decided. One meeting at a time."""
    by.access.require(Permission.COMMITTEE_RUN, workspace_id=meeting.workspace_id)
    row = _locked(meeting)
    if row.is_open:
        return row
    if not row.is_planned:
        raise MeetingRefusedError("That meeting was held or called off already.")
    if Meeting.objects.filter(committee=row.committee_id, opened_at__isnull=False, closed_at=None).exists():
        raise MeetingRefusedError("Another meeting is still open. Close that one first.")
    row.opened_at, row.opened_by = at, by
    row.save(update_fields=["opened_at", "opened_by"])
    _tell(row, "meeting.opened", None, by=by, at=at)
    return row


@transaction.atomic
def come(meeting: Meeting, *, department: Department, person: Person, by: Person, at: dt.datetime) -> Attendance:
    """A department is there. People say so themselves, or whoever runs the meeting says it of them."""
    _may_speak_for(meeting, department, by)
    if not _locked(meeting).is_open:
        raise MeetingRefusedError("The meeting is not open.")
    seat = Seat.objects.filter(committee=meeting.committee_id, department=department).first()
    if seat is None or person.pk not in (seat.person_id, seat.deputy_id):
        raise MeetingRefusedError(f"{person} holds no seat of {department}.")
    there, is_new = Attendance.objects.get_or_create(
        meeting=meeting, department=department, defaults={"person": person, "came_at": at}
    )
    if not is_new and (there.left_at is not None or there.person_id != person.pk):
        there.person, there.left_at = person, None
        there.save(update_fields=["person", "left_at"])
    _tell(meeting, "meeting.attended", None, by=by, at=at, department=department.slug, person=str(person.pk))
    return there


@transaction.atomic
def leave(meeting: Meeting, *, department: Department, by: Person, at: dt.datetime) -> None:
    """A department leaves before the end: it no longer counts for the quorum."""
    _may_speak_for(meeting, department, by)
    there = Attendance.objects.filter(meeting=_locked(meeting), department=department, left_at=None)
    if meeting.closed_at is None and there.update(left_at=at):
        _tell(meeting, "meeting.left", None, by=by, at=at, department=department.slug)


@transaction.atomic
def vote(item: AgendaItem, *, department: Department, choice: str, by: Person, at: dt.datetime) -> Vote:
    """A present department votes; it may change its vote until there is a decision."""
    meeting = item.meeting
    _may_speak_for(meeting, department, by)
    if choice not in VoteChoice.values:
        raise MeetingRefusedError("Vote yes or no, or abstain.")
    _discussed(item)
    if not Attendance.objects.filter(meeting=meeting, department=department, left_at=None).exists():
        raise MeetingRefusedError(f"{department} is not there, so it cannot vote.")
    cast, _ = Vote.objects.update_or_create(
        item=item, department=department, defaults={"person": by, "choice": choice, "at": at}
    )
    _tell(meeting, "agenda_item.voted", item, by=by, at=at, department=department.slug, choice=choice)
    return cast


@transaction.atomic
def keep_minutes(item: AgendaItem, *, text: str, by: Person, at: dt.datetime) -> AgendaItem:
    """What was said on an item, as long as the meeting is open."""
    by.access.require(Permission.COMMITTEE_RUN, workspace_id=item.meeting.workspace_id)
    if not _locked(item.meeting).is_open:
        raise MeetingRefusedError("Minutes are kept while the meeting is open.")
    row = AgendaItem.objects.select_for_update().get(pk=item.pk)
    if row.minutes != text.strip():
        row.minutes = text.strip()
        row.save(update_fields=["minutes"])
        _tell(item.meeting, "agenda_item.minuted", row, by=by, at=at)
    return row


@transaction.atomic
def settle(item: AgendaItem, *, outcome: str, by: Person, at: dt.datetime) -> AgendaItem:
    """An item without a decision is done with: talked about, or postponed to the next meeting."""
    by.access.require(Permission.COMMITTEE_RUN, workspace_id=item.meeting.workspace_id)
    if outcome not in (Outcome.NOTED, Outcome.POSTPONED):
        raise MeetingRefusedError("Say whether it was talked about or is postponed.")
    row = _discussed(item)
    row.outcome, row.settled_at = outcome, at
    row.save(update_fields=["outcome", "settled_at"])
    _tell(item.meeting, "agenda_item.settled", row, by=by, at=at, outcome=outcome)
    return row


@transaction.atomic
def close_meeting(meeting: Meeting, *, by: Person, at: dt.datetime) -> Meeting:
    """It ends: minutes, attendance and votes stay as they are, and what was not come to is postponed."""
    by.access.require(Permission.COMMITTEE_RUN, workspace_id=meeting.workspace_id)
    row = _locked(meeting)
    if not row.is_open:
        raise MeetingRefusedError("The meeting is not open.")
    AgendaItem.objects.filter(meeting=row, outcome="").update(outcome=Outcome.POSTPONED, settled_at=at)
    row.closed_at = at
    row.save(update_fields=["closed_at"])
    _tell(row, "meeting.closed", None, by=by, at=at)
    wake(Step.CONVENE)
    return row


def _locked(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=meeting.pk)


def _discussed(item: AgendaItem) -> AgendaItem:
    """The item, locked, of an open meeting and not decided yet."""
    if not _locked(item.meeting).is_open:
        raise MeetingRefusedError("The meeting is not open.")
    row = AgendaItem.objects.select_for_update().get(pk=item.pk)
    if row.outcome == Outcome.DECIDED:
        raise MeetingRefusedError("That is decided. A decision is superseded by another one, not changed.")
    return row


def _seat(meeting: Meeting, person: Person) -> Seat:
    held = held_seat(meeting, person)
    if held is None:
        raise MeetingRefusedError("You hold no seat in this committee. Speak to the department that does.")
    return held


def _may_speak_for(meeting: Meeting, department: Department, by: Person) -> None:
    """Whoever runs the meeting may for anybody; others for their own seat."""
    by.access.require(Permission.COMMITTEE_TAKE_PART, workspace_id=meeting.workspace_id)
    if by.access.allows(Permission.COMMITTEE_RUN, workspace_id=meeting.workspace_id):
        return
    if _seat(meeting, by).department_id != department.pk:
        raise MeetingRefusedError(f"Only {department} itself speaks for {department}.")


def _tell(
    meeting: Meeting, verb: str, item: AgendaItem | None, *, by: Person, at: dt.datetime, **facts: object
) -> None:
    about = {"item": str(item.pk), "kind": item.kind} if item is not None else {}
    record(
        verb=verb, subject=meeting, organisation_id=meeting.workspace.organisation_id,
        workspace_id=meeting.workspace_id, at=at, by=by, facts={"number": meeting.number, **about, **facts},
    )  # fmt: skip
