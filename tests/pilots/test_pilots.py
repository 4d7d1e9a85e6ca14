"""A pilot's way: begun and not changed any more, drawn by chance while routing, looked at when it was set, ended."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction

from choir.flow.correct import correct
from choir.flow.returns import return_untouched
from choir.governance.agenda.pilots import pilots_ready
from choir.governance.agenda.raised import Looking
from choir.governance.enacting import enact
from choir.governance.reversing import reverse
from choir.inbox.models import State
from choir.people.access import NotAllowedError
from choir.pilots.actions import PilotRefusedError, begin, call_off
from choir.pilots.looking import look, look_at, result_of
from choir.pilots.models import Draw, Ending, Look, Outcome, Pilot
from choir.pilots.planning import plan_for
from choir.pilots.queries import timed_trials
from choir.routing.actions import Scope, set_owner
from choir.strategy.evidence import owner_of
from tests.cast import NOON, Cast, cast
from tests.governance.sitting import decided, founded, opened
from tests.pilots.running import DAY, begun, came, design, went

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Cast:
    return cast()


def test_chance_shares_out_by_the_conversations_id_and_the_reason_says_so(company: Cast) -> None:
    pilot = begun(company)
    made = came(company, 12)
    trial = timed_trials(company.organisation.pk)[0].trial
    drawn = dict(pilot.draws.values_list("conversation_id", "is_candidate"))
    names = {True: "operations", False: "customer_service"}
    for one in made:
        assert drawn[one.pk] is trial.gives(one.pk)
        assert one.department == company.departments[names[drawn[one.pk]]]
        because = one.assignments.get().because
        assert "Customer service owns care since" in because
        told = "chance gave it to Operations" if drawn[one.pk] else "chance left it with Customer service"
        assert f", and it is in the pilot “Care elsewhere”, in which {told}, and " in because
        assert one.return_at is not None


def test_a_share_is_that_share_of_all_ids(company: Cast) -> None:
    begun(company, share=0.2)
    trial = timed_trials(company.organisation.pk)[0].trial
    ids = [uuid.UUID(int=number << 64) for number in range(20_000)]
    assert sum(map(trial.gives, ids)) / len(ids) == pytest.approx(0.2, abs=0.01)
    other = replace(trial, salt="another")
    both = sum(trial.gives(one) and other.gives(one) for one in ids) / len(ids)
    assert both == pytest.approx(0.04, abs=0.005)  # one pilot's chance says nothing of another's


def test_only_what_the_owner_would_have_takes_part(company: Cast) -> None:
    begun(company, candidate=company.departments["legal"])
    came(company, 3, objective="sales")
    unsure = came(company, 1)[0]
    assert Draw.objects.count() == 1
    assert unsure.draws.get().pilot.name == "Care elsewhere"
    narrower = Scope(topic="delivery")  # is operations', and stays so
    with pytest.raises(PilotRefusedError, match="Operations owns it already"):
        begin(company.workspace, design(company, name="Other", scope=narrower), by=company.cho, at=NOON)


def test_a_conversation_put_right_stays_on_its_side_and_is_drawn_once(company: Cast) -> None:
    begun(company)
    conversation = came(company, 1)[0]
    was = conversation.department
    correct(conversation, by=company.ana if was == company.departments["customer_service"] else company.ben, at=NOON,
            topic="billing")  # fmt: skip
    from_anew = came(company, 0)
    conversation.refresh_from_db()
    assert from_anew == []
    assert conversation.state == State.OPEN
    assert conversation.department == was
    assert conversation.draws.count() == 1


def test_while_nobody_could_take_it_nothing_is_drawn_and_the_owner_has_it(company: Cast) -> None:
    begun(company)
    company.ben.memberships.all().delete()
    made = came(company, 6)
    assert {one.department.slug for one in made if one.department} == {"customer_service"}
    assert not Draw.objects.exists()


def test_what_the_candidate_leaves_lying_comes_back_like_everything(company: Cast) -> None:
    begun(company, share=0.95)
    given = next(one for one in came(company, 8) if one.department == company.departments["operations"])
    assert given.return_at is not None
    assert return_untouched(at=given.return_at + dt.timedelta(seconds=1)) >= 1
    given.refresh_from_db()
    assert (given.assignee, given.team) == (None, company.teams["operations"])


def test_after_its_end_nothing_is_drawn(company: Cast) -> None:
    pilot = begun(company, days=7)
    came(company, 4, at=pilot.ends_at)
    assert not Draw.objects.exists()


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"share": 0.99}, "one conversation in twenty"),
        ({"days": 3}, "a week to four months"),
        ({"looks": 6}, "a week to four months"),
        ({"because": " "}, "say why"),
        ({"metric": "luck"}, "metric that decides"),
    ],
)
def test_what_could_not_tell_anything_is_refused(company: Cast, told: dict[str, object], says: str) -> None:
    with pytest.raises(PilotRefusedError, match=says):
        begun(company, **told)


def test_a_candidate_that_nobody_staffs_is_refused(company: Cast) -> None:
    company.ben.is_active = False
    company.ben.save()
    with pytest.raises(PilotRefusedError, match="no team with people"):
        begun(company)


def test_one_pilot_of_an_objective_at_a_time_and_only_by_the_champion(company: Cast) -> None:
    with pytest.raises(NotAllowedError):
        begin(company.workspace, design(company), by=company.lea, at=NOON)
    begun(company)
    with pytest.raises(PilotRefusedError, match="One at a time"):
        begun(company, name="Second")


def test_what_was_set_cannot_be_changed(company: Cast) -> None:
    pilot = begun(company)
    with pytest.raises(DatabaseError, match="set before it began"), transaction.atomic():
        Pilot.objects.filter(pk=pilot.pk).update(looks_count=3)


def test_a_look_is_taken_when_it_was_set_and_not_before(company: Cast) -> None:
    pilot = begun(company)
    went(company, pilot, owner=[7200 + one for one in range(30)], candidate=[1800 + one for one in range(30)])
    due = look_at(pilot, 1)
    assert due == NOON + 28 * DAY + 7 * DAY  # CSAT takes a week
    assert look(at=due - dt.timedelta(seconds=1)) == 0
    assert look(at=due) == 1
    assert look(at=due) == 0
    found = Look.objects.get()
    assert found.is_enough
    assert found.found["first_response"]["effect"] == pytest.approx(-0.75, abs=0.01)
    assert found.found["one_touch"]["n_owner"] == 30
    assert "csat" not in found.found  # nobody was asked


def test_half_way_only_what_could_hardly_be_chance_stops_it(company: Cast) -> None:
    pilot = begun(company, looks=2)
    slow, quick = [3600 + 300 * one for one in range(30)], [1200 + 250 * one for one in range(30)]
    went(company, pilot, owner=slow, candidate=quick)
    assert look(at=look_at(pilot, 1)) == 1
    first = Look.objects.get()
    assert first.boundary == pytest.approx(2.963, abs=0.01)
    assert 1.96 < abs(first.found["first_response"]["z"]) < 2.963
    assert not first.is_enough
    assert result_of(Pilot.objects.get()) is None
    assert look(at=look_at(pilot, 2)) == 1
    second = Look.objects.get(number=2)
    assert result_of(Pilot.objects.get()) == second


def test_who_still_waits_counts_against_whoever_lets_them_wait(company: Cast) -> None:
    pilot = begun(company)
    went(company, pilot, owner=[3600 + one for one in range(30)],
         candidate=[*(600 * one for one in range(1, 23)), *[None] * 8])  # fmt: skip
    look(at=look_at(pilot, 1))
    assert Look.objects.get().found["first_response"]["candidate"] == 15.5 * 600


def test_where_most_still_wait_nothing_is_said(company: Cast) -> None:
    pilot = begun(company)
    went(company, pilot, owner=[3600 + one for one in range(30)], candidate=[*[600] * 10, *[None] * 20])
    look(at=look_at(pilot, 1))
    result = result_of(Pilot.objects.get())
    assert result is not None
    assert "first_response" not in result.found
    assert not result.is_enough


def test_a_result_is_on_the_agenda_and_the_committee_gives_the_work_to_the_candidate(company: Cast) -> None:
    committee = founded(company)
    pilot = begun(company)
    went(company, pilot, owner=[7200 + one for one in range(30)], candidate=[1800 + one for one in range(30)])
    at = look_at(pilot, 1)
    assert pilots_ready(Looking(company.workspace, at, at)) == []
    look(at=at)
    raised = pilots_ready(Looking(company.workspace, at, at))[0]
    assert raised.proposal == {"kind": "pilot", "pilot": str(pilot.pk), "verdict": "adopt"}
    assert "First response time: −75 %" in raised.because
    decision = decided(company, opened(company, committee), raised.proposal)
    enact(at=decision.effective_at)
    ending = Ending.objects.get()
    assert (ending.outcome, ending.decision_number) == (Outcome.ADOPTED, 1)
    care, operations = company.objectives["care"], company.departments["operations"]
    assert owner_of(care, at=decision.effective_at) == operations
    assert pilots_ready(Looking(company.workspace, at, at)) == []
    made = came(company, 2, at=decision.effective_at)
    assert {one.department for one in made} == {operations}
    assert "by decision 1" in made[0].assignments.get().because
    reverse(decision, because="Too dear.", by=company.cho, at=decision.effective_at + DAY)
    assert owner_of(care, at=decision.effective_at + DAY) == company.departments["customer_service"]


def test_without_a_difference_it_is_proposed_to_leave_it(company: Cast) -> None:
    committee, pilot = founded(company), begun(company)
    same = [600 * one for one in range(1, 31)]
    went(company, pilot, owner=same, candidate=same)
    at = look_at(pilot, 1)
    look(at=at)
    raised = pilots_ready(Looking(company.workspace, at, at))[0]
    assert raised.proposal["verdict"] == "drop"
    assert "No difference beyond chance" in raised.because
    decision = decided(company, opened(company, committee), raised.proposal)
    enact(at=decision.effective_at)
    assert Ending.objects.get().outcome == Outcome.DROPPED
    assert owner_of(company.objectives["care"], at=at) == company.departments["customer_service"]


def test_called_off_it_draws_no_more_and_is_never_ready(company: Cast) -> None:
    pilot = begun(company)
    with pytest.raises(PilotRefusedError, match="Say why"):
        call_off(pilot, because="", by=company.cho, at=NOON)
    call_off(pilot, because="Nobody there speaks German.", by=company.cho, at=NOON)
    with pytest.raises(PilotRefusedError, match="over already"):
        call_off(pilot, because="Again.", by=company.cho, at=NOON)
    came(company, 4)
    assert not Draw.objects.exists()
    assert look(at=NOON + 90 * DAY) == 0
    assert pilots_ready(Looking(company.workspace, NOON, NOON)) == []


def test_when_somebody_else_owns_it_since_nothing_more_is_drawn(company: Cast) -> None:
    begun(company)
    set_owner(
        company.organisation, objective=company.objectives["care"], responsible=company.departments["legal"],
        because="Otherwise.", by=company.cho, at=NOON,
    )  # fmt: skip
    made = came(company, 4)
    assert {one.department.slug for one in made if one.department} == {"legal"}
    assert not Draw.objects.exists()


def test_a_plan_says_what_it_takes_from_the_past(company: Cast) -> None:
    pilot = begun(company)
    went(company, pilot, owner=[600 * one for one in range(1, 46)], candidate=[600 * one for one in range(1, 46)])
    plan = plan_for(
        company.workspace, company.objectives["care"], Scope(), metric="first_response", worth=-0.3, share=0.5, days=28,
        looks=1, at=NOON + DAY,
    )  # fmt: skip
    assert plan.per_week == pytest.approx(7.0)
    assert plan.value == pytest.approx(13_800)
    assert plan.needed_count is not None
    assert 100 < plan.needed_count < 600
    assert plan.power is not None
    assert plan.power < 0.8
