"""The clocks of a conversation that is routed: begun with the promise that fits, or moved with the time spent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from choir.inbox import clocks as running
from choir.inbox.models import Clock, ClockKind, Conversation
from choir.people.models import Team
from choir.routing.decide import Promise
from choir.routing.hours import Calendar
from choir.rows import made


def begun(
    conversation: Conversation, promise: Promise | None, team: Team, calendar: Calendar, *, at: dt.datetime
) -> list[Clock]:
    """Clocks of a conversation that is routed for the first time; they count from the customer's first words."""
    if promise is None:
        return []
    began = conversation.waiting_since or conversation.last_inbound_at or at
    started = []
    for kind, seconds in _allowed(promise).items():
        if seconds is None:
            continue
        clock = made(
            Clock,
            workspace_id=conversation.workspace_id,
            conversation=conversation,
            kind=kind,
            policy_id=promise.id,
            team=team,
            allowed_seconds=seconds,
            hours=promise.hours,
            started_at=began,
            counted_from=began,
        )
        running.set_due(clock, calendar)
        started.append(clock)
    return started


def moved(
    clocks: list[Clock],
    promise: Promise | None,
    team: Team,
    calendars: Mapping[object, Calendar],
    *,
    at: dt.datetime,
) -> list[Clock]:
    """Clocks of a conversation that is routed anew: another team, perhaps another promise; the time spent stays."""
    for clock in clocks:
        running.settle(clock, calendars.get(clock.team_id, running.ALWAYS), at=at)
        if promise is not None:
            clock.allowed_seconds = _allowed(promise)[ClockKind(clock.kind)] or clock.allowed_seconds
            clock.hours, clock.policy_id = promise.hours, promise.id
        clock.team = team
        if clock.stopped_at is None and clock.paused_at is None:
            running.set_due(clock, calendars.get(team.pk, running.ALWAYS))
    return clocks


def _allowed(promise: Promise) -> dict[ClockKind, int | None]:
    return {
        ClockKind.FIRST_RESPONSE: promise.first_response_seconds,
        ClockKind.RESOLUTION: promise.resolution_seconds,
    }
