"""Clocks: promises started when a conversation is routed, paused while we wait for the customer, stopped when kept.

Time already spent is kept: before anything changes how a clock counts (a pause, another team, another policy), what
has passed under the old rules is written into `spent_seconds`, and counting goes on from there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from choir.inbox.models import Clock, ClockKind, Conversation
from choir.people.models import Holiday, Team, WorkingHours
from choir.routing.hours import Calendar, NeverOpenError, Opening, due_at, spent_seconds
from choir.routing.models import Hours

ALWAYS = Calendar(ZoneInfo("UTC"))


def calendars_of(teams: Iterable[Team]) -> dict[object, Calendar]:
    """Each team's working hours, by team id: two queries however many teams."""
    known = {team.pk: team for team in teams}
    openings: dict[object, list[Opening]] = {pk: [] for pk in known}
    for one in WorkingHours.objects.filter(team_id__in=known):
        openings[one.team_id].append(Opening(one.weekday, one.opens_at, one.closes_at))
    holidays: dict[object, set[dt.date]] = {pk: set() for pk in known}
    for team_id, on in Holiday.objects.filter(team_id__in=known).values_list("team_id", "on"):
        holidays[team_id].add(on)
    return {
        pk: Calendar(ZoneInfo(team.time_zone), tuple(openings[pk]), frozenset(holidays[pk]))
        for pk, team in known.items()
    }


def calendar_of(team: Team | None) -> Calendar:
    """One team's working hours; no team is always open."""
    return ALWAYS if team is None else calendars_of([team])[team.pk]


def counting(clock: Clock, calendar: Calendar) -> Calendar:
    """The calendar a clock counts in: its team's, or all hours."""
    return calendar if clock.hours == Hours.BUSINESS else ALWAYS


def set_due(clock: Clock, calendar: Calendar) -> None:
    """Work out when a running clock runs out; empty when the team never opens again."""
    left = clock.allowed_seconds - clock.spent_seconds
    try:
        clock.due_at = due_at(counting(clock, calendar), clock.counted_from, left) if left > 0 else clock.counted_from
    except NeverOpenError:
        clock.due_at = None


def settle(clock: Clock, calendar: Calendar, *, at: dt.datetime) -> None:
    """Write what has passed into `spent_seconds`, under the rules that held until now."""
    if clock.paused_at is None and clock.stopped_at is None:
        clock.spent_seconds += spent_seconds(counting(clock, calendar), clock.counted_from, at)
    clock.counted_from = at


def stop(clock: Clock, calendar: Calendar, *, at: dt.datetime) -> None:
    """The promise is kept, or too late: either way it no longer runs."""
    if clock.stopped_at is not None:
        return
    settle(clock, calendar, at=at)
    clock.stopped_at, clock.paused_at = at, None
    clock.is_met = clock.spent_seconds <= clock.allowed_seconds


def pause(clock: Clock, calendar: Calendar, *, at: dt.datetime) -> None:
    """Stand still until `resume`."""
    if clock.stopped_at is None and clock.paused_at is None:
        settle(clock, calendar, at=at)
        clock.paused_at, clock.due_at = at, None


def resume(clock: Clock, calendar: Calendar, *, at: dt.datetime) -> None:
    """Run again with what was left. A stopped resolution clock that runs again was reopened."""
    if clock.paused_at is not None or clock.stopped_at is not None:
        clock.paused_at = clock.stopped_at = clock.is_met = None
        clock.counted_from = at
        set_due(clock, calendar)


def move(clock: Clock, *, old: Calendar, new: Calendar, team: Team, at: dt.datetime) -> None:
    """Count in another team's hours from now on; what was spent stays spent."""
    settle(clock, old, at=at)
    clock.team = team
    if clock.stopped_at is None and clock.paused_at is None:
        set_due(clock, new)


FIELDS = ["team", "counted_from", "spent_seconds", "due_at", "paused_at", "stopped_at", "is_met"]


def next_due(clocks: Iterable[Clock]) -> dt.datetime | None:
    """The first running clock to run out."""
    return min((one.due_at for one in clocks if one.stopped_at is None and one.due_at is not None), default=None)


def on_answer(conversation: Conversation, *, at: dt.datetime) -> None:
    """We answered: the first response is given, and the resolution waits for the customer where policy says so.
    Sets `conversation.due_at`; the caller saves the conversation."""
    clocks = list(conversation.clocks.select_related("policy", "team"))
    calendars = calendars_of({one.team for one in clocks if one.team is not None})
    for clock in clocks:
        calendar = calendars.get(clock.team_id, ALWAYS)
        if clock.kind == ClockKind.FIRST_RESPONSE:
            stop(clock, calendar, at=at)
        elif clock.policy is not None and clock.policy.pauses_while_waiting:
            pause(clock, calendar, at=at)
    _save(conversation, clocks)


def on_resolved(conversation: Conversation, *, at: dt.datetime) -> None:
    """Nothing runs on a resolved conversation. A first response never given stays counted as it stands."""
    clocks = list(conversation.clocks.select_related("team"))
    calendars = calendars_of({one.team for one in clocks if one.team is not None})
    for clock in clocks:
        stop(clock, calendars.get(clock.team_id, ALWAYS), at=at)
    _save(conversation, clocks)


def on_customer_waiting(conversation: Conversation, *, at: dt.datetime) -> None:
    """The customer wrote again, or the conversation was reopened: the resolution clock runs on."""
    clocks = list(conversation.clocks.select_related("team"))
    calendars = calendars_of({one.team for one in clocks if one.team is not None})
    for clock in clocks:
        if clock.kind == ClockKind.RESOLUTION:
            resume(clock, calendars.get(clock.team_id, ALWAYS), at=at)
    _save(conversation, clocks)


def on_other_team(conversation: Conversation, *, old: Team | None, new: Team, at: dt.datetime) -> None:
    """Another team has it: its hours count from now on."""
    clocks = list(conversation.clocks.all())
    calendars = calendars_of({team for team in (old, new) if team is not None})
    before = calendars[old.pk] if old else ALWAYS
    for clock in clocks:
        move(clock, old=before, new=calendars[new.pk], team=new, at=at)
    _save(conversation, clocks)


def _save(conversation: Conversation, clocks: list[Clock]) -> None:
    Clock.objects.bulk_update(clocks, FIELDS)
    conversation.due_at = next_due(clocks)
