"""The demo company: everybody is there, may do what they are there for, and signs what they wrote."""

import datetime as dt
import random

import pytest

from choir.demo import company as invented
from choir.demo import rules
from choir.demo.company import Company
from choir.demo.content import threads
from choir.demo.signing import authors
from choir.people.models import Membership, Team
from choir.people.policy import Role
from choir.routing.models import Ownership

NOW = dt.datetime(2026, 11, 20, 15, 0, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    made = invented.found(at=NOW, chance=random.Random(1))
    rules.decide(made, at=NOW)
    return made


def test_twelve_departments_each_with_a_staffed_front_door(company: Company) -> None:
    assert len(company.departments) == 12
    for department in company.departments.values():
        first = Team.objects.filter(department=department).first()
        assert Membership.objects.filter(team=first, person__is_active=True).exists(), department
        assert department.charter


def test_people_of_every_role_with_a_title_and_no_password(company: Company) -> None:
    held = {role for line in company.roster.values() for role in line.get("roles", ["agent"])}
    assert held == set(Role)
    for person in company.people.values():
        assert person.title
        assert not person.has_usable_password()
        assert person.access.roles, f"{person} may do nothing"


def test_delivery_changed_hands_once(company: Company) -> None:
    versions = Ownership.objects.filter(organisation=company.organisation, topic="delivery").order_by("version")
    assert [(one.version, one.responsible.slug) for one in versions] == [(1, "customer_service"), (2, "operations")]
    assert versions[0].effective_until == versions[1].effective_from


def test_every_text_of_ours_has_an_author_who_speaks_its_language(company: Company) -> None:
    for thread in threads():
        for turn, name in zip(thread.turns, authors(thread, company), strict=True):
            if turn.who != "agent":
                continue
            assert name, f"{thread.key} has a text of nobody"
            spoken = company.roster[name]["languages"]
            assert thread.language in (*spoken, "und") or "en" in spoken, f"{name} in {thread.key}"
