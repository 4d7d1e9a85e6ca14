"""What people do with a conversation: who may, what becomes true, what is recorded."""

import datetime as dt

import pytest

from choir.events.models import Event
from choir.inbox.actions import NotPossibleError, add_note, note_only, put_label, reopen, resolve, snooze, take_label
from choir.inbox.assigning import assign, hand_over
from choir.inbox.clocks import ALWAYS, on_answer, on_customer_waiting, on_resolved, set_due
from choir.inbox.consulting import answer_consult, ask
from choir.inbox.models import Clock, ClockKind, Conversation, State
from choir.people.access import NotAllowedError
from choir.routing.models import Hours, SLAPolicy
from tests.cast import NOON, Cast, cast
from tests.conversing import opened

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def company() -> Cast:
    return cast()


def verbs(conversation: Conversation) -> list[str]:
    return list(Event.objects.about("conversation", conversation.pk).order_by("id").values_list("verb", flat=True))


def test_resolving_ends_the_work_and_is_recorded_with_its_time(company: Cast) -> None:
    conversation = opened(company, assignee=company.ana)
    done = resolve(conversation, by=company.ana, at=NOON + HOUR)
    assert (done.state, done.waiting_since, done.return_at) == (State.RESOLVED, None, None)
    assert Event.objects.get(verb="conversation.resolved").facts["resolution_seconds"] == 3600


def test_resolving_twice_is_recorded_once(company: Cast) -> None:
    conversation = opened(company)
    resolve(conversation, by=company.ana, at=NOON)
    resolve(conversation, by=company.ana, at=NOON + HOUR)
    assert verbs(conversation) == ["conversation.resolved"]


@pytest.mark.parametrize("name", ["ben", "leo", "ada", "eve", "cho", "outsider"])
def test_only_the_department_that_has_it_may_snooze(company: Cast, name: str) -> None:
    conversation = opened(company)
    person = company.outsider if name == "outsider" else company.people[name]
    if name == "eve":  # an executive may answer anywhere
        snooze(conversation, until=NOON + HOUR, by=person, at=NOON)
        return
    with pytest.raises(NotAllowedError):
        snooze(conversation, until=NOON + HOUR, by=person, at=NOON)


def test_a_snooze_that_is_over_already_is_refused(company: Cast) -> None:
    with pytest.raises(NotPossibleError, match="has passed"):
        snooze(opened(company), until=NOON - HOUR, by=company.ana, at=NOON)


def test_reopening_keeps_the_owner(company: Cast) -> None:
    conversation = opened(company, assignee=company.ana)
    resolve(conversation, by=company.ana, at=NOON)
    again = reopen(conversation, because="The parcel came back", by=company.lea, at=NOON + HOUR)
    assert (again.state, again.assignee) == (State.OPEN, company.ana)


def test_what_needs_no_reply_can_be_noted(company: Cast) -> None:
    assert note_only(opened(company), by=company.ana, at=NOON).state == State.NOTED


def test_assigning_within_the_department(company: Cast) -> None:
    conversation = assign(opened(company), to=company.lea, by=company.ana, at=NOON)
    assert conversation.assignee == company.lea
    assert conversation.assignments.filter(ended_at=None).get().because == "Ana gave it to Lea."
    assert conversation.assignments.count() == 2


def test_assigning_to_another_department_is_a_handover(company: Cast) -> None:
    with pytest.raises(NotPossibleError, match="Hand it over"):
        assign(opened(company), to=company.ben, by=company.ana, at=NOON)


def test_a_handover_needs_a_reason(company: Cast) -> None:
    with pytest.raises(NotPossibleError, match="Say why"):
        hand_over(opened(company), to=company.departments["operations"], because="  ", by=company.ana, at=NOON)


def test_a_handover_moves_it_and_keeps_the_giver_in_sight(company: Cast) -> None:
    conversation = opened(company, assignee=company.ana)
    hand_over(
        conversation, to=company.departments["operations"], because="It is about delivery", by=company.ana, at=NOON
    )
    conversation.refresh_from_db()
    assert (conversation.department, conversation.assignee) == (company.departments["operations"], None)
    for person in (company.ana, company.ben):
        assert Conversation.objects.visible_to(person).filter(pk=conversation.pk).exists()
    assert not Conversation.objects.visible_to(company.lea).filter(pk=conversation.pk).exists()
    facts = Event.objects.get(verb="conversation.handed_over").facts
    assert (facts["from_name"], facts["to_name"]) == ("Customer service", "Operations")


def test_a_department_without_people_cannot_be_handed_anything(company: Cast) -> None:
    empty = company.departments["legal"]
    empty.teams.all()[0].memberships.all().delete()
    with pytest.raises(NotPossibleError, match="nobody would answer"):
        hand_over(opened(company), to=empty, because="A lawyer wrote", by=company.ana, at=NOON)


def test_departments_on_one_channel_do_not_see_each_others_conversations(company: Cast) -> None:
    conversation = opened(company)
    seers = {
        name
        for name, person in (company.people | {"outsider": company.outsider}).items()
        if Conversation.objects.visible_to(person).filter(pk=conversation.pk).exists()
    }
    assert seers == {"ana", "lea", "leo", "eve", "cho"}


def test_naming_somebody_in_a_note_lets_them_in(company: Cast) -> None:
    conversation = opened(company)
    add_note(conversation, text="@Ben do you know?", mentioned=[company.ben], by=company.ana, at=NOON)
    assert Conversation.objects.visible_to(company.ben).filter(pk=conversation.pk).exists()


def test_an_outsider_cannot_be_let_in(company: Cast) -> None:
    conversation = opened(company)
    add_note(conversation, text="@Outsider", mentioned=[company.outsider], by=company.ana, at=NOON)
    assert not Conversation.objects.visible_to(company.outsider).filter(pk=conversation.pk).exists()


def test_a_consult_lets_the_expert_answer_and_nothing_more(company: Cast) -> None:
    conversation = opened(company)
    consult = ask(
        conversation, department=company.departments["legal"], expert=company.leo, question="May we say that?",
        answer_by=NOON + HOUR, by=company.ana, at=NOON,
    )  # fmt: skip
    with pytest.raises(NotAllowedError):
        answer_consult(consult, text="Yes", by=company.ben, at=NOON)
    answer_consult(consult, text="Yes", by=company.leo, at=NOON + HOUR / 2)
    assert Event.objects.get(verb="consult.answered").facts["in_time"] is True
    with pytest.raises(NotPossibleError, match="answered already"):
        answer_consult(consult, text="No", by=company.leo, at=NOON + HOUR)


def test_labels_are_one_vocabulary_in_any_case(company: Cast) -> None:
    conversation = opened(company)
    label = put_label(conversation, name="  Recall ", by=company.ana, at=NOON)
    assert put_label(conversation, name="recall", by=company.ana, at=NOON) == label
    take_label(conversation, label=label, by=company.ana, at=NOON)
    assert verbs(conversation) == ["label.put", "label.taken"]


def promised(company: Cast, conversation: Conversation, kind: ClockKind, seconds: int) -> Clock:
    policy = SLAPolicy.objects.get(name="Everything")
    clock = Clock(
        workspace=company.workspace, conversation=conversation, kind=kind, policy=policy,
        team=company.teams["customer_service"], allowed_seconds=seconds, hours=Hours.BUSINESS,
        started_at=NOON, counted_from=NOON,
    )  # fmt: skip
    clock.due_at = NOON + dt.timedelta(seconds=seconds)
    clock.save()
    return clock


def test_an_answer_in_time_keeps_the_promise_and_pauses_the_resolution(company: Cast) -> None:
    conversation = opened(company)
    first = promised(company, conversation, ClockKind.FIRST_RESPONSE, 3600)
    whole = promised(company, conversation, ClockKind.RESOLUTION, 2 * 3600)
    on_answer(conversation, at=NOON + HOUR / 2)
    first.refresh_from_db()
    whole.refresh_from_db()
    assert (first.is_met, first.spent_seconds) == (True, 1800)
    assert (whole.paused_at, whole.due_at, conversation.due_at) == (NOON + HOUR / 2, None, None)
    on_customer_waiting(conversation, at=NOON + 3 * HOUR)
    assert conversation.due_at == NOON + 3 * HOUR + dt.timedelta(seconds=2 * 3600 - 1800)


def test_a_change_of_team_keeps_the_time_spent(company: Cast) -> None:
    conversation = opened(company)
    clock = promised(company, conversation, ClockKind.FIRST_RESPONSE, 2 * 3600)
    hand_over(conversation, to=company.departments["operations"], because="Theirs", by=company.ana, at=NOON + HOUR)
    clock.refresh_from_db()
    assert (clock.spent_seconds, clock.due_at) == (3600, NOON + 2 * HOUR)


def test_a_resolved_conversation_has_nothing_running(company: Cast) -> None:
    conversation = opened(company)
    clock = promised(company, conversation, ClockKind.FIRST_RESPONSE, 60)
    on_resolved(conversation, at=NOON + HOUR)
    clock.refresh_from_db()
    assert (clock.is_met, conversation.due_at) == (False, None)


def test_a_clock_with_nothing_left_is_due_at_once(company: Cast) -> None:
    clock = promised(company, opened(company), ClockKind.FIRST_RESPONSE, 60)
    clock.spent_seconds = 90
    clock.counted_from = NOON + HOUR
    set_due(clock, ALWAYS)
    assert clock.due_at == NOON + HOUR
