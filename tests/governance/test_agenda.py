"""The agenda writes itself: what it raises, in which order and why, and that it raises nothing twice."""

import datetime as dt

import pytest

from choir.governance import sitting
from choir.governance.accountability import accountability
from choir.governance.agenda.writing import write_agenda
from choir.governance.enacting import enact
from choir.governance.models import ActionItem, AgendaItem, Committee, Meeting, Outcome
from choir.governance.reviewing import review
from choir.governance.series import begin_of, days_of, plan_ahead
from choir.measurement.models import Progress
from choir.routing.models import Ownership
from choir.strategy.models import Initiative
from tests.cast import NOON, Cast, cast
from tests.governance.sitting import decided, founded, opened
from tests.measurement.happening import answered, begun, measured

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def company() -> Cast:
    return cast()


def upcoming(committee: Committee, at: dt.datetime) -> Meeting:
    return committee.meetings.planned().filter(begins_at__gt=at).order_by("begins_at")[0]


def keys(meeting: Meeting) -> list[str]:
    return [one.kind for one in AgendaItem.objects.filter(meeting=meeting)]


def test_what_nobody_answers_for_comes_before_what_is_about_to_begin(company: Cast) -> None:
    committee = founded(company)
    Ownership.objects.filter(objective__slug="talent").delete()
    Initiative.objects.create(
        workspace=company.workspace, name="Talk", starts_on=NOON.date() + 9 * DAY, ends_on=NOON.date() + 20 * DAY
    )
    meeting = upcoming(committee, NOON)
    write_agenda(meeting, at=NOON)
    assert keys(meeting) == ["without_owner", "initiative"]
    first = AgendaItem.objects.filter(meeting=meeting)[0]
    assert first.points == sum(points for _words, points in first.ranking)
    Initiative.objects.update(ended_at=NOON)
    write_agenda(meeting, at=NOON)
    assert keys(meeting) == ["without_owner"]


def test_what_was_talked_about_rests_and_what_was_postponed_rises(company: Cast) -> None:
    committee = founded(company)
    Ownership.objects.filter(objective__slug__in=["talent", "sales"]).delete()
    meeting = opened(company, committee)
    meeting.opened_at = None
    meeting.save()
    write_agenda(meeting, at=NOON)
    sitting.open_meeting(meeting, by=company.cho, at=meeting.begins_at)
    talked, left = AgendaItem.objects.filter(meeting=meeting)
    sitting.settle(talked, outcome=Outcome.NOTED, by=company.cho, at=meeting.begins_at)
    sitting.close_meeting(meeting, by=company.cho, at=meeting.ends_at)
    following = upcoming(committee, meeting.ends_at)
    write_agenda(following, at=meeting.ends_at + DAY)
    again = AgendaItem.objects.get(meeting=following)
    assert (again.key, again.points) == (left.key, left.points + 5)


def test_an_overdue_action_and_an_effect_come_up_by_themselves(company: Cast) -> None:
    committee = founded(company)
    meeting = opened(company, committee)
    measured_by = {"metric": "first_response", "narrowed": {"objective": str(company.objectives["care"].pk)}}
    decision = decided(company, meeting, measured_by=measured_by, review_on=meeting.begins_at.date() + 15 * DAY)
    enact(at=meeting.begins_at)
    ActionItem.objects.create(
        workspace=company.workspace, meeting=meeting, title="Tell them", owner=company.ana,
        due_on=meeting.begins_at.date() + DAY,
    )  # fmt: skip
    for number in range(-14, 15):
        at = meeting.begins_at + number * DAY
        for minute in range(2):
            care = begun(company, at + dt.timedelta(minutes=minute))
            answered(company, care, at + dt.timedelta(hours=1 if number > 0 else 4))
            talent = begun(company, at, objective="sales")
            answered(company, talent, at + dt.timedelta(hours=2))
    sitting.close_meeting(meeting, by=company.cho, at=meeting.ends_at)
    later = meeting.begins_at + 17 * DAY
    assert review(at=later) == 0  # not before the figures reach it
    measured(company, later)
    Progress.objects.update(at=later)
    assert review(at=later) == 1
    assert review(at=later) == 0
    decision.refresh_from_db()
    effect = decision.review.effect
    assert effect["verdict"] == "better"
    assert effect["effect"] == pytest.approx(-0.75, abs=0.05)
    plan_ahead(committee, at=later)
    following = upcoming(committee, later)
    write_agenda(following, at=later)
    raised = {one.kind: one for one in AgendaItem.objects.filter(meeting=following)}
    assert {"review", "action"} <= set(raised)
    assert raised["review"].proposal == {"kind": "agreement", "words": "decision 1 stays in force"}


def test_the_series_keeps_the_wall_clock_over_summer_time_and_is_planned_once(company: Cast) -> None:
    committee = founded(company, every_weeks=2)
    march = days_of(committee, dt.date(2026, 3, 2), dt.date(2026, 4, 20))
    assert march == [dt.date(2026, 3, 5) + 14 * number * DAY for number in range(4)]
    assert {begin_of(committee, day).astimezone(committee.zone).hour for day in march} == {14}
    assert {begin_of(committee, day).hour for day in march} == {12, 13}
    assert plan_ahead(committee, at=NOON) == 0


def test_gaps_and_overlaps_of_accountability_are_named(company: Cast) -> None:
    assert accountability(company.workspace, at=NOON).overlaps == []  # care about delivery lies within care
    Ownership.objects.filter(objective__slug="talent").delete()
    german = Ownership.objects.get(objective__slug="care", topic="")
    Ownership.objects.create(
        organisation=company.organisation, objective=company.objectives["care"], language="de",
        responsible=company.departments["legal"], accountable=company.departments["legal"],
        effective_from=german.effective_from,
    )  # fmt: skip
    found = accountability(company.workspace, at=NOON)
    assert [one.slug for one in found.gaps] == ["talent"]
    assert [sorted([one.first.topic, one.second.topic]) for one in found.overlaps] == [["", "delivery"]]
    assert {one.row for one in found.channels} == {company.channel}
