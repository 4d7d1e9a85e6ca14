"""When work that nobody touches moves on: after so much of its team's working time since somebody was given it, or
since the customer wrote again. What moves it on is `choir.flow.returns`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from choir.inbox.clocks import calendars_of
from choir.inbox.models import Conversation
from choir.people.models import Team
from choir.routing.hours import Calendar, NeverOpenError, due_at
from choir.routing.models import TeamPolicy

NEVER_OPEN = dt.timedelta(days=1)  # a team without working hours to come


def moves_on_at(calendar: Calendar, seconds: float, *, at: dt.datetime) -> dt.datetime:
    """The moment at which so much working time has passed."""
    try:
        return due_at(calendar, at, seconds)
    except NeverOpenError:
        return at + NEVER_OPEN


def asked_again(conversations: Iterable[Conversation], *, at: dt.datetime) -> None:
    """Whoever has these is asked anew: what they do not touch moves on, so that no customer waits for somebody who is
    away. Sets `return_at`; the caller saves. Three queries, none where nobody has any."""
    held = [one for one in conversations if one.assignee_id is not None and one.team_id is not None]
    if not held:
        return
    teams = Team.objects.in_bulk({one.team_id for one in held})
    calendars = calendars_of(teams.values())
    policies = TeamPolicy.objects.filter(team__in=teams).values_list("team_id", "return_after_seconds")
    seconds = dict(policies)
    usual = TeamPolicy._meta.get_field("return_after_seconds").default
    for one in held:
        assert one.team_id is not None
        one.return_at = moves_on_at(calendars[one.team_id], seconds.get(one.team_id, usual), at=at)
