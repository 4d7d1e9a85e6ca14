"""What is done on a meeting's page: each a noun that is posted, and back to the meeting."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from choir.governance import convening, sitting
from choir.governance.convening import MeetingRefusedError
from choir.governance.doing import finish_action, promise_action
from choir.governance.models import ActionItem, Meeting
from choir.people.models import Department, Person
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.committee import meetings
from choir.web.committee.forms import ActionForm, ItemForm
from choir.web.committee.frame import RUNS, TAKES_PART, item_of, meeting_of


@require_POST
@RUNS
def opening(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The meeting begins."""
    found = meeting_of(request, number)
    return _done(request, found, lambda: sitting.open_meeting(found, by=request.person, at=timezone.now()))


@require_POST
@RUNS
def closing(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The meeting ends."""
    found = meeting_of(request, number)
    return _done(request, found, lambda: sitting.close_meeting(found, by=request.person, at=timezone.now()))


@require_POST
@RUNS
def cancellation(request: WorkspaceRequest, number: int) -> HttpResponse:
    """The meeting is called off."""
    found, because = meeting_of(request, number), request.POST.get("because", "")
    call_off = convening.call_off
    return _done(request, found, lambda: call_off(found, because=because, by=request.person, at=timezone.now()))


@require_POST
@TAKES_PART
def presence(request: WorkspaceRequest, number: int) -> HttpResponse:
    """A department comes, or leaves (`is=away`)."""
    found, at = meeting_of(request, number), timezone.now()
    department = _department(request)
    if request.POST.get("is") == "away":
        return _done(request, found, lambda: sitting.leave(found, department=department, by=request.person, at=at))
    person = _person(request)
    return _done(
        request, found, lambda: sitting.come(found, department=department, person=person, by=request.person, at=at)
    )


@require_POST
@TAKES_PART
def items(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Something is put on the agenda."""
    found, form = meeting_of(request, number), ItemForm(request.POST)
    if not form.is_valid():
        return meetings.page(request, found, forms_with_errors={"item_form": form})
    told = form.cleaned_data
    return _done(
        request, found,
        lambda: sitting.add_item(
            found, title=told["title"], question=told["question"], by=request.person, at=timezone.now()
        ),
    )  # fmt: skip


@require_POST
@TAKES_PART
def paper(request: WorkspaceRequest, number: int, item: uuid.UUID) -> HttpResponse:
    """A department says what it thinks before the meeting."""
    found = item_of(request, number, item)
    stance, text = request.POST.get("stance", ""), request.POST.get("text", "")
    return _done(
        request, found.meeting,
        lambda: sitting.write_paper(found, stance=stance, text=text, by=request.person, at=timezone.now()),
        anchor=f"item-{item}",
    )  # fmt: skip


@require_POST
@TAKES_PART
def vote(request: WorkspaceRequest, number: int, item: uuid.UUID) -> HttpResponse:
    """A department votes."""
    found, department, choice = item_of(request, number, item), _department(request), request.POST.get("choice", "")
    return _done(
        request, found.meeting,
        lambda: sitting.vote(found, department=department, choice=choice, by=request.person, at=timezone.now()),
        anchor=f"item-{item}",
    )  # fmt: skip


@require_POST
@RUNS
def minutes(request: WorkspaceRequest, number: int, item: uuid.UUID) -> HttpResponse:
    """What was said on an item."""
    found, text = item_of(request, number, item), request.POST.get("minutes", "")
    return _done(
        request, found.meeting,
        lambda: sitting.keep_minutes(found, text=text, by=request.person, at=timezone.now()), anchor=f"item-{item}",
    )  # fmt: skip


@require_POST
@RUNS
def outcome(request: WorkspaceRequest, number: int, item: uuid.UUID) -> HttpResponse:
    """An item is done with, without a decision."""
    found, chosen = item_of(request, number, item), request.POST.get("outcome", "")
    return _done(
        request, found.meeting,
        lambda: sitting.settle(found, outcome=chosen, by=request.person, at=timezone.now()), anchor=f"item-{item}",
    )  # fmt: skip


@require_POST
@TAKES_PART
def actions(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Somebody promises something by a day."""
    found = meeting_of(request, number)
    form = ActionForm(request.POST, meeting=found)
    if not form.is_valid():
        return meetings.page(request, found, forms_with_errors={"action_form": form})
    told = form.cleaned_data
    return _done(
        request, found,
        lambda: promise_action(
            found, item=told["item"], title=told["title"], owner=told["owner"], due_on=told["due_on"],
            by=request.person, at=timezone.now(),
        ),
        anchor="actions",
    )  # fmt: skip


@require_POST
@requires(Permission.DECISION_READ)
def completion(request: WorkspaceRequest, action: uuid.UUID) -> HttpResponse:
    """An action is done; its owner may be anybody who works here."""
    found = get_object_or_404(ActionItem, pk=action, workspace=request.workspace)
    finish_action(found, by=request.person, at=timezone.now())
    messages.success(request, _("“%s” is done.") % found)
    return redirect("today", workspace=request.workspace.slug)


def _department(request: WorkspaceRequest) -> Department:
    rows = Department.objects.filter(organisation=request.workspace.organisation_id)
    return get_object_or_404(rows, slug=request.POST.get("department", "")[:60])


def _person(request: WorkspaceRequest) -> Person:
    chosen = request.POST.get("person", "")
    try:
        pk = uuid.UUID(chosen) if chosen else request.person.pk
    except ValueError:
        pk = request.person.pk
    return get_object_or_404(Person, pk=pk, organisation=request.workspace.organisation_id)


def _done(request: WorkspaceRequest, meeting: Meeting, act: Callable[[], object], *, anchor: str = "") -> HttpResponse:
    """Do it and go back to where it was done; a refusal stands on the page."""
    try:
        act()
    except MeetingRefusedError as refused:
        return meetings.page(request, meeting, refused=str(refused))
    where = {"workspace": request.workspace.slug, "number": meeting.number}
    return redirect(reverse("committee_meeting", kwargs=where) + (f"#{anchor}" if anchor else ""))
