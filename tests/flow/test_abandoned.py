"""No orphans: whoever leaves, goes away or never comes, an open conversation ends up where somebody works."""

import datetime as dt

import pytest

from choir.administration.staff import set_active
from choir.administration.teams import set_members
from choir.flow.abandoned import place_abandoned
from choir.flow.assign import assign_waiting
from choir.flow.returns import return_untouched, wake_snoozed
from choir.flow.route import route
from choir.inbox.actions import reopen, snooze
from choir.inbox.assigning import assign
from choir.inbox.models import ClockKind, Conversation, State
from choir.people.models import Membership, Person, Presence
from choir.people.policy import Role
from tests.cast import NOON, Cast, cast, person
from tests.conversing import arrived, opened, read_as, says

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
LATER = NOON + 5 * HOUR / 2


@pytest.fixture
def company() -> Cast:
    return cast()


def routed(company: Cast, objective: str = "care") -> Conversation:
    conversation = arrived(company, "Where is it?")
    read_as(company, conversation.messages.get(), objective=objective)
    route(at=NOON)
    conversation.refresh_from_db()
    return conversation


def written_again(company: Cast, conversation: Conversation, *, at: dt.datetime) -> None:
    """Resolved in the meantime, and taken up again by its customer."""
    says(company, conversation, "It is broken again", at=at, identity=conversation.customer.identities.get())
    Conversation.objects.filter(pk=conversation.pk).update(
        state=State.ARRIVING, last_outbound_at=NOON + HOUR / 2, waiting_since=at, return_at=None
    )
    read_as(company, conversation.messages.latest("at"))
    route(at=at)
    conversation.refresh_from_db()


def test_who_is_away_when_the_customer_writes_again_keeps_it_for_an_hour_of_work(company: Cast) -> None:
    conversation = routed(company)
    Person.objects.filter(pk=company.ana.pk).update(presence=Presence.AWAY)
    written_again(company, conversation, at=NOON + HOUR)
    assert (conversation.assignee, conversation.return_at) == (company.ana, NOON + 2 * HOUR)
    Person.objects.filter(pk=company.lea.pk).update(presence=Presence.ONLINE)
    assert return_untouched(at=LATER) == 1
    assert assign_waiting(at=LATER) == 1
    conversation.refresh_from_db()
    assert conversation.assignee == company.lea


def test_what_belonged_to_somebody_who_left_goes_to_a_colleague(company: Cast) -> None:
    conversation = routed(company)
    Conversation.objects.filter(pk=conversation.pk).update(state=State.RESOLVED)
    set_active(company.ana, is_active=False, by=company.ada, at=NOON)
    Person.objects.filter(pk=company.lea.pk).update(presence=Presence.ONLINE)
    written_again(company, conversation, at=NOON + HOUR)
    assert place_abandoned(at=NOON + HOUR) == 1
    present = conversation.assignments.get(ended_at=None)
    assert present.because.endswith("Ana works in Customer service team no longer, so the team has it.")
    assert assign_waiting(at=NOON + HOUR) == 1
    assert place_abandoned(at=NOON + HOUR) == 0
    conversation.refresh_from_db()
    assert conversation.assignee == company.lea


def test_work_of_a_team_that_is_emptied_goes_to_whoever_stands_in_with_the_time_spent(company: Cast) -> None:
    conversation = routed(company, objective="compliance")
    assert conversation.team == company.teams["legal"]
    set_members(company.teams["legal"], people=[], by=company.ada, at=NOON + HOUR)
    assert [place_abandoned(at=NOON + HOUR) for _ in range(3)] == [1, 1, 0]
    conversation.refresh_from_db()
    assert (conversation.team, conversation.assignee) == (company.teams["marketing"], None)
    clock = conversation.clocks.get(kind=ClockKind.FIRST_RESPONSE)
    assert (clock.team, clock.spent_seconds) == (company.teams["marketing"], 3600)


def test_another_team_of_the_department_stands_in_first(company: Cast) -> None:
    conversation = opened(company)
    night = company.departments["customer_service"].teams.create(name="Night", slug="night", position=9)
    person("nia", company.organisation, Role.AGENT, night)
    set_members(company.teams["customer_service"], people=[], by=company.ada, at=NOON)
    assert place_abandoned(at=NOON) == 1
    conversation.refresh_from_db()
    assert conversation.team == night


def test_where_nobody_works_anywhere_it_waits_for_the_first_to_come(company: Cast) -> None:
    conversation = opened(company, assignee=None)
    Membership.objects.all().delete()
    assert (place_abandoned(at=NOON), assign_waiting(at=NOON)) == (0, 0)
    Membership.objects.create(person=company.ana, team=company.teams["customer_service"])
    assert assign_waiting(at=NOON) == 1
    conversation.refresh_from_db()
    assert conversation.assignee == company.ana


def test_a_sorting_team_without_people_sorts_nothing(company: Cast) -> None:
    Membership.objects.filter(team=company.teams["customer_service"]).delete()
    conversation = arrived(company, "Hm.")
    reading = read_as(company, conversation.messages.get())
    type(reading).objects.filter(pk=reading.pk).update(objective_confidence=0.1)
    route(at=NOON)
    conversation.refresh_from_db()
    assert (conversation.team, conversation.assignee) == (company.teams["marketing"], company.mia)


def test_what_a_lead_gave_somebody_who_never_came_moves_on_and_what_one_took_does_not(company: Cast) -> None:
    given, taken = opened(company, assignee=None), opened(company, assignee=None)
    assign(given, to=company.ana, by=company.lea, at=NOON)
    assign(taken, to=company.ana, by=company.ana, at=NOON)
    given.refresh_from_db()
    taken.refresh_from_db()
    assert (given.return_at, taken.return_at) == (NOON + HOUR, None)


def test_what_wakes_or_is_opened_again_asks_whoever_had_it_once_more(company: Cast) -> None:
    slept, closed = opened(company, assignee=company.ana), opened(company, assignee=company.ana)
    snooze(slept, until=NOON + HOUR, by=company.ana, at=NOON)
    assert wake_snoozed(at=NOON + HOUR) == 1
    Conversation.objects.filter(pk=closed.pk).update(state=State.RESOLVED)
    reopen(closed, because="She called.", by=company.lea, at=NOON + HOUR)
    for one in (slept, closed):
        one.refresh_from_db()
        assert (one.assignee, one.return_at) == (company.ana, NOON + 2 * HOUR)
