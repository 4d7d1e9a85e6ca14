"""Deciding: a quorum is there and agrees. A decision is for good; another may supersede it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from choir.governance.changing.kinds import kind_of
from choir.governance.convening import MeetingRefusedError
from choir.governance.models import (
    AgendaItem,
    Agreeing,
    Attendance,
    Committee,
    Decision,
    Meeting,
    Outcome,
    Vote,
    VoteChoice,
)
from choir.governance.reversing import tell
from choir.measurement.metrics import catalogue
from choir.people.models import Person
from choir.people.policy import Permission
from choir.wake import Step, wake


@dataclass(frozen=True, slots=True)
class Motion:
    """What is to be decided: the change and why, from when (now when empty), what is expected of it and when that is
    looked at. `measured_by` holds `metric` and `narrowed` (a dimension's value each)."""

    title: str
    change: Mapping[str, Any]
    because: str
    effective_at: dt.datetime | None = None
    expected: str = ""
    measured_by: Mapping[str, Any] = field(default_factory=dict)
    review_on: dt.date | None = None
    supersedes: Decision | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How it stands with an item: who is there, how many must be, how they voted, and why it is not agreed (empty: it
    is)."""

    seats_count: int
    quorum: int
    present: list[str]
    votes: dict[str, str]
    by: str
    refusal: str

    def kept(self) -> dict[str, Any]:
        """As it stands in the decision."""
        return {"by": self.by, "seats": self.seats_count, "quorum": self.quorum, "present": self.present,
                "votes": self.votes}  # fmt: skip


def agreement_on(item: AgendaItem) -> Agreement:
    """Whether a decision on this item could be made now."""
    meeting, committee = item.meeting, item.meeting.committee
    seats = committee.seats.count()
    there = Attendance.objects.filter(meeting=meeting, left_at=None).select_related("department")
    present = sorted(one.department.slug for one in there)
    cast = {one.department.slug: one.choice for one in Vote.objects.filter(item=item).select_related("department")}
    counted = {slug: choice for slug, choice in cast.items() if slug in present}
    quorum = committee.quorum_of(seats)
    refusal = _refusal(committee, present, counted, quorum)
    return Agreement(seats, quorum, present, counted, committee.agrees_by, refusal)


def _refusal(committee: Committee, present: list[str], votes: Mapping[str, str], quorum: int) -> str:
    if len(present) < quorum:
        return f"{len(present)} of the {quorum} departments that must be there are. Wait for others, or postpone it."
    against = [slug for slug, choice in votes.items() if choice == VoteChoice.NO]
    if committee.agrees_by == Agreeing.CONSENT:
        names = ", ".join(slug.replace("_", " ") for slug in against)
        return f"There is no consent: {names} objects. Change the proposal, or postpone it." if against else ""
    if sum(choice == VoteChoice.YES for choice in votes.values()) <= len(against):
        return "More must vote yes than no. Let the departments vote first."
    return ""


@transaction.atomic
def decide(item: AgendaItem, motion: Motion, *, by: Person, at: dt.datetime) -> Decision:
    """Record what the committee agreed on; on its date it comes into force by itself. Refuses without an open meeting,
    a quorum and agreement, and a change that could not be made. The person who records it must be allowed the change
    itself, so that a committee reaches no further than those who run it."""
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("workspace__organisation").get(
        pk=item.meeting_id
    )  # fmt: skip
    by.access.require(Permission.COMMITTEE_RUN, workspace_id=meeting.workspace_id)
    if not meeting.is_open:
        raise MeetingRefusedError("Decisions are made while the meeting is open.")
    agreement = agreement_on(item)
    if agreement.refusal:
        raise MeetingRefusedError(agreement.refusal)
    kind_of(motion.change).check(meeting.workspace, motion.change, by)
    effective_at = motion.effective_at or at
    _check(motion, effective_at, at)
    decision = Decision.objects.create(
        workspace=meeting.workspace, committee=meeting.committee, meeting=meeting, item=item,
        number=_next_number(meeting.committee), title=motion.title.strip()[:200], change=dict(motion.change),
        because=motion.because.strip(), expected=motion.expected.strip(), measured_by=dict(motion.measured_by),
        effective_at=effective_at, review_on=motion.review_on, agreement=agreement.kept(),
        supersedes=motion.supersedes, decided_at=at, decided_by=by,
    )  # fmt: skip
    AgendaItem.objects.filter(pk=item.pk).update(outcome=Outcome.DECIDED, settled_at=at)
    tell(decision, "decision.made", by=by, at=at, because=decision.because, kind=str(motion.change["kind"]))
    wake(Step.ENACT, at=None if effective_at <= at else effective_at)
    return decision


def _check(motion: Motion, effective_at: dt.datetime, at: dt.datetime) -> None:
    if not motion.title.strip() or not motion.because.strip():
        raise MeetingRefusedError("Say what is decided and why: it stands on everything that changes by it.")
    if effective_at < at:
        raise MeetingRefusedError("A decision cannot come into force in the past. Choose today or later.")
    if motion.review_on is not None and motion.review_on <= effective_at.date():
        raise MeetingRefusedError("Review it after it has come into force: a week or more lets the figures speak.")
    metric = motion.measured_by.get("metric")
    if metric and metric not in catalogue():
        raise MeetingRefusedError("There is no such metric. Choose one from the list.")
    if motion.supersedes is not None and not Decision.objects.standing().filter(pk=motion.supersedes.pk).exists():
        raise MeetingRefusedError(f"{motion.supersedes} was superseded or taken back already.")


def _next_number(committee: Committee) -> int:
    last = Decision.objects.filter(committee=committee).order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1
