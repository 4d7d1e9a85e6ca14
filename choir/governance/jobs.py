"""The committee's step: effects are worked out, pilots looked at, meetings planned, agendas written,
people told."""

from __future__ import annotations

import datetime as dt

from choir.governance.agenda.writing import write_agenda
from choir.governance.models import Committee, Meeting
from choir.governance.reviewing import review
from choir.governance.series import plan_ahead
from choir.governance.telling import invite, remind
from choir.pilots.looking import look

WRITTEN_AHEAD = dt.timedelta(days=7)
ANEW_AFTER = dt.timedelta(hours=1)


def convene(*, at: dt.datetime) -> int:
    """Whatever is due for any committee; how many rows it concerned."""
    moved = review(at=at) + look(at=at)
    for committee in Committee.objects.select_related("workspace__organisation"):
        moved += plan_ahead(committee, at=at)
    for meeting in _unwritten(at):
        write_agenda(meeting, at=at)
        moved += 1
    return moved + invite(at=at) + remind(at=at)


def _unwritten(at: dt.datetime) -> list[Meeting]:
    """Each committee's next meeting if it is near: written once an hour until it begins."""
    near = Meeting.objects.planned().filter(ends_at__gt=at, begins_at__lte=at + WRITTEN_AHEAD)
    following = near.order_by("committee_id", "begins_at").distinct("committee_id")
    return [one for one in following if one.agenda_at is None or one.agenda_at <= at - ANEW_AFTER]
