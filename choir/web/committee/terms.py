"""Setting the committee up: when it meets and how it decides, and who sits in it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from choir.governance.convening import MeetingRefusedError, Seating, seat, set_up
from choir.governance.models import Seat
from choir.people.models import Department
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.committee.forms import SeatForm, TermsForm, may_take_part, terms_values
from choir.web.committee.frame import RUNS, committee_of, frame


@RUNS
def terms(request: WorkspaceRequest) -> HttpResponse:
    """When the committee meets, and how it decides."""
    found, at = committee_of(request), timezone.now()
    form = TermsForm(request.POST or None, initial=terms_values(found, request.workspace, today=at.date()))
    if request.method == "POST" and form.is_valid():
        set_up(request.workspace, terms=form.cleaned_data, by=request.person, at=at)
        if found is None:
            messages.success(request, _("The committee is founded. Now say who sits in it."))
            return redirect("committee_seats", workspace=request.workspace.slug)
        messages.success(request, _("Kept. Planned meetings follow, and calendars are told."))
        return redirect("committee", workspace=request.workspace.slug)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "committee/terms.html", frame(request, "terms", form=form, committee=found), status=status)


@RUNS
def seats(request: WorkspaceRequest) -> HttpResponse:
    """Which departments sit in the committee, and who takes each seat."""
    found = committee_of(request)
    if found is None:
        return redirect("committee_terms", workspace=request.workspace.slug)
    forms, refused = _forms(request, {one.department_id: one for one in found.seats.all()}), ""
    if request.method == "POST" and not any(one.errors for one in forms):
        seatings = [
            Seating(one.department, one.cleaned_data["person"], one.cleaned_data["deputy"])
            for one in forms
            if one.cleaned_data["sits"]
        ]
        try:
            seat(found, seatings, by=request.person, at=timezone.now())
        except MeetingRefusedError as refusal:
            refused = str(refusal)
        else:
            messages.success(request, _("Kept. %s departments sit in the committee.") % len(seatings))
            return redirect("committee", workspace=request.workspace.slug)
    is_bad = refused or any(one.errors for one in forms)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_bad else HTTPStatus.OK
    context = frame(request, "terms", forms=forms, refused=refused, committee=found)
    return answer(request, "committee/seats.html", context, status=status)


def _forms(request: WorkspaceRequest, held: dict[object, Seat]) -> list[SeatForm]:
    people = may_take_part(request.workspace)
    forms = []
    for one in Department.objects.filter(organisation=request.workspace.organisation_id):
        taken = held.get(one.pk)
        initial: dict[str, Any] = {"sits": taken is not None}
        if taken is not None:
            initial |= {"person": taken.person_id, "deputy": taken.deputy_id}
        forms.append(SeatForm(request.POST or None, department=one, people=people, initial=initial))
    return forms
