"""Where a case belongs: routed by the code that routes everything, put right by people, handed over."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from choir.demo import holding, promises
from choir.demo.case import Case
from choir.demo.holding import MOMENT
from choir.demo.world import World
from choir.flow.judge import Verdict, judge, lead
from choir.flow.pressing import pressing_part
from choir.flow.situations import situation_of
from choir.inbox.actions import about
from choir.inbox.models import Handover, Participant, State
from choir.people.models import Department, Person
from choir.routing.decide import Contact, owning_cell, regions_of
from choir.routing.rules.decide import Situation
from choir.triage.actions import CORRECTED
from choir.triage.models import Reading

# What writers of the texts call a thing → the topic that splits an objective in the matrix.
TOPICS = {
    ("care", "delivery"): "delivery", ("care", "parcels before"): "delivery", ("care", "parcels pilot"): "delivery",
    ("care", "parcels between"): "delivery", ("care", "parcels after"): "delivery",
    ("care", "billing"): "billing", ("care", "gift card"): "billing", ("care", "app"): "app_and_site",
    ("care", "site"): "app_and_site", ("care", "stores"): "stores", ("compliance", "recall"): "product_safety",
    ("compliance", "injury"): "product_safety", ("compliance", "kitchen"): "product_safety",
    ("compliance", "bikes"): "product_safety", ("compliance", "lamps"): "product_safety",
    ("reputation", "sustainability"): "sustainability",
}  # fmt: skip


def route(world: World, case: Case, *, at: dt.datetime) -> None:
    """Have routing decide, with the matrix and the people of that moment."""
    row = case.conversation
    organised = world.organised(at)
    holding.staff(world, case, at=at)
    organised.staffing.know = world.knows
    organised.clocks = {row.pk: case.clocks} if case.clocks else {}
    readings = [one for one in case.readings if one.is_current]
    organised.situations = {row.pk: _situation(case, lead(readings))} if readings else {}
    pressing = pressing_part(row, followers=case.identity.followers_count or 0)
    organised.pressing = {row.pk: pressing} if pressing is not None else {}
    verdict = judge(row, readings, organised, at=at)
    row.state_at = at
    _keep(world, case, verdict, at=at)


def _situation(case: Case, reading: Reading) -> Situation:
    """What rules see of it: all that the customer said up to now."""
    said = [turn.text for turn in case.thread.turns if turn.who == "customer"][: len(case.readings)]
    customer, followers = case.identity.customer, case.identity.followers_count or 0
    return situation_of(
        case.conversation,
        reading,
        text="\n".join(said),
        labels=frozenset(),
        is_vip=customer.is_vip,
        followers=followers,
    )


def _keep(world: World, case: Case, verdict: Verdict, *, at: dt.datetime) -> None:
    row = case.conversation
    if verdict.draw is not None and row.pk not in world.drawn:
        world.drawn.add(row.pk)
        world.rows.add(verdict.draw, at=at)
    if verdict.assignment is not None:
        holding.present_stretch(world, case, verdict.assignment, at=at)
        for clock in verdict.clocks:
            if clock not in case.clocks:
                case.clocks.append(world.rows.add(clock, at=at))
    world.tell(case, verdict.verb, at=at, because=verdict.because, facts=verdict.facts | about(row))
    case.happened_at = at
    holding.expect_back(world, case)
    holding.expect_people(world, case)


def owner_by_matrix(world: World, objective: str, topic: str, *, at: dt.datetime) -> str:
    """The department that the matrix of a moment names, by slug."""
    here = world.company.workspace
    regions = regions_of((), here.market)
    contact = Contact(objective, 1.0, topic, "", here.pk, uuid.UUID(int=0), regions=regions)
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
        holding.let_go(world, case)
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
    holding.let_go(world, case)
    team = world.staffing.door(receiver.pk, row.language) or world.company.team_for(to, case.thread.language)
    row.department, row.team, row.assignee, row.return_at, row.is_unsure = receiver, team, None, None, False
    row.state, row.state_at, row.snoozed_until = State.OPEN, row.state_at if row.state == State.OPEN else at, None
    row.revision += 1
    promises.moved(world, case, team=team, at=at)
    holding.begin_stretch(world, case, by=by, because=f"{giver or 'Routing'} handed it over: {because}", at=at)
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
    holding.expect_people(world, case)


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
