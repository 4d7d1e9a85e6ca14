"""The committee's home: the next meeting with its agenda, who comes and who does not, actions, decisions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from choir.governance.accountability import accountability
from choir.governance.convening import feed_of
from choir.governance.doing import open_actions
from choir.governance.models import Attendance, Committee, Decision, Meeting, Seat
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.committee.frame import READS, committee_of, frame
from choir.web.committee.showing import Stands, shown_items, stands
from choir.web.taking import at_most

SHOWN_MEETINGS = 12
SHOWN_DECISIONS = 5


@dataclass(frozen=True, slots=True)
class Attending:
    """A department's seat and at how many of the last meetings it was there."""

    seat: Seat
    there: list[tuple[Meeting, bool]]

    @property
    def missed(self) -> list[Meeting]:
        """Meetings it missed."""
        return [meeting for meeting, is_there in self.there if not is_there]


@dataclass(frozen=True, slots=True)
class Listed:
    """A decision in a list."""

    decision: Decision
    stands: Stands


@require_safe
@READS
def committee(request: WorkspaceRequest) -> HttpResponse:
    """The committee at a glance; without one, what it is for and how to begin."""
    found, at = committee_of(request), timezone.now()
    if found is None:
        return answer(request, "committee/none.html", frame(request, "home"))
    following = next_meeting(found, at)
    feed = feed_of(request.workspace, by=request.person)
    held = list(found.meetings.held().order_by("-begins_at")[:SHOWN_MEETINGS])
    context: dict[str, Any] = {
        "committee": found,
        "meeting": following,
        "items": shown_items(following, request.person) if following else [],
        "attending": attending(found, held),
        "held": held,
        "upcoming": found.meetings.planned().filter(begins_at__gt=at).order_by("begins_at")[1:4],
        "actions": open_actions(request.workspace).order_by("due_on")[:SHOWN_MEETINGS],
        "decisions": listed(found, at)[: at_most(request, SHOWN_DECISIONS)],
        "feed_url": request.build_absolute_uri(reverse("committee_feed", kwargs={"key": feed.key})),
        "today": at.astimezone(found.zone).date(),
    }
    return answer(request, "committee/committee.html", frame(request, "home", **context))


@require_safe
@READS
def accountable(request: WorkspaceRequest) -> HttpResponse:
    """Each objective and each channel with the one department that answers for it; gaps and overlaps first."""
    shown = accountability(request.workspace, at=timezone.now())
    return answer(request, "committee/accountability.html", frame(request, "accountability", shown=shown))


def next_meeting(committee: Committee, at: dt.datetime) -> Meeting | None:
    """The one that is open, else the next that is planned."""
    running = committee.meetings.filter(opened_at__isnull=False, closed_at=None).first()
    ahead = committee.meetings.planned().filter(ends_at__gt=at).order_by("begins_at")
    return running or ahead.select_related("committee__workspace", "workspace").first()


def attending(committee: Committee, held: list[Meeting]) -> list[Attending]:
    """Each seat with its attendance, oldest meeting first."""
    seats = Seat.objects.filter(committee=committee).select_related("department", "person", "deputy")
    came = set(Attendance.objects.filter(meeting__in=held).values_list("meeting_id", "department_id"))
    return [
        Attending(one, [(meeting, (meeting.pk, one.department_id) in came) for meeting in reversed(held)])
        for one in seats
    ]


def listed(committee: Committee, at: dt.datetime) -> list[Listed]:
    """Its decisions, the newest first, with where each stands."""
    rows = Decision.objects.filter(committee=committee).select_related(
        "enactment", "reversal", "review", "superseded_by", "meeting", "decided_by"
    )
    return [Listed(one, stands(one, at=at)) for one in rows.order_by("-number")]
