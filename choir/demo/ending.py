"""How a case rests: resolved, snoozed, noted; for a while or for good."""

from __future__ import annotations

import datetime as dt

from choir.demo import promises
from choir.demo.case import Case
from choir.demo.holding import let_go
from choir.demo.signing import speaker
from choir.demo.world import World
from choir.inbox.actions import about
from choir.inbox.models import State
from choir.people.models import Person


def resolve(world: World, case: Case, at: dt.datetime) -> None:
    """Done."""
    row = case.conversation
    if row.state == State.RESOLVED or row.team is None:
        return
    row.state, row.state_at, row.snoozed_until, row.return_at = State.RESOLVED, at, None, None
    row.waiting_since = None
    promises.closed(world, case, at=at)
    let_go(world, case)
    began = row.first_inbound_at or at
    facts = {"resolution_seconds": int((at - began).total_seconds())} | about(row)
    world.tell(case, "conversation.resolved", at=at, by=_holder(world, case), facts=facts)
    case.happened_at = at


def note_only(world: World, case: Case, at: dt.datetime) -> None:
    """Somebody sees that it needs no reply."""
    row = case.conversation
    if row.state == State.NOTED or row.team is None:
        return
    by = _holder(world, case)
    row.state, row.state_at, row.snoozed_until, row.return_at = State.NOTED, at, None, None
    row.waiting_since = None
    promises.closed(world, case, at=at)
    let_go(world, case)
    because = f"{by.name} found that it needs no reply."
    world.tell(case, "conversation.noted", at=at, by=by, because=because, facts=about(row))
    case.happened_at = at


def snooze(world: World, case: Case, at: dt.datetime, *, until: dt.datetime) -> None:
    """Out of sight until a time."""
    row = case.conversation
    if row.state != State.OPEN:
        return
    row.state, row.state_at, row.snoozed_until, row.return_at = State.SNOOZED, at, until, None
    because, facts = f"until {until:%Y-%m-%d %H:%M %Z}", {"until": until.isoformat()}
    world.tell(case, "conversation.snoozed", at=at, by=_holder(world, case), because=because, facts=facts)
    case.happened_at = at
    world.plan(until, wake, case)


def wake(world: World, case: Case, at: dt.datetime) -> None:
    """The snooze is over."""
    row = case.conversation
    if row.state != State.SNOOZED or row.snoozed_until != at:
        return
    row.state, row.state_at, row.snoozed_until = State.OPEN, at, None
    world.tell(case, "conversation.woken", at=at, because="The snooze is over.")
    case.happened_at = at


def _holder(world: World, case: Case) -> Person:
    row = case.conversation
    if row.assignee is not None:
        return row.assignee
    slug = world.slugs[row.department.pk] if row.department is not None else case.thread.answered_by
    return world.person(speaker(world.company, slug, case.thread.language, case.thread.key))
