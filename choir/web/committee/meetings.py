"""One meeting: before it the agenda with papers, during it presence, votes and minutes, after it what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from choir.governance.deciding import Agreement, agreement_on
from choir.governance.models import Attendance, Meeting, Seat
from choir.governance.sitting import held_seat
from choir.people.models import Person
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.committee.forms import ActionForm, ItemForm
from choir.web.committee.frame import READS, frame, meeting_of
from choir.web.committee.showing import ShownItem, shown_items


@dataclass(frozen=True, slots=True)
class Chair:
    """A seat at a meeting, and whether somebody sits on it."""

    seat: Seat
    attendance: Attendance | None
    is_mine: bool

    @property
    def is_there(self) -> bool:
        """Whether the department is present now."""
        return self.attendance is not None and self.attendance.left_at is None

    @property
    def people(self) -> list[Person]:
        """Who may sit there."""
        return [one for one in (self.seat.person, self.seat.deputy) if one is not None]


@dataclass(frozen=True, slots=True)
class OnTable:
    """An item during the meeting: how it stands with votes."""

    shown: ShownItem
    agreement: Agreement


@require_safe
@READS
def meeting(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The whole meeting, or only what moves during it."""
    return page(request, meeting_of(request, number))


def page(
    request: WorkspaceRequest,
    found: Meeting,
    *,
    refused: str = "",
    forms_with_errors: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    """The page, with a refusal or a form's errors when something could not be done (422)."""
    items = shown_items(found, request.person)
    held = held_seat(found, request.person)
    chairs = chairs_of(found, request.person)
    there = sum(one.is_there for one in chairs)
    context: dict[str, Any] = {
        "meeting": found,
        "committee": found.committee,
        "items": items,
        "chairs": chairs,
        "there": there,
        "quorum": found.committee.quorum_of(len(chairs)),
        "missing": [one.seat.department for one in chairs if not one.is_there],
        "on_table": [OnTable(one, agreement_on(one.item)) for one in items] if found.is_open else [],
        "held": held,
        "actions": found.actions.select_related("owner", "item"),
        "item_form": ItemForm(),
        "action_form": ActionForm(meeting=found),
        "refused": refused,
        "at": timezone.now(),
        **(forms_with_errors or {}),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused or forms_with_errors else HTTPStatus.OK
    parts = ["meeting-live"] if found.is_open else []
    return answer(request, "committee/meeting.html", frame(request, "home", **context), parts=parts, status=status)


def chairs_of(meeting: Meeting, person: Person | None) -> list[Chair]:
    """Every seat with its attendance: two queries."""
    came = {one.department_id: one for one in Attendance.objects.filter(meeting=meeting).select_related("person")}
    seats = Seat.objects.filter(committee=meeting.committee_id).select_related("department", "person", "deputy")
    return [
        Chair(one, came.get(one.department_id), person is not None and person.pk in (one.person_id, one.deputy_id))
        for one in seats
    ]
