"""Meetings for calendars: one as a file, all of them under a private address that a person's calendar reads."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from choir.governance import calendars
from choir.governance.convening import renew_feed
from choir.governance.models import CalendarFeed, Committee, Meeting
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, public
from choir.web.committee.frame import READS, meeting_of

CALENDAR = "text/calendar; charset=utf-8"
LOOKS_BACK = dt.timedelta(days=120)


@require_safe
@READS
def meeting_file(request: WorkspaceRequest, number: int) -> HttpResponse:
    """One meeting, to be put into a calendar by hand."""
    found = meeting_of(request, number)
    content = calendars.feed(found.committee, [found], at=timezone.now())
    response = HttpResponse(content, content_type=CALENDAR)
    response["Content-Disposition"] = f'attachment; filename="meeting-{found.number}.ics"'
    return response


@require_safe
@public
def feed_file(request: HttpRequest, key: str) -> HttpResponse:
    """The meetings for whoever knows the key, as long as its person may still read them."""
    feed = CalendarFeed.objects.select_related("person", "workspace").filter(key=key).first()
    if feed is None or not feed.person.access.allows(Permission.COMMITTEE_READ, workspace_id=feed.workspace_id):
        raise Http404("There is no such calendar.")
    committee = Committee.objects.filter(workspace=feed.workspace).select_related("workspace").first()
    if committee is None:
        raise Http404("There is no committee.")
    at = timezone.now()
    rows = Meeting.objects.filter(committee=committee, begins_at__gte=at - LOOKS_BACK)
    meetings = rows.select_related("committee", "workspace").order_by("begins_at")
    response = HttpResponse(calendars.feed(committee, meetings, at=at), content_type=CALENDAR)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@READS
def renewal(request: WorkspaceRequest) -> HttpResponse:
    """Another address for the person's calendar."""
    renew_feed(request.workspace, by=request.person, at=timezone.now())
    messages.success(request, _("Your calendar has a new address; the old one finds nothing any more."))
    return redirect("committee", workspace=request.workspace.slug)
