"""Who has a case: routed by the code that routes everything, put right by people, handed over, taken, given back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from choir.demo import promises
from choir.demo.case import Case
from choir.demo.world import World
from choir.flow.judge import Verdict, give, judge
from choir.inbox.actions import about
from choir.inbox.models import Assignment, Handover, Participant, State
from choir.people.models import Department, Person
from choir.routing.choose import Candidate, choose
from choir.routing.decide import Contact, owning_cell
from choir.routing.hours import is_open
from choir.triage.actions import CORRECTED
from choir.triage.models import Reading

MOMENT = dt.timedelta(seconds=1)
SHARE_AT_WORK = 0.8
RETURNS_AT_MOST = 2  # after that it stays with the team
# What writers of the texts call a thing → the topic that splits an objective in the matrix.
TOPICS = {
    ("care", "delivery"): "delivery", ("care", "billing"): "billing", ("care", "gift card"): "billing",
    ("care", "app"): "app_and_site", ("care", "site"): "app_and_site", ("care", "stores"): "stores",
    ("compliance", "recall"): "product_safety", ("compliance", "injury"): "product_safety",
    ("compliance", "kitchen"): "product_safety", ("compliance", "bikes"): "product_safety",
    ("compliance", "lamps"): "product_safety", ("reputation", "sustainability"): "sustainability",
}  # fmt: skip


def route(world: World, case: Case, *, at: dt.datetime) -> None:
    """Have routing decide, with the matrix and the people of that moment."""
    row = case.conversation
    organised = world.organised(at)
    _staff(world, case, at=at)
    organised.staffing.know = world.knows
    organised.clocks = {row.pk: case.clocks} if case.clocks else {}
    verdict = judge(row, [one for one in case.readings if one.is_current], organised, at=at)
    row.state_at = at
    _keep(world, case, verdict, at=at)


def _keep(world: World, case: Case, verdict: Verdict, *, at: dt.datetime) -> None:
    row = case.conversation
    if verdict.assignment is not None:
        _present(world, case, verdict.assignment, at=at)
        for clock in verdict.clocks:
            if clock not in case.clocks:
                case.clocks.append(world.rows.add(clock, at=at))
    world.tell(case, verdict.verb, at=at, because=verdict.because, facts=verdict.facts | about(row))
    case.happened_at = at
    _expect_back(world, case)


def _staff(world: World, case: Case, *, at: dt.datetime) -> None:
    """Who is at work at that moment. Whoever will answer this case is the one with room for it, when they are."""
    staffing = world.staffing
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


def owner_by_matrix(world: World, objective: str, topic: str, *, at: dt.datetime) -> str:
    """The department that the matrix of a moment names, by slug."""
    contact = Contact(objective, 1.0, topic, "", world.company.workspace.pk, uuid.UUID(int=0))
    cell = owning_cell(world.organised(at).cells, contact)
    return world.slugs[cell.responsible_id] if cell else ""


def true_topic(case: Case) -> str:
    """The matrix's topic for what the thread is about, "" where the matrix makes no difference."""
    return TOPICS.get((case.thread.objective, case.thread.topic), "")


def correct(
    world: World,
    case: Case,
    *,
    by: Person,
    at: dt.datetime,
    needs_reply: bool | None = None,
    moves: bool = True,
    sentiment: str | None = None,
) -> None:
    """A person says what triage should have understood; another objective or topic sends it through routing again."""
    row = case.conversation
    before = next((one for one in case.readings if one.is_current and one.needs_reply), case.readings[0])
    wanted = {"sentiment": sentiment, "needs_reply": needs_reply}
    if moves:
        wanted |= {"objective": case.thread.objective, "topic": true_topic(case)}
    changed = {name: value for name, value in wanted.items() if value not in (None, getattr(before, name))}
    if not changed:
        return
    after = world.rows.add(_corrected(before, changed, by=by, at=at), at=at)
    before.is_current = False
    case.readings[case.readings.index(before)] = after
    row.reading, row.sentiment = after, after.sentiment
    told = {name: [getattr(before, name), value] for name, value in changed.items()}
    said = ", ".join(f"{name.replace('_', ' ')}: {old} → {new}" for name, (old, new) in told.items())
    facts = {"changed": told, "reading": str(after.pk)}
    if {"objective", "topic"} & set(changed):
        _let_go(world, case)
        row.state, row.state_at, row.department, row.team, row.assignee = State.ARRIVING, at, None, None, None
        row.is_unsure, row.return_at = False, None
        row.revision += 1
    world.tell(case, "reading.corrected", at=at, by=by, because=said, facts=facts)
    case.is_touched, case.happened_at = True, at
    if row.state == State.ARRIVING:
        route(world, case, at=at + MOMENT)


def _corrected(before: Reading, changed: Mapping[str, object], *, by: Person, at: dt.datetime) -> Reading:
    """As `choir.triage.actions.correct` writes it."""
    kept = {one.attname: getattr(before, one.attname) for one in Reading._meta.concrete_fields if not one.primary_key}
    kept |= {**changed, "version": CORRECTED, "by_id": by.pk, "at": at, "is_current": True}
    kept["confidences"] = before.confidences | dict.fromkeys(changed, 1.0)
    kept["words"] = {name: words for name, words in before.words.items() if name not in changed}
    if "objective" in changed:
        kept["objective_confidence"] = 1.0
    if "sentiment" in changed:
        kept["sentiment_score"] = {"positive": 1.0, "negative": -1.0}.get(str(changed["sentiment"]), 0.0)
    return Reading(**kept)


def hand_over(world: World, case: Case, *, to: str, because: str, by: Person, at: dt.datetime) -> None:
    """One department gives it to another, with a reason."""
    row = case.conversation
    giver, receiver = row.department, world.company.departments[to]
    _let_go(world, case)
    team = world.staffing.door(receiver.pk, row.language) or world.company.team_for(to, case.thread.language)
    row.department, row.team, row.assignee, row.return_at, row.is_unsure = receiver, team, None, None, False
    row.state, row.state_at, row.snoozed_until = State.OPEN, row.state_at if row.state == State.OPEN else at, None
    row.revision += 1
    promises.moved(world, case, team=team, at=at)
    _assign(world, case, by=by, because=f"{giver or 'Routing'} handed it over: {because}", at=at)
    bring_in(world, case, person=by, because="handed it over", at=at)
    world.rows.add(
        Handover(
            workspace=world.company.workspace,
            conversation=row,
            from_department=giver or receiver,
            to_department=receiver,
            by=by,
            because=because,
            at=at,
        ),
        at=at,
    )
    names = {"from_name": str(giver or ""), "to_name": receiver.name}
    facts = {"from": str(giver.pk) if giver else "", "to": str(receiver.pk)} | names | about(row)
    world.tell(case, "conversation.handed_over", at=at, by=by, because=because, facts=facts)
    case.is_touched, case.happened_at = True, at


def bring_in(
    world: World,
    case: Case,
    *,
    person: Person | None = None,
    department: Department | None = None,
    because: str,
    at: dt.datetime,
) -> None:
    """Let somebody of another department see this one conversation."""
    who = person.pk if person else department.pk if department else None
    if who is None or who in case.brought_in:
        return
    case.brought_in.add(who)
    world.rows.add(
        Participant(
            workspace=world.company.workspace,
            conversation=case.conversation,
            person=person,
            department=department,
            because=because,
            since=at,
        ),
        at=at,
    )


def take(world: World, case: Case, *, by: Person, at: dt.datetime) -> None:
    """Somebody of the department that has it takes it."""
    row = case.conversation
    if row.assignee_id == by.pk or row.department is None or row.team is None:
        return
    slug = world.slugs[row.department.pk]
    places = [one for one in world.company.roster[by.name]["teams"] if world.company.department_of_team[one] == slug]
    if not places:
        return
    _let_go(world, case)
    team = row.team if row.team.slug in places else world.company.teams[places[0]]
    if team.pk != row.team.pk:
        promises.moved(world, case, team=team, at=at)
    row.assignee, row.team, row.return_at = by, team, None
    _count(world, by.pk, 1)
    because = f"{by.name} took it."
    _assign(world, case, by=by, because=because, at=at)
    facts = {"person": str(by.pk), "name": by.name}
    world.tell(case, "conversation.assigned", at=at, by=by, because=because, facts=facts)
    case.happened_at = at


def come_back(world: World, case: Case, *, at: dt.datetime) -> None:
    """Nobody touched it in time: it moves on, to the next fitting person if there is one."""
    row = case.conversation
    team = row.team
    assert team is not None
    because = f"Not touched by {row.assignee.name if row.assignee else f'anybody in {team}'} in time, so it moved on."
    facts = {"person": str(row.assignee_id or "")}
    world.tell(case, "conversation.returned", at=at, because=because, facts=facts)
    had = frozenset({row.assignee_id}) if row.assignee_id else frozenset[uuid.UUID]()
    _let_go(world, case)
    row.assignee, row.return_at = None, None
    _assign(world, case, by=None, because=because, at=at)
    _staff(world, case, at=at)
    again = len(case.had) < RETURNS_AT_MOST and world.staffing.assigns_itself(team)
    choice = choose(
        world.staffing.candidates[team.pk] if again else [],
        language=row.language,
        topic=row.reading.topic if row.reading else "",
        knows_customer=world.knows.get(row.customer_id),
        not_again=had | case.had,
    )
    case.had |= had
    if choice.candidate is not None:
        give(row, choice, world.staffing, at=at + MOMENT)
        row.assignee = world.by_id[choice.candidate.id]
        _assign(world, case, by=None, because=f"{choice.because}.", at=at + MOMENT)
        facts = {"person": str(row.assignee_id)}
        world.tell(case, "conversation.assigned", at=at + MOMENT, because=f"{choice.because}.", facts=facts)
    _expect_back(world, case)


def _expect_back(world: World, case: Case) -> None:
    """If nobody touches it until its return time, it moves on."""
    due = case.conversation.return_at
    if due is None:
        return

    def check(world: World, case: Case, at: dt.datetime) -> None:
        if case.conversation.return_at == due and case.conversation.state == State.OPEN:
            come_back(world, case, at=at)

    world.plan(due, check, case)


def _assign(world: World, case: Case, *, by: Person | None, because: str, at: dt.datetime) -> None:
    row = case.conversation
    stretch = Assignment(
        workspace=world.company.workspace,
        conversation=row,
        department=row.department,
        team=row.team,
        person=row.assignee,
        by=by,
        because=because,
        at=at,
    )
    _present(world, case, stretch, at=at)


def _present(world: World, case: Case, stretch: Assignment, *, at: dt.datetime) -> None:
    """End the present stretch and begin the next."""
    if case.assignment is not None:
        case.assignment.ended_at = at
    case.assignment = world.rows.add(stretch, at=at)
    person_id = case.conversation.assignee_id
    if person_id is not None:
        case.conversation.assignee = world.by_id[person_id]


def _let_go(world: World, case: Case) -> None:
    if case.conversation.assignee_id is not None:
        _count(world, case.conversation.assignee_id, -1)


def _count(world: World, person_id: uuid.UUID, change: int) -> None:
    candidate = world.everybody.get(person_id)
    if candidate is not None:
        candidate.open_count = max(0, candidate.open_count + change)


def released(world: World, case: Case) -> None:
    """It is nobody's work any more: whoever had it has room again."""
    _let_go(world, case)
