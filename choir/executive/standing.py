"""What stands in the way, and what waits for a decision: the same sources that write the committee's agenda."""

from __future__ import annotations

import datetime as dt
from typing import Any

from choir.governance.agenda import earlier, figures, happenings, ownership
from choir.governance.agenda.raised import Looking, Raised
from choir.governance.agenda.ranking import ranked
from choir.governance.models import AgendaItem, Meeting
from choir.people.models import Workspace

RISKS = 5
WAITING = 5
OF_A_KIND = 2
SOURCES = (
    figures.kpis_off_track, figures.promises_broken, ownership.without_owner, happenings.spikes,
    happenings.approvals_stuck, earlier.refused, earlier.overdue,
)  # fmt: skip


def risks_of(workspace: Workspace, *, at: dt.datetime, counted_at: dt.datetime) -> list[dict[str, Any]]:
    """What goes wrong now, by what is at stake and for how many, each with its evidence."""
    looking = Looking(workspace, at, counted_at)
    raised = [one for source in SOURCES for one in source(looking)]
    placed = sorted(raised, key=lambda one: (-sum(points for _, points in ranked(one, at=at)), one.key))
    alike = [sum(before.kind == one.kind for before in placed[:at]) for at, one in enumerate(placed)]
    return [_kept(one) for one, before in zip(placed, alike, strict=True) if before < OF_A_KIND][:RISKS]


def _kept(one: Raised) -> dict[str, Any]:
    return {"key": one.key, "kind": one.kind, "title": one.title, "facts": [fact.kept() for fact in one.facts]}


def waiting_in(workspace: Workspace, *, at: dt.datetime, beside: set[str]) -> list[dict[str, Any]]:
    """What the next meeting is to decide, in the order of its agenda; what stands `beside` it as a risk, by its key, is
    not said twice."""
    meeting = Meeting.objects.planned().filter(workspace=workspace, begins_at__gt=at).order_by("begins_at").first()
    if meeting is None:
        return []
    rows = AgendaItem.objects.filter(meeting=meeting).exclude(key__in=beside).order_by("-points", "title")
    return [
        {
            "kind": one.kind, "title": one.title, "question": one.question, "number": meeting.number,
            "item": str(one.pk), "begins_at": meeting.begins_at.isoformat(),
        }
        for one in rows[:WAITING]
    ]  # fmt: skip
