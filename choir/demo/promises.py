"""Clocks of a case, moved with the real functions; `choir.inbox.clocks` does the same to rows that are stored."""

from __future__ import annotations

import datetime as dt

from choir.demo.case import Case
from choir.demo.world import World
from choir.inbox import clocks
from choir.inbox.clocks import ALWAYS
from choir.inbox.models import Clock, ClockKind
from choir.people.models import Team
from choir.routing.hours import Calendar


def answered(world: World, case: Case, *, at: dt.datetime) -> None:
    """We answered: the first response is given, the resolution waits for the customer."""
    for clock in case.clocks:
        if clock.kind == ClockKind.FIRST_RESPONSE:
            clocks.stop(clock, _calendar(world, clock), at=at)
        else:
            clocks.pause(clock, _calendar(world, clock), at=at)
    case.conversation.due_at = clocks.next_due(case.clocks)


def customer_waits(world: World, case: Case, *, at: dt.datetime) -> None:
    """The customer wrote again: the resolution clock runs on."""
    for clock in case.clocks:
        if clock.kind == ClockKind.RESOLUTION:
            clocks.resume(clock, _calendar(world, clock), at=at)
    case.conversation.due_at = clocks.next_due(case.clocks)


def closed(world: World, case: Case, *, at: dt.datetime) -> None:
    """Nothing runs any more."""
    for clock in case.clocks:
        clocks.stop(clock, _calendar(world, clock), at=at)
    case.conversation.due_at = None


def moved(world: World, case: Case, *, team: Team, at: dt.datetime) -> None:
    """Another team has it: its hours count from now on."""
    calendars = world.company.calendars
    for clock in case.clocks:
        clocks.move(clock, old=_calendar(world, clock), new=calendars[team.pk], team=team, at=at)
    case.conversation.due_at = clocks.next_due(case.clocks)


def _calendar(world: World, clock: Clock) -> Calendar:
    return world.company.calendars.get(clock.team_id, ALWAYS)
