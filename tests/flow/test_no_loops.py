"""Loops are impossible: whatever comes and goes, a machine gives one conversation to a person at most once, and never
moves it to another department. So every conversation comes to rest after at most as many moves as a team has people."""

import datetime as dt
import random

import pytest

from choir.flow.assign import BATCH, assign_waiting
from choir.flow.returns import return_untouched, wake_snoozed
from choir.flow.route import route
from choir.inbox.models import Assignment, Conversation, State
from choir.people.models import Department, Membership, Person, Presence, Team
from choir.people.policy import Role
from tests.cast import NOON, Cast, cast, person
from tests.conversing import arrived, opened, read_as
from tests.thoroughness import IS_LONG

pytestmark = pytest.mark.django_db
COURSES, MOMENTS = (200, 60) if IS_LONG else (2, 20)


@pytest.fixture
def company() -> Cast:
    return cast()


@pytest.mark.parametrize("course", range(COURSES))
def test_no_sequence_of_machine_moves_goes_in_circles(company: Cast, course: int) -> None:
    chance, at = random.Random(course), NOON
    for name in ("dan", "fay"):
        person(name, company.organisation, Role.AGENT, company.teams["customer_service"])
    rows = []
    for _ in range(3):
        rows.append(arrived(company, "Where is it?"))
        read_as(company, rows[-1].messages.get())
    route(at=at)
    departments = dict(Conversation.objects.values_list("pk", "department_id"))
    everybody = list(Person.objects.filter(memberships__team=company.teams["customer_service"]))
    moved = 0
    for _ in range(MOMENTS):
        at += dt.timedelta(minutes=chance.choice([5, 61, 400]))
        for one in chance.sample(everybody, 2):
            Person.objects.filter(pk=one.pk).update(presence=chance.choice(Presence.values))
        if chance.random() < 0.3:
            Conversation.objects.filter(pk=chance.choice(rows).pk, state=State.OPEN).update(
                state=State.SNOOZED, snoozed_until=at
            )
        moved += sum(step(at=at) for step in chance.sample([assign_waiting, return_untouched, wake_snoozed, route], 4))
    given = list(Assignment.objects.filter(person__isnull=False, by=None).values_list("conversation_id", "person_id"))
    assert len(given) == len(set(given))
    assert dict(Conversation.objects.values_list("pk", "department_id")) == departments
    Person.objects.update(presence=Presence.ONLINE, capacity=99)
    for _ in range(3 * len(everybody) + 3):
        at += dt.timedelta(days=4)
        wake_snoozed(at=at), return_untouched(at=at), assign_waiting(at=at)
    assert (wake_snoozed(at=at), return_untouched(at=at), assign_waiting(at=at)) == (0, 0, 0)


def test_what_nobody_may_have_keeps_nothing_behind_it_from_being_given(company: Cast) -> None:
    """The first, most urgent batch was with everybody of its team already; what comes after is given all the same."""
    sales = Department.objects.create(organisation=company.organisation, name="Sales", slug="sales")
    team = Team.objects.create(department=sales, name="Sales team", slug="sales")
    Membership.objects.create(person=company.mia, team=team)
    stuck = opened(company, assignee=None)
    Assignment.objects.create(
        workspace=company.workspace, conversation=stuck, department=sales, team=team, person=company.mia,
        because="First.", at=NOON, ended_at=NOON,
    )  # fmt: skip
    Conversation.objects.filter(pk=stuck.pk).update(team=team, department=sales, urgency=3, workspace=company.workspace)
    copies = []
    for number in range(BATCH):
        copy = Conversation.objects.get(pk=stuck.pk)
        copy.pk, copy._state.adding, copy.thread_key = None, True, f"copy {number}"
        copies.append(copy)
    made = Conversation.objects.bulk_create(Conversation(**_fields(one)) for one in copies)
    Assignment.objects.bulk_create(
        Assignment(
            workspace=company.workspace, conversation=one, department=sales, team=team, person=company.mia,
            because="First.", at=NOON, ended_at=NOON,
        )
        for one in made
    )  # fmt: skip
    behind = opened(company, department="operations")
    assert assign_waiting(at=NOON) == 1
    behind.refresh_from_db()
    assert behind.assignee == company.ben


def _fields(row: Conversation) -> dict[str, object]:
    names = [one.attname for one in Conversation._meta.concrete_fields if not one.primary_key]
    return {name: getattr(row, name) for name in names}
