"""The demo company's committee: months of meetings, what they decided, and what is still open. Decisions are made by
the same actions as on the pages, at the times at which they would have been."""

from __future__ import annotations

import datetime as dt
import random
import tomllib
from typing import Any

from choir.demo import piloting
from choir.demo.company import CONTENT, Company
from choir.governance import sitting
from choir.governance.agenda.raised import Fact
from choir.governance.agenda.ranking import STAKES
from choir.governance.convening import Seating, seat, set_up
from choir.governance.deciding import Motion, decide
from choir.governance.doing import finish_action, promise_action
from choir.governance.enacting import enact
from choir.governance.models import ActionItem, AgendaItem, Attendance, Committee, Decision, Enactment, Meeting
from choir.governance.reversing import tell
from choir.governance.series import begin_of, plan_ahead
from choir.people.models import Person
from choir.pilots.models import Pilot
from choir.routing.models import Ownership

DAY = dt.timedelta(days=1)
WEEKEND = (5, 6)
USUALLY_MISSED = 8  # of a hundred meetings
COMES = 2 * dt.timedelta(minutes=1)


def meet(company: Company, *, at: dt.datetime, chance: random.Random) -> None:
    """Make all of it; the next meeting is in two days, or on the Monday after a weekend."""
    told = tomllib.loads((CONTENT / "committee.toml").read_text(encoding="utf-8"))
    following = at.date() + 2 * DAY
    while following.weekday() in WEEKEND:
        following += DAY
    chair = company.people[told["chair"]]
    first = following - told["weeks"] * 7 * DAY
    founded_at = at - (told["weeks"] * 7 + 3) * DAY
    committee = _founded(company, told, chair, first=first, at=founded_at)
    meetings = _past(committee, first, following)
    spoken = {one["week"]: one for one in told["meetings"]}
    for weeks_ago, meeting in zip(range(told["weeks"], 0, -1), meetings, strict=True):
        if at - meeting.begins_at > dt.timedelta(hours=1):
            _held(company, meeting, spoken.get(weeks_ago, {}), told, chair, at=at, chance=chance)
    plan_ahead(committee, at=at)
    _ahead(company, committee, told, at=at)


def _founded(company: Company, told: dict[str, Any], chair: Person, *, first: dt.date, at: dt.datetime) -> Committee:
    terms = {
        "name": told["name"], "weekday": first.weekday(), "begins_at": dt.time.fromisoformat(told["begins_at"]),
        "duration_minutes": told["duration_minutes"], "time_zone": company.organisation.time_zone,
        "place": told["place"], "first_on": first, "quorum_percent": told["quorum_percent"],
    }  # fmt: skip
    committee = set_up(company.workspace, terms=terms, by=chair, at=at)
    seatings = [
        Seating(company.departments[slug], company.people[names[0]], company.people[names[1]] if names[1:] else None)
        for slug, names in told["seats"].items()
    ]
    seat(committee, seatings, by=chair, at=at)
    return committee


def _past(committee: Committee, first: dt.date, following: dt.date) -> list[Meeting]:
    """The series up to the next meeting, which is planned like any other."""
    committee.meetings.all().delete()
    rows: list[Meeting] = []
    day = first
    while day < following:
        begins_at = begin_of(committee, day)
        ends_at = begins_at + dt.timedelta(minutes=committee.duration_minutes)
        rows.append(Meeting(
            workspace=committee.workspace, committee=committee, number=len(rows) + 1, planned_on=day,
            begins_at=begins_at, ends_at=ends_at, agenda_at=begins_at - DAY, invited_at=begins_at - 10 * DAY,
        ))  # fmt: skip
        day += 7 * DAY
    return Meeting.objects.bulk_create(rows)


def _held(
    company: Company,
    meeting: Meeting,
    spoken: dict[str, Any],
    told: dict[str, Any],
    chair: Person,
    *,
    at: dt.datetime,
    chance: random.Random,
) -> None:
    begins_at = meeting.begins_at
    sitting.open_meeting(meeting, by=chair, at=begins_at)
    missing = {slug for slug in told["seats"] if chance.randrange(100) < told["missing"].get(slug, USUALLY_MISSED)}
    missing -= {slug for item in spoken.get("items", []) for slug in item.get("votes", {})}
    Attendance.objects.bulk_create(
        Attendance(
            meeting=meeting, department=company.departments[slug], came_at=begins_at + number * COMES / 4,
            person=company.people[names[-1] if chance.random() < 0.15 else names[0]],
        )
        for number, (slug, names) in enumerate(told["seats"].items())
        if slug not in missing
    )  # fmt: skip
    for number, item in enumerate(spoken.get("items", []), start=1):
        _talked(company, meeting, item, chair, at=begins_at + number * 6 * COMES, now=at)
    sitting.close_meeting(meeting, by=chair, at=meeting.ends_at)


def _talked(
    company: Company,
    meeting: Meeting,
    told: dict[str, Any],
    chair: Person,
    *,
    at: dt.datetime,
    now: dt.datetime,
) -> None:
    item = sitting.add_item(meeting, title=told["title"], question=told["question"], by=chair, at=at - DAY)
    if told.get("decision", {}).get("change", {}).get("kind") == "pilot":
        _of_a_pilot(company, item)
    for slug, choice in told.get("votes", {}).items():
        sitting.vote(item, department=company.departments[slug], choice=choice, by=chair, at=at)
    sitting.keep_minutes(item, text=told["minutes"], by=chair, at=at)
    if "decision" in told:
        _decided(company, item, told["decision"], chair, at=at)
    else:
        sitting.settle(item, outcome=told["outcome"], by=chair, at=at)
    for one in told.get("actions", []):
        action = promise_action(
            meeting, item=item, title=one["title"], owner=company.people[one["owner"]],
            due_on=at.date() + one["days"] * DAY, by=chair, at=at,
        )  # fmt: skip
        done_at = at + one["done"] * DAY if "done" in one else None
        if done_at is not None and done_at < now:
            finish_action(ActionItem.objects.get(pk=action.pk), by=action.owner, at=done_at)


def _decided(company: Company, item: AgendaItem, told: dict[str, Any], chair: Person, *, at: dt.datetime) -> None:
    cell = _cell(company, told)
    pilot = Pilot.objects.get(workspace=company.workspace) if told["change"]["kind"] == "pilot" else None
    change = told["change"] | ({"pilot": str(pilot.pk)} if pilot else {})
    effective_at = cell.effective_from if cell else at + told.get("in_days", 0) * DAY
    measured_by: dict[str, Any] = {}
    if "metric" in told:
        narrowed = {"objective": str(company.objectives[told["objective"]].pk)}
        if "cell" in told:
            narrowed["topic"] = told["cell"]
        measured_by = {"metric": told["metric"], "narrowed": narrowed}
    motion = Motion(
        title=told["title"], change=change, because=told["because"], effective_at=max(effective_at, at),
        expected=told["expected"], measured_by=measured_by,
        review_on=(effective_at + told["review_after"] * DAY).date() if "review_after" in told else None,
        supersedes=Decision.objects.filter(title=told["supersedes"], workspace=company.workspace).first()
        if "supersedes" in told else None,
    )  # fmt: skip
    decision = decide(item, motion, by=chair, at=at)
    if pilot is not None:
        piloting.end(pilot, decision, at=effective_at)
    if cell is not None:
        _made(decision, cell)
    elif effective_at <= at:
        enact(at=at)


def _of_a_pilot(company: Company, item: AgendaItem) -> None:
    """The item as the pilot's result raised it."""
    pilot = Pilot.objects.get(workspace=company.workspace)
    item.kind, item.key = "pilot", f"pilot:{pilot.pk}"
    item.evidence = [Fact(f"the result of the pilot “{pilot}”", "pilot", {"pilot": str(pilot.pk)}).kept()]
    item.ranking = [["a pilot that waits for a decision", STAKES["pilot"][1]]]
    item.points = STAKES["pilot"][1]
    item.save()


def _cell(company: Company, told: dict[str, Any]) -> Ownership | None:
    """The cell of the matrix that a decision made, which stands there already."""
    if "cell" not in told:
        return None
    cells = Ownership.objects.filter(organisation=company.organisation, topic=told["cell"], effective_until=None)
    return cells.filter(objective__slug=told["objective"]).get()


def _made(decision: Decision, cell: Ownership) -> None:
    before = Ownership.objects.filter(
        organisation=cell.organisation_id, objective=cell.objective_id, topic=cell.topic, version=cell.version - 1
    ).first()
    Ownership.objects.filter(pk=cell.pk).update(decision_id=decision.pk, decision_number=decision.number)
    tell(
        decision,
        "decision.enacted",
        by=None,
        at=cell.effective_from,
        because=decision.because,
        kind=str(decision.change["kind"]),
    )
    Enactment.objects.create(
        decision=decision, at=cell.effective_from,
        before={"made": str(cell.pk), "cell": str(before.pk) if before else ""},
    )  # fmt: skip


def _ahead(company: Company, committee: Committee, told: dict[str, Any], *, at: dt.datetime) -> None:
    """What people have put on the next agenda, with what departments say."""
    meeting = committee.meetings.planned().filter(begins_at__gt=at).order_by("begins_at")[0]
    for one in told["next"]:
        by = company.people[one["by"]]
        item = sitting.add_item(meeting, title=one["title"], question=one["question"], by=by, at=at - DAY)
        for slug, stance, text in one["papers"]:
            person = company.people[told["seats"][slug][0]]
            sitting.write_paper(item, stance=stance, text=text, by=person, at=at - DAY / 2)
