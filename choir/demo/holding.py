"""Whose hands a case is in: offered to people who are there, taken, given back when nobody touches it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from choir.demo import promises
from choir.demo.case import Case
from choir.demo.world import World
from choir.flow.judge import give
from choir.flow.reasons import person_part, returned_part
from choir.flow.returns import untouched
from choir.inbox.models import Assignment, State
from choir.inbox.reasons import Part, and_then, sentence, why_there
from choir.people.models import Person
from choir.routing.choose import Candidate, choose
from choir.routing.hours import NeverOpenError, due_at, is_open
from choir.routing.load import weight_for

MOMENT = dt.timedelta(seconds=1)
BEGINNING_SECONDS = (30, 900)
SHARE_AT_WORK = 0.8
RETURNS_AT_MOST = 2  # after that it stays with the team


def take(world: World, case: Case, *, by: Person, at: dt.datetime) -> None:
    """Somebody of the department that has it takes it."""
    row = case.conversation
    if row.assignee_id == by.pk or row.department is None or row.team is None:
        return
    slug = world.slugs[row.department.pk]
    places = [one for one in world.company.roster[by.name]["teams"] if world.company.department_of_team[one] == slug]
    if not places:
        return
    let_go(world, case)
    team = row.team if row.team.slug in places else world.company.teams[places[0]]
    if team.pk != row.team.pk:
        promises.moved(world, case, team=team, at=at)
    row.assignee, row.team, row.return_at = by, team, None
    _count(world, by.pk, 1)
    because = f"{by.name} took it."
    move_on(world, case, Part(because.rstrip("."), "person", str(by.pk)), by=by, at=at)
    facts = {"person": str(by.pk), "name": by.name}
    world.tell(case, "conversation.assigned", at=at, by=by, because=because, facts=facts)
    case.happened_at = at


def offer(world: World, case: Case, at: dt.datetime) -> None:
    """People have come online: whoever fits gets what waits with the team."""
    row = case.conversation
    if row.state != State.OPEN or row.assignee is not None or row.team is None:
        return
    staff(world, case, at=at)
    _give_on(world, case, at=at)
    expect_back(world, case)


def expect_people(world: World, case: Case) -> None:
    """Nobody was there when it came: it is offered soon after the team begins to work."""
    team = case.conversation.team
    if team is None or case.conversation.assignee is not None or not world.staffing.assigns_itself(team):
        return
    soon = world.chance.uniform(*BEGINNING_SECONDS)
    try:
        world.plan(due_at(world.staffing.calendar(team), case.happened_at, soon), offer, case)
    except NeverOpenError:
        return


def come_back(world: World, case: Case, *, at: dt.datetime) -> None:
    """Nobody touched it in time: it moves on, to the next fitting person if there is one."""
    row = case.conversation
    team = row.team
    assert team is not None
    because = untouched(row)
    facts = {"person": str(row.assignee_id or "")}
    world.tell(case, "conversation.returned", at=at, because=f"{because[0].upper()}{because[1:]}.", facts=facts)
    had = frozenset({row.assignee_id}) if row.assignee_id else frozenset[uuid.UUID]()
    let_go(world, case)
    said = returned_part(because, row)
    row.assignee, row.return_at = None, None
    move_on(world, case, said, at=at)
    staff(world, case, at=at)
    case.had |= had
    if len(case.had) <= RETURNS_AT_MOST and world.staffing.assigns_itself(team):
        _give_on(world, case, at=at + MOMENT)
    expect_back(world, case)


def _give_on(world: World, case: Case, *, at: dt.datetime) -> None:
    """Give it to the best-fit person who has not had it, if there is one."""
    row = case.conversation
    assert row.team is not None
    choice = choose(
        world.staffing.candidates[row.team.pk],
        language=row.language,
        topic=row.reading.topic if row.reading else "",
        weight=weight_for(row.objective, row.urgency),
        knows_customer=world.knows.get(row.customer_id),
        not_again=case.had,
    )
    if choice.candidate is None:
        return
    give(row, choice, world.staffing, at=at)
    row.assignee = world.by_id[choice.candidate.id]
    because = move_on(world, case, person_part(choice, row.team.pk), at=at)
    facts = {"person": str(row.assignee_id)}
    world.tell(case, "conversation.assigned", at=at, because=because, facts=facts)


def expect_back(world: World, case: Case) -> None:
    """If nobody touches it until its return time, it moves on."""
    due = case.conversation.return_at
    if due is None:
        return

    def check(world: World, case: Case, at: dt.datetime) -> None:
        if case.conversation.return_at == due and case.conversation.state == State.OPEN:
            come_back(world, case, at=at)

    world.plan(due, check, case)


def staff(world: World, case: Case, *, at: dt.datetime) -> None:
    """Who is at work at that moment. Whoever will answer this case is the one with room for it, when they are."""
    staffing = world.staffing
    if world.shift_on != at.date():
        world.shift_on = at.date()
        for one in world.everybody.values():
            one.given = 0.0
    for team_id, members in world.members.items():
        works = is_open(staffing.calendars[team_id], at)
        present = [one for one in members if works and _is_at_work(world, one, at)]
        for one in members:
            one.is_online = one in present
        chosen = [one for one in members if works and one.name == case.signer]
        for one in chosen:
            one.is_online = True
        staffing.candidates[team_id] = chosen or members


def _is_at_work(world: World, candidate: Candidate, at: dt.datetime) -> bool:
    """Lately, whoever is online now; before, most people on most days."""
    if world.at - at < dt.timedelta(hours=6):
        return world.is_online[candidate.id]
    return (candidate.id.int + at.toordinal() * 7919) % 100 < SHARE_AT_WORK * 100


def move_on(world: World, case: Case, last: Part, *, at: dt.datetime, by: Person | None = None) -> str:
    """Within its department: why it is there stays, `last` says why it moves; the whole sentence."""
    before = case.assignment
    parts = and_then(why_there(before), last)
    ownership_id = before.ownership_id if before else None
    begin_stretch(world, case, by=by, because=sentence(parts), at=at, parts=parts, ownership_id=ownership_id)
    return sentence(parts)


def begin_stretch(
    world: World,
    case: Case,
    *,
    by: Person | None,
    because: str,
    at: dt.datetime,
    parts: Sequence[Part] = (),
    ownership_id: uuid.UUID | None = None,
) -> None:
    """Somebody else has it from now on, for a reason."""
    row = case.conversation
    stretch = Assignment(
        workspace=world.company.workspace,
        conversation=row,
        department=row.department,
        team=row.team,
        person=row.assignee,
        by=by,
        because=because,
        parts=parts,
        ownership_id=ownership_id,
        at=at,
    )
    present_stretch(world, case, stretch, at=at)


def present_stretch(world: World, case: Case, stretch: Assignment, *, at: dt.datetime) -> None:
    """End the present stretch and begin the next."""
    if case.assignment is not None:
        case.assignment.ended_at = at
    case.assignment = world.rows.add(stretch, at=at)
    person_id = case.conversation.assignee_id
    if person_id is not None:
        case.conversation.assignee = world.by_id[person_id]


def let_go(world: World, case: Case) -> None:
    """Whoever had it has room again."""
    if case.conversation.assignee_id is not None:
        row = case.conversation
        _count(world, row.assignee_id, -weight_for(row.objective, row.urgency))


def _count(world: World, person_id: uuid.UUID | None, change: float) -> None:
    candidate = world.everybody.get(person_id) if person_id else None
    if candidate is not None:
        candidate.held = max(0.0, candidate.held + change)
