"""Deciding: only with a quorum that agrees; once decided it stands, comes into force once, and can be taken back."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from choir.administration.promises import PromiseRefusedError
from choir.events.models import Event
from choir.flow.route import route
from choir.governance import sitting
from choir.governance.changing.kind import ChangeRefusedError
from choir.governance.changing.kinds import in_words
from choir.governance.convening import MeetingRefusedError
from choir.governance.deciding import Motion, decide
from choir.governance.enacting import enact
from choir.governance.models import AgendaItem, Decision, Enactment, Outcome
from choir.governance.reversing import reverse
from choir.outbound.models import ApprovalPolicy
from choir.people.access import NotAllowedError
from choir.people.models import RoleGrant
from choir.routing.actions import set_owner
from choir.routing.models import Ownership, Rule, SLAPolicy
from choir.strategy.evidence import owner_of
from choir.strategy.models import KPI, Initiative, Wants
from choir.triage.models import Reading
from tests.cast import Cast, cast
from tests.conversing import arrived, read_as
from tests.governance.sitting import OPERATIONS_OWN_CARE, decided, founded, on_agenda, opened

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def company() -> Cast:
    return cast()


def test_nothing_is_decided_without_a_quorum(company: Cast) -> None:
    meeting = opened(company, founded(company), present=("lea",))
    with pytest.raises(MeetingRefusedError, match="1 of the 2 departments"):
        decided(company, meeting)
    assert not Decision.objects.exists()


def test_a_department_that_left_no_longer_counts(company: Cast) -> None:
    meeting = opened(company, founded(company))
    sitting.leave(meeting, department=company.departments["operations"], by=company.ben, at=meeting.begins_at)
    with pytest.raises(MeetingRefusedError, match="1 of the 2 departments"):
        decided(company, meeting)


def test_an_objection_keeps_consent_away_and_a_majority_needs_more_yes_than_no(company: Cast) -> None:
    committee = founded(company)
    meeting = opened(company, committee)
    item = on_agenda(company, meeting)
    service, operations = company.departments["customer_service"], company.departments["operations"]
    sitting.vote(item, department=service, choice="no", by=company.lea, at=meeting.begins_at)
    from_now = {"title": "As proposed", "because": "Why not."}
    with pytest.raises(MeetingRefusedError, match="customer service objects"):
        decide_on(company, item, **from_now)
    committee.agrees_by = "majority"
    committee.save()
    sitting.vote(item, department=operations, choice="yes", by=company.ben, at=meeting.begins_at)
    with pytest.raises(MeetingRefusedError, match="More must vote yes"):
        decide_on(company, item, **from_now)
    sitting.vote(item, department=service, choice="abstain", by=company.lea, at=meeting.begins_at)
    decision = decide_on(company, item, **from_now)
    assert decision.agreement["votes"] == {"customer_service": "abstain", "operations": "yes"}
    with pytest.raises(MeetingRefusedError, match="That is decided"):
        sitting.vote(item, department=service, choice="no", by=company.lea, at=meeting.begins_at)


def decide_on(company: Cast, item: AgendaItem, **motion: Any) -> Decision:
    item = AgendaItem.objects.get(pk=item.pk)
    return decide(item, Motion(change=OPERATIONS_OWN_CARE, **motion), by=company.cho, at=item.meeting.begins_at)


def test_only_who_runs_the_committee_records_decisions_and_only_a_seat_votes(company: Cast) -> None:
    meeting = opened(company, founded(company))
    item = on_agenda(company, meeting)
    with pytest.raises(NotAllowedError):
        sitting.close_meeting(meeting, by=company.lea, at=meeting.begins_at)
    with pytest.raises(MeetingRefusedError, match="itself speaks for"):
        sitting.vote(item, department=company.departments["legal"], choice="yes", by=company.lea, at=meeting.begins_at)
    with pytest.raises(MeetingRefusedError, match="not there"):
        sitting.vote(item, department=company.departments["legal"], choice="yes", by=company.leo, at=meeting.begins_at)


def test_a_decision_cannot_be_changed_not_even_in_the_database(company: Cast) -> None:
    decision = decided(company, opened(company, founded(company)))
    decision.title = "Something else"
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        decision.save()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).delete()


def test_on_its_date_it_comes_into_force_once_even_late_and_after_its_recorder_left(company: Cast) -> None:
    meeting = opened(company, founded(company))
    effective_at = meeting.begins_at + 2 * DAY
    decision = decided(company, meeting, effective_at=effective_at)
    assert enact(at=effective_at - DAY) == 0
    RoleGrant.objects.filter(person=company.cho).delete()
    assert enact(at=effective_at + 5 * DAY) == 1
    assert enact(at=effective_at + 5 * DAY) == 0
    cell = Ownership.objects.get(decision_number=decision.number)
    assert (cell.responsible.slug, cell.effective_from) == ("operations", effective_at + 5 * DAY)
    assert cell.because == "Decision 1: They see the van."
    assert Event.objects.filter(verb="decision.enacted", subject_id=decision.pk).count() == 1


def test_what_is_routed_by_it_says_so_and_it_can_be_taken_back(company: Cast) -> None:
    decision = decided(company, opened(company, founded(company)))
    at = decision.effective_at
    enact(at=at)
    conversation = arrived(company, "Where is my parcel?", at=at)
    made = read_as(company, conversation.messages.get())
    Reading.objects.filter(pk=made.pk).update(topic="billing")
    route(at=at + DAY)
    assignment = conversation.assignments.get()
    assert "(version 2), by decision 1, and" in assignment.because
    assert ["decision 1", "decision", str(decision.pk)] in assignment.parts
    reverse(decision, because="It went worse.", by=company.cho, at=at + 2 * DAY)
    owner = owner_of(company.objectives["care"], at=at + 3 * DAY)
    assert owner == company.departments["customer_service"]
    with pytest.raises(ChangeRefusedError, match="taken back already"):
        reverse(decision, because="Again.", by=company.cho, at=at + 2 * DAY)


def test_a_change_overtaken_since_is_not_taken_back_over_it(company: Cast) -> None:
    decision = decided(company, opened(company, founded(company)))
    enact(at=decision.effective_at)
    at = decision.effective_at + DAY
    set_owner(
        company.organisation, objective=company.objectives["care"], responsible=company.departments["marketing"],
        because="By hand.", by=company.cho, at=at,
    )  # fmt: skip
    with pytest.raises(ChangeRefusedError, match="Somebody else owns it since"):
        reverse(decision, because="It went worse.", by=company.cho, at=at + DAY)


def test_a_superseded_decision_never_comes_into_force(company: Cast) -> None:
    meeting = opened(company, founded(company))
    first = decided(company, meeting, effective_at=meeting.begins_at + DAY)
    second = decided(company, meeting, {"kind": "agreement"}, supersedes=first)
    assert enact(at=meeting.begins_at + 9 * DAY) == 1
    assert Enactment.objects.get().decision == second
    with pytest.raises(MeetingRefusedError, match="superseded"):
        decided(company, meeting, {"kind": "agreement"}, supersedes=first)


def test_one_that_cannot_come_into_force_says_why_and_keeps_no_other_back(company: Cast) -> None:
    meeting = opened(company, founded(company))
    effective_at = meeting.begins_at + 2 * DAY
    decided(company, meeting, effective_at=effective_at)
    decided(company, meeting, {"kind": "agreement"}, effective_at=effective_at)
    set_owner(
        company.organisation, objective=company.objectives["care"], responsible=company.departments["marketing"],
        because="By hand.", by=company.cho, at=meeting.begins_at, effective_from=effective_at + 9 * DAY,
    )  # fmt: skip
    assert enact(at=effective_at) == 2
    assert "planned from" in Enactment.objects.get(decision__number=1).refused
    assert Enactment.objects.get(decision__number=2).refused == ""


def changes(company: Cast) -> list[tuple[dict[str, Any], Any]]:
    """Each kind of change, and a look at what it changes."""
    kpi = KPI.objects.create(
        workspace=company.workspace, name="In time", metric="sla_attainment", target=0.8, wants=Wants.AT_LEAST,
        owner=company.cho, starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2026, 12, 31),
    )  # fmt: skip
    return [
        ({"kind": "promise", "objective": "care", "first_response_seconds": 7200},
         lambda: [one.first_response_seconds for one in SLAPolicy.objects.filter(objective__slug="care")]),
        ({"kind": "promise", "first_response_seconds": 7200},
         lambda: SLAPolicy.objects.get(objective=None, urgency_at_least=0).first_response_seconds),
        ({"kind": "rule", "words": ["lawyer"], "department": "legal"},
         lambda: list(Rule.objects.in_force().values_list("department__slug", "decision_number"))),
        ({"kind": "target", "kpi": str(kpi.pk), "target": 0.9}, lambda: KPI.objects.get().target),
        ({"kind": "policy", "objective": "reputation", "approvers_count": 2},
         lambda: list(ApprovalPolicy.objects.values_list("objective__slug", "approvers_count"))),
        ({"kind": "initiative", "name": "Talk", "starts_on": "2026-04-01", "ends_on": "2026-05-01", "budget": "500"},
         lambda: list(Initiative.objects.filter(ended_at=None).values_list("name", "budget"))),
    ]  # fmt: skip


AFTER = [[7200], 7200, [("legal", 3)], 0.9, [("reputation", 2)], [("Talk", Decimal(500))]]


def test_every_kind_of_change_is_made_and_taken_back(company: Cast) -> None:
    meeting = opened(company, founded(company))
    for number, (change, look) in enumerate(changes(company)):
        before = look()
        decision = decided(company, meeting, change)
        assert in_words(company.workspace, change)
        assert enact(at=decision.effective_at) == 1
        assert Enactment.objects.get(decision=decision).refused == ""
        assert look() == AFTER[number] != before
        reverse(decision, because="It went worse.", by=company.cho, at=decision.effective_at + DAY)
        assert look() == before


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"kind": "war"},
        {"kind": "ownership", "objective": "care"},
        {"kind": "ownership", "objective": "gone", "responsible": "legal"},
        {"kind": "ownership", "objective": "care", "responsible": "legal", "channel": "no id"},
        {"kind": "promise", "first_response_seconds": 0},
        {"kind": "rule", "department": "legal", "words": []},
        {"kind": "target", "kpi": "no id", "target": 1},
        {"kind": "policy"},
        {"kind": "initiative", "name": "Talk", "starts_on": "soon", "ends_on": "later"},
        {"kind": "reversal", "decision": "no id"},
    ],
)
def test_a_change_that_could_not_be_made_is_not_decided(company: Cast, change: dict[str, Any]) -> None:
    meeting = opened(company, founded(company))
    with pytest.raises((ChangeRefusedError, PromiseRefusedError)):
        decided(company, meeting, change)


def test_closing_keeps_the_minutes_and_postpones_what_was_not_come_to(company: Cast) -> None:
    meeting = opened(company, founded(company))
    item = on_agenda(company, meeting)
    sitting.keep_minutes(item, text="Ben will look.", by=company.cho, at=meeting.begins_at)
    sitting.close_meeting(meeting, by=company.cho, at=meeting.ends_at)
    item.refresh_from_db()
    assert (item.minutes, item.outcome) == ("Ben will look.", Outcome.POSTPONED)
    meeting.refresh_from_db()
    with pytest.raises(MeetingRefusedError, match="while the meeting is open"):
        sitting.keep_minutes(item, text="Ben will not.", by=company.cho, at=meeting.ends_at)
