"""A committee for tests: three departments' seats, and a meeting that can be opened and decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from choir.governance import sitting
from choir.governance.convening import Seating, seat, set_up
from choir.governance.deciding import Motion, decide
from choir.governance.models import AgendaItem, Committee, Decision, Meeting
from choir.people.models import RoleGrant
from choir.people.policy import Role
from tests.cast import NOON, Cast

TERMS: Mapping[str, Any] = {
    "name": "Social committee", "weekday": 3, "begins_at": dt.time(14, 30), "time_zone": "Europe/Berlin",
    "first_on": dt.date(2026, 3, 2), "duration_minutes": 45, "every_weeks": 1, "quorum_percent": 60,
}  # fmt: skip


def founded(company: Cast, **terms: Any) -> Committee:
    """Customer service (Lea, Ana stands in), operations (Ben) and legal (Leo) sit in it; it meets on Thursdays."""
    for person in (company.ana, company.ben):
        RoleGrant.objects.create(person=person, role=Role.COMMITTEE)
    committee = set_up(company.workspace, terms={**TERMS, **terms}, by=company.cho, at=NOON)
    departments = company.departments
    seatings = [
        Seating(departments["customer_service"], company.lea, company.ana),
        Seating(departments["operations"], company.ben, None),
        Seating(departments["legal"], company.leo, None),
    ]
    seat(committee, seatings, by=company.cho, at=NOON)
    return committee


def opened(company: Cast, committee: Committee, *, present: tuple[str, ...] = ("lea", "ben")) -> Meeting:
    """The next meeting, open, with these people there."""
    meeting = committee.meetings.planned().order_by("begins_at")[0]
    sitting.open_meeting(meeting, by=company.cho, at=meeting.begins_at)
    meeting.refresh_from_db()
    for name in present:
        person = company.people[name]
        held = sitting.held_seat(meeting, person)
        assert held is not None
        sitting.come(meeting, department=held.department, person=person, by=person, at=meeting.begins_at)
    return meeting


def on_agenda(company: Cast, meeting: Meeting) -> AgendaItem:
    """Something to talk about."""
    return sitting.add_item(meeting, title="Who has delivery?", question="", by=company.cho, at=meeting.begins_at)


OPERATIONS_OWN_CARE: Mapping[str, Any] = {"kind": "ownership", "objective": "care", "responsible": "operations"}


def decided(
    company: Cast, meeting: Meeting, change: Mapping[str, Any] = OPERATIONS_OWN_CARE, **motion: Any
) -> Decision:
    """A decision of the meeting."""
    told = {"title": "As proposed", "because": "They see the van.", **motion}
    return decide(on_agenda(company, meeting), Motion(change=change, **told), by=company.cho, at=meeting.begins_at)
