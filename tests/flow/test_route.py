"""From what was read to who has it: the department that owns the objective, a person, a clock, a sentence."""

import datetime as dt

import pytest

from choir.events.models import Event
from choir.flow.assign import assign_waiting
from choir.flow.correct import correct
from choir.flow.pressing import press
from choir.flow.returns import return_untouched
from choir.flow.route import route
from choir.inbox.assigning import assign, hand_over
from choir.inbox.models import Conversation, State
from choir.people.models import Person, Presence
from choir.triage.models import Reading
from tests.cast import NOON, Cast, cast
from tests.conversing import arrived, opened, read_as, says

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Cast:
    return cast()


def routed(company: Cast, text: str = "Where is my parcel?", **reading: object) -> Conversation:
    conversation = arrived(company, text)
    made = read_as(company, conversation.messages.get())
    Reading.objects.filter(pk=made.pk).update(**reading)
    assert route(at=NOON) == 1
    conversation.refresh_from_db()
    return conversation


def test_the_department_that_owns_the_objective_has_it(company: Cast) -> None:
    conversation = routed(company, objective="compliance")
    assert conversation.department == company.departments["legal"]
    assert conversation.assignee == company.leo


def test_the_most_specific_cell_wins(company: Cast) -> None:
    assert routed(company, objective="care", topic="delivery").department == company.departments["operations"]
    assert routed(company, objective="care", topic="billing").department == company.departments["customer_service"]


def test_the_reason_names_the_words_the_cell_and_the_person(company: Cast) -> None:
    conversation = routed(company, topic="delivery", words={"objective": ["still waiting"]})
    because = conversation.assignments.get().because
    for part in (
        "care: delivery (0.90: “still waiting”)",
        "Operations owns care about delivery since",
        "version 1",
        "Ben",
    ):
        assert part in because


def test_the_assignment_keeps_the_cell_and_its_version(company: Cast) -> None:
    assignment = routed(company, topic="delivery").assignments.get()
    assert assignment.ownership is not None
    assert (assignment.ownership.topic, assignment.ownership.version) == ("delivery", 1)


def test_unsure_goes_to_the_sorting_team(company: Cast) -> None:
    conversation = routed(company, objective="advocacy", objective_confidence=0.2)
    assert conversation.is_unsure
    assert conversation.team == company.teams["customer_service"]
    assert "unsure" in conversation.assignments.get().because


def test_what_needs_no_reply_is_noted_and_in_nobodys_queue(company: Cast) -> None:
    conversation = routed(company, needs_reply=False, confidences={"needs_reply": 0.9})
    assert (conversation.state, conversation.assignee, conversation.due_at) == (State.NOTED, None, None)


def test_what_was_noted_and_needs_a_reply_after_all_is_somebodys_work(company: Cast) -> None:
    conversation = routed(company, needs_reply=False, confidences={"needs_reply": 0.9})
    assert conversation.state == State.NOTED
    correct(conversation, by=company.cho, at=NOON, needs_reply=True)
    assert route(at=NOON) == 1
    conversation.refresh_from_db()
    assert (conversation.state, conversation.assignee) == (State.OPEN, company.ana)


def test_danger_is_never_noted(company: Cast) -> None:
    assert routed(company, needs_reply=False, urgency=3).state == State.OPEN


def test_doubt_about_needing_a_reply_keeps_it_open(company: Cast) -> None:
    assert routed(company, needs_reply=False, confidences={"needs_reply": 0.55}).state == State.OPEN


def test_it_goes_to_whoever_speaks_the_language(company: Cast) -> None:
    Person.objects.filter(pk=company.lea.pk).update(presence=Presence.ONLINE)
    conversation = routed(company, language="de")
    assert conversation.assignee == company.ana
    assert "speaks German" in conversation.assignments.get().because


def test_nobody_online_leaves_it_with_the_staffed_team(company: Cast) -> None:
    Person.objects.update(presence=Presence.OFFLINE)
    conversation = routed(company)
    assert (conversation.state, conversation.assignee) == (State.OPEN, None)
    assert conversation.team == company.teams["customer_service"]
    assert "nobody of the team is online" in conversation.assignments.get().because


def test_whoever_gets_it_later_does_not_hide_why_the_department_has_it(company: Cast) -> None:
    Person.objects.update(presence=Presence.OFFLINE)
    conversation = routed(company)
    Person.objects.filter(pk=company.ana.pk).update(presence=Presence.ONLINE)
    assert assign_waiting(at=NOON) == 1
    Person.objects.filter(pk=company.ana.pk).update(presence=Presence.OFFLINE)
    Conversation.objects.update(return_at=NOON)
    assert return_untouched(at=NOON) == 1
    routed_so, given, returned = conversation.assignments.order_by("at", "id")
    why = routed_so.because.removesuffix(", and nobody of the team is online; it is assigned when somebody comes.")
    assert why != routed_so.because
    assert given.because.startswith(f"{why}, and Ana ")
    assert returned.because == f"{why}, and Ana did not touch it in time, so it moved on."
    assert {one.ownership_id for one in (routed_so, given, returned)} == {routed_so.ownership_id}


def test_words_of_whoever_handed_it_over_stay_when_somebody_gets_it(company: Cast) -> None:
    conversation = opened(company)
    Person.objects.filter(pk=company.ben.pk).update(presence=Presence.OFFLINE)
    hand_over(conversation, to=company.departments["operations"], because="the van is yours.", by=company.ana, at=NOON)
    Person.objects.filter(pk=company.ben.pk).update(presence=Presence.ONLINE)
    assert assign_waiting(at=NOON) == 1
    because = conversation.assignments.get(ended_at=None).because
    assert because.startswith("Customer service handed it over: the van is yours, and Ben has room")


def test_a_full_person_gets_no_more(company: Cast) -> None:
    Person.objects.filter(pk=company.ana.pk).update(capacity=1)
    assert routed(company).assignee == company.ana
    assert routed(company).assignee is None


def test_clocks_run_in_the_teams_hours(company: Cast) -> None:
    friday_evening = dt.datetime(2026, 3, 6, 17, 0, tzinfo=dt.UTC)
    conversation = arrived(company, "Hello?", at=friday_evening)
    read_as(company, conversation.messages.get())
    route(at=friday_evening)
    conversation.refresh_from_db()
    assert conversation.due_at == dt.datetime(2026, 3, 9, 11, 0, tzinfo=dt.UTC)  # one hour on Friday, three on Monday


def test_an_answered_thread_arrives_resolved_at_its_true_time(company: Cast) -> None:
    conversation = arrived(company, "Where is it?")
    read_as(company, conversation.messages.get())
    answered_at = NOON + dt.timedelta(minutes=30)
    Conversation.objects.filter(pk=conversation.pk).update(last_outbound_at=answered_at)
    route(at=NOON + dt.timedelta(days=3))
    conversation.refresh_from_db()
    assert (conversation.state, conversation.state_at) == (State.RESOLVED, answered_at)
    assert Event.objects.get(verb="conversation.resolved").facts["resolution_seconds"] == 1800


def test_old_unanswered_history_is_noted(company: Cast) -> None:
    conversation = arrived(company, "Where is it?")
    read_as(company, conversation.messages.get())
    route(at=NOON + dt.timedelta(days=31))
    conversation.refresh_from_db()
    assert conversation.state == State.NOTED


def test_a_resolved_conversation_comes_back_to_its_owner(company: Cast) -> None:
    conversation = routed(company)
    identity = conversation.customer.identities.get()
    later = NOON + dt.timedelta(hours=2)
    says(company, conversation, "It is broken again", at=later, identity=identity)
    Conversation.objects.filter(pk=conversation.pk).update(
        state=State.ARRIVING, last_outbound_at=NOON + dt.timedelta(hours=1)
    )
    read_as(company, conversation.messages.latest("at"), objective="compliance")
    route(at=later)
    conversation.refresh_from_db()
    assert (conversation.state, conversation.assignee) == (State.OPEN, company.ana)


def test_thanks_does_not_reopen(company: Cast) -> None:
    conversation = routed(company)
    identity = conversation.customer.identities.get()
    later = NOON + dt.timedelta(hours=2)
    says(company, conversation, "Thanks!", at=later, identity=identity)
    Conversation.objects.filter(pk=conversation.pk).update(
        state=State.ARRIVING, last_outbound_at=NOON + dt.timedelta(hours=1)
    )
    read_as(company, conversation.messages.latest("at"), needs_reply=False)
    route(at=later)
    conversation.refresh_from_db()
    assert conversation.state == State.RESOLVED


def test_unread_messages_hold_routing_back(company: Cast) -> None:
    arrived(company, "Where is my parcel?")
    assert route(at=NOON) == 0


def test_the_number_of_queries_does_not_grow_with_the_batch(company: Cast, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _ in range(40):
        read_as(company, arrived(company, "Where is my parcel?").messages.get())
    with django_assert_max_num_queries(37):
        assert route(at=NOON) == 40
    assert Event.objects.filter(verb="conversation.routed").count() == 40


def test_a_possible_threat_goes_to_its_owner_even_when_triage_is_unsure(company: Cast) -> None:
    conversation = routed(company, objective="compliance", objective_confidence=0.2)
    assert (conversation.department, conversation.is_unsure) == (company.departments["legal"], False)


def test_wide_reach_makes_it_urgent_and_the_reason_says_so(company: Cast) -> None:
    conversation = arrived(company, "My kettle hums. Is that normal?")
    conversation.customer.identities.update(followers_count=45_000)
    read_as(company, conversation.messages.get())
    route(at=NOON)
    conversation.refresh_from_db()
    present = conversation.assignments.get(ended_at=None)
    assert conversation.urgency == 2
    assert ", it is urgent because 45,000 people follow whoever says it, and " in present.because
    assert ["customer", str(conversation.customer_id)] in [part[1:] for part in present.parts]


def test_whoever_asks_again_and_again_is_urgent_here_and_in_what_they_say_elsewhere(company: Cast) -> None:
    conversation = routed(company)
    identity = conversation.customer.identities.get()
    for hours in (1, 2):
        says(company, conversation, "Hello?", at=NOON + dt.timedelta(hours=hours), identity=identity)
    row = Conversation.objects.get(pk=conversation.pk)
    press([row], at=NOON + dt.timedelta(hours=2))
    assert row.urgency == 2
    assert Event.objects.get(verb="conversation.grew_urgent").because == (
        "It is urgent because they have asked 3 times without an answer."
    )
    elsewhere = arrived(company, "Anybody?", at=NOON + dt.timedelta(hours=3), identity=identity)
    read_as(company, elsewhere.messages.get())
    route(at=NOON + dt.timedelta(hours=3))
    elsewhere.refresh_from_db()
    assert (elsewhere.urgency, Conversation.objects.filter(urgency=2).count()) == (2, 1)


def test_whoever_takes_it_does_not_hide_why_the_department_has_it(company: Cast) -> None:
    conversation = routed(company)
    before = conversation.assignments.get(ended_at=None)
    assign(conversation, to=company.lea, by=company.lea, at=NOON)
    present = conversation.assignments.get(ended_at=None)
    why = before.because.partition(", and Ana")[0]
    assert present.because == f"{why}, and Lea took it."
    assert present.ownership_id == before.ownership_id
