"""Settings: everybody of the organisation may read them, administrators change them."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from choir.people.models import Person
from tests.cast import Cast, cast


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def at(name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"workspace": "acme", **kwargs})


def test_departments_show_their_teams_and_channels(company: Cast) -> None:
    page = signed_in(company.ana).get(at("settings")).content.decode()
    assert "Customer service team" in page
    assert "Acme on the sandbox" in page


def test_an_administrator_changes_a_teams_hours(company: Cast) -> None:
    team = company.teams["legal"]
    form = {
        "time_zone": "Europe/Paris",
        "hours": "Mon 10:00-12:00\nMon 13:00-00:00",
        "holidays": "2026-12-25 Christmas",
    }
    answer = signed_in(company.ada).post(at("settings_team", team=team.pk), form | {"people": [company.leo.pk]})
    assert answer.status_code == 302
    assert [str(one) for one in team.working_hours.all()] == ["0 10:00–12:00", "0 13:00–00:00"]


@pytest.mark.parametrize(
    ("field", "line"), [("hours", "Mon 12:00-10:00"), ("hours", "sometimes"), ("holidays", "25.12.")]
)
def test_a_line_that_cannot_be_read_is_named(company: Cast, field: str, line: str) -> None:
    form = {"time_zone": "UTC", "hours": "", "holidays": ""} | {field: line}
    answer = signed_in(company.ada).post(at("settings_team", team=company.teams["legal"].pk), form)
    assert answer.status_code == 422
    assert line in answer.content.decode()
    assert company.teams["legal"].working_hours.count() == 5


def test_an_agent_cannot_change_a_team(company: Cast) -> None:
    form = {"time_zone": "UTC", "hours": "", "holidays": ""}
    assert signed_in(company.ana).post(at("settings_team", team=company.teams["legal"].pk), form).status_code == 403


def test_adding_a_person_sends_them_a_link(company: Cast) -> None:
    form = {"name": "Nia", "email": "nia@acme.example", "roles": ["agent"], "teams": [company.teams["legal"].pk]}
    assert signed_in(company.ada).post(at("settings_new_person"), form).status_code == 302
    assert not Person.objects.get(email="nia@acme.example").has_usable_password()
    assert mail.outbox[0].to == ["nia@acme.example"]


def test_an_address_in_use_is_said(company: Cast) -> None:
    form = {"name": "Nia", "email": "ana@acme.example", "roles": ["agent"]}
    answer = signed_in(company.ada).post(at("settings_new_person"), form)
    assert answer.status_code == 422
    assert "in use already" in answer.content.decode()


def test_roles_are_changed_by_an_administrator_alone(company: Cast) -> None:
    where = at("settings_person", person=company.ana.pk)
    assert signed_in(company.lea).post(where, {"roles": ["lead"]}).status_code == 403
    assert signed_in(company.ada).post(where, {"roles": ["lead"]}).status_code == 302
    assert list(company.ana.role_grants.values_list("role", flat=True)) == ["lead"]


def test_people_and_teams_of_others_are_not_there(company: Cast) -> None:
    for where in (at("settings_person", person=company.outsider.pk),):
        assert signed_in(company.ada).get(where).status_code == 404


def test_the_department_that_answers_for_a_channel_changes(company: Cast) -> None:
    where = at("settings_channel", channel=company.channel.pk)
    assert signed_in(company.ada).post(where, {"accountable": company.departments["legal"].pk}).status_code == 302
    company.channel.refresh_from_db()
    assert company.channel.accountable == company.departments["legal"]


def test_promises_are_shown_in_words(company: Cast) -> None:
    page = signed_in(company.ana).get(at("settings_promises")).content.decode()
    assert "15m" in page
    assert "4h" in page
