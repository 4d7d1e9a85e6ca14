"""Building the organisation: the first administrator, people, roles, teams; who may, and what is refused."""

import datetime as dt

import pytest

from choir.administration.people import PeopleRefusedError, add_person, found_organisation, grant_roles
from choir.administration.teams import TeamRefusedError, set_hours, set_members
from choir.events.models import Event
from choir.people.access import NotAllowedError
from choir.people.models import Organisation, Person, Team
from choir.people.policy import Permission, Reach, Role
from choir.routing.hours import Opening
from choir.routing.models import Objective, Ownership
from tests.cast import NOON, Cast, cast

pytestmark = pytest.mark.django_db


def found() -> Person:
    return found_organisation(
        name="Häuser & Söhne", email="Maria@Example.org", person_name="Maria", password="a good long one",
        time_zone="Europe/Berlin", at=NOON,
    )  # fmt: skip


def test_the_founder_can_run_everything() -> None:
    founder = found()
    workspace = founder.organisation.workspaces.get()
    assert founder.email == "maria@example.org"
    for permission in (Permission.PEOPLE_MANAGE, Permission.CHANNEL_MANAGE, Permission.OWNERSHIP_CHANGE):
        assert founder.access.reach(permission, workspace.pk) is Reach.WORKSPACE


def test_a_new_organisation_has_twelve_departments_and_no_objective_without_owner() -> None:
    organisation = found().organisation
    assert organisation.departments.count() == Team.objects.count() == 12
    owned = Ownership.objects.filter(topic="").values_list("objective", flat=True)
    assert set(owned) == set(Objective.objects.values_list("pk", flat=True))


def test_there_is_only_one_founder() -> None:
    found()
    with pytest.raises(PeopleRefusedError, match="has an organisation already"):
        found()


def test_a_demo_company_does_not_stand_in_the_founders_way() -> None:
    Organisation.objects.create(name="Demo", slug="demo", is_demo=True)
    assert found().organisation.slug == "hauser-sohne"


@pytest.fixture
def company() -> Cast:
    return cast()


def test_only_an_administrator_adds_people(company: Cast) -> None:
    with pytest.raises(NotAllowedError):
        add_person(company.organisation, email="x@acme.example", name="X", roles=[Role.AGENT], by=company.lea, at=NOON)


def test_an_administrator_of_another_company_adds_nobody_here(company: Cast) -> None:
    with pytest.raises(NotAllowedError):
        add_person(company.organisation, email="x@acme.example", name="X", roles=[], by=company.outsider, at=NOON)


def test_a_new_person_has_no_password_yet(company: Cast) -> None:
    team = company.teams["legal"]
    made = add_person(
        company.organisation, email="New@acme.example", name="New", roles=[Role.AGENT], teams=[team], languages=["es"],
        by=company.ada, at=NOON,
    )  # fmt: skip
    assert not made.has_usable_password()
    assert made.access.department_ids == {company.departments["legal"].pk}
    assert set(Event.objects.values_list("verb", flat=True)) == {"person.added", "person.roles_changed"}


def test_an_address_belongs_to_one_person_in_any_case(company: Cast) -> None:
    with pytest.raises(PeopleRefusedError, match="in use already"):
        add_person(company.organisation, email="ANA@acme.example", name="Ana", roles=[], by=company.ada, at=NOON)


def test_what_is_no_address_is_refused(company: Cast) -> None:
    with pytest.raises(PeopleRefusedError, match="valid email"):
        add_person(company.organisation, email="ana at acme", name="Ana", roles=[], by=company.ada, at=NOON)


def test_nobody_takes_their_own_administration_away(company: Cast) -> None:
    with pytest.raises(PeopleRefusedError, match="your own administration"):
        grant_roles(company.ada, roles=[Role.AGENT], by=company.ada, at=NOON)


def test_roles_are_exactly_those_given(company: Cast) -> None:
    grant_roles(company.ana, roles=[Role.LEAD], by=company.ada, at=NOON)
    assert set(company.ana.role_grants.values_list("role", flat=True)) == {Role.LEAD}


def test_hours_are_replaced_whole(company: Cast) -> None:
    team = company.teams["legal"]
    monday = Opening(0, dt.time(22), dt.time(0))
    set_hours(
        team,
        time_zone="Asia/Tokyo",
        openings=[monday],
        holidays=[(dt.date(2026, 1, 1), "New Year")],
        by=company.ada,
        at=NOON,
    )
    assert [str(one) for one in team.working_hours.all()] == ["0 22:00–00:00"]


def test_an_opening_that_closes_first_is_refused(company: Cast) -> None:
    wrong = Opening(0, dt.time(17), dt.time(9))
    with pytest.raises(TeamRefusedError, match="must close after"):
        set_hours(company.teams["legal"], time_zone="UTC", openings=[wrong], holidays=[], by=company.ada, at=NOON)


def test_a_stranger_cannot_be_put_into_a_team(company: Cast) -> None:
    with pytest.raises(TeamRefusedError, match="no such person"):
        set_members(company.teams["legal"], people=[company.outsider], by=company.ada, at=NOON)
