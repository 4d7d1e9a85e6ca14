"""What colleagues do among themselves: notes, questions, hand-overs, labels, and putting triage right."""

from __future__ import annotations

import datetime as dt

from choir.demo import placing
from choir.demo.case import Case
from choir.demo.content import Turn
from choir.demo.holding import MOMENT
from choir.demo.schedule import STILL_FRESH
from choir.demo.signing import speaker
from choir.demo.world import World
from choir.inbox.models import Consult, ConversationLabel, Label, Note, State
from choir.people.models import Person

CHAMPION = "Kirsten Vale"
ANSWER_WITHIN = dt.timedelta(hours=4)
# Topics of the texts that people mark, as the words they use.
LABELS = {
    "recall": "recall", "ghent": "Ghent", "campaign": "Bring Light", "injury": "injury", "privacy": "privacy",
    "gift card": "gift card", "fraud": "fraud", "theft": "theft", "press": "press", "executive": "for Imke",
    "delivery": "delivery", "repair": "workshop", "business sales": "business", "second life": "second life",
}  # fmt: skip


def notes(world: World, case: Case, at: dt.datetime, *, number: int) -> None:
    """Somebody remarks something for colleagues; from another department they were named before."""
    turn, row = case.thread.turns[number], case.conversation
    author = world.person(case.authors[number])
    if row.department is not None and world.slugs[row.department.pk] not in world.company.departments_of(author.name):
        who = row.assignee.name if row.assignee else str(row.team)
        placing.bring_in(world, case, person=author, because=f"{who} asked them to look", at=at)
    note = world.rows.add(
        Note(workspace=world.company.workspace, conversation=row, person=author, text=turn.text, at=at), at=at
    )
    _touch(case, author)
    world.tell(case, "note.added", at=at, by=author, facts={"note": str(note.pk), "mentioned": []})
    case.happened_at = at


def consults(world: World, case: Case, at: dt.datetime, *, number: int) -> None:
    """Whoever has it asks another department, and gets an answer before the thread goes on; unless it stops here."""
    turn, row = case.thread.turns[number], case.conversation
    asker = _holder(world, case)
    expert = _expert(world, case, turn, asker)
    department = world.company.departments[turn.department]
    consult = world.rows.add(
        Consult(
            workspace=world.company.workspace,
            conversation=row,
            asked_by=asker,
            expert=expert,
            department=department,
            question=turn.text,
            asked_at=at,
            answer_by=at + ANSWER_WITHIN,
        ),
        at=at,
    )
    placing.bring_in(world, case, person=expert, because=f"{asker.name} asked them", at=at)
    _touch(case, asker)
    facts = {"consult": str(consult.pk), "of_department": str(department.pk), "of_person": str(expert.pk)}
    world.tell(case, "consult.asked", at=at, by=asker, because=f"asked {expert}", facts=facts)
    case.happened_at = at
    if number + 1 < len(case.thread.turns):
        share = world.chance.uniform(0.3, 0.8)
        _answer(world, case, consult, turn.answer, expert, at=at + (case.moment(number + 1) - at) * share)


def _answer(world: World, case: Case, consult: Consult, text: str, by: Person, *, at: dt.datetime) -> None:
    consult.answer, consult.answered_by, consult.answered_at = text, by, at
    case.conversation.revision += 1
    facts = {
        "consult": str(consult.pk),
        "answer_seconds": int((at - consult.asked_at).total_seconds()),
        "in_time": at <= consult.answer_by,
    }
    world.tell(case, "consult.answered", at=at, by=by, facts=facts)
    case.happened_at = at


def hands_over(world: World, case: Case, at: dt.datetime, *, number: int) -> None:
    """One department gives it to another; where routing had found the other by itself there is nothing to do."""
    turn, row = case.thread.turns[number], case.conversation
    if row.department is not None and world.slugs[row.department.pk] != turn.department:
        placing.hand_over(world, case, to=turn.department, because=turn.text, by=_holder(world, case), at=at)


def ensure_department(world: World, case: Case, department: str, *, at: dt.datetime) -> None:
    """Whoever answers has it: if it lies elsewhere still, it is handed over now."""
    row = case.conversation
    if row.department is None or world.slugs[row.department.pk] == department:
        return
    because = world.company.plan["passing_on"][department]
    placing.hand_over(world, case, to=department, because=because, by=_holder(world, case), at=at)


def put_right(world: World, case: Case, at: dt.datetime) -> None:
    """Soon after it arrived somebody sees that triage was wrong: about what it is, or that it needs an answer."""
    row, wanted = case.conversation, case.thread.answered_by
    is_fresh = world.at - case.began < STILL_FRESH and case.thread.end == "open"
    if case.is_touched or is_fresh:
        return
    if row.state == State.OPEN and _is_unnamed(world, case):
        placing.correct(world, case, by=_holder(world, case), at=at)
        return
    if case.is_handed_over and row.state != State.NOTED:
        return
    if row.state == State.NOTED:
        by = world.person(CHAMPION)
        placing.correct(world, case, by=by, at=at, needs_reply=True, moves=_moves(world, case, wanted, at=at))
    elif row.department is not None and (row.is_unsure or world.slugs[row.department.pk] != wanted):
        by = _holder(world, case)
        if _moves(world, case, wanted, at=at):
            placing.correct(world, case, by=by, at=at)
    if row.state == State.OPEN:
        ensure_department(world, case, wanted, at=at + 2 * MOMENT)


def _is_unnamed(world: World, case: Case) -> bool:
    """Whether it is about what the pilot is about and with who owned that, and triage did not name the topic: those who
    have it do, for the figures of the topic and so that chance can draw it."""
    pilot = world.company.plan["pilot"]
    is_about = placing.true_topic(case) == pilot["topic"] and case.thread.department == pilot["owner"]
    return is_about and case.readings[0].topic != str(pilot["topic"])


def _moves(world: World, case: Case, wanted: str, *, at: dt.datetime) -> bool:
    """Whether the right objective would lead to the right department."""
    return placing.owner_by_matrix(world, case.thread.objective, placing.true_topic(case), at=at) == wanted


def label(world: World, case: Case, *, by: Person, at: dt.datetime) -> None:
    """Put the topic's word on it, where people use one."""
    name = LABELS.get(case.thread.topic)
    if name is None:
        return
    word = next((one for one in world.rows.of(Label) if one.name == name), None)
    if word is None:
        word = world.rows.add(Label(workspace=world.company.workspace, name=name), at=at)
    world.rows.add(
        ConversationLabel(workspace=world.company.workspace, conversation=case.conversation, label=word, by=by, at=at),
        at=at,
    )
    world.tell(case, "label.put", at=at, by=by, facts={"label": name})


def _holder(world: World, case: Case) -> Person:
    """Who has it, or somebody of the department that has it."""
    row = case.conversation
    if row.assignee is not None:
        return row.assignee
    slug = world.slugs[row.department.pk] if row.department is not None else case.thread.answered_by
    return world.person(speaker(world.company, slug, case.thread.language, case.thread.key))


def _expert(world: World, case: Case, turn: Turn, asker: Person) -> Person:
    names = world.company.speakers(turn.department, case.thread.language)
    names += world.company.speakers(turn.department, "en")
    return world.person(next(name for name in names if name != asker.name))


def _touch(case: Case, by: Person) -> None:
    case.is_touched = True
    if case.conversation.assignee_id == by.pk:
        case.conversation.return_at = None
