"""Settings: everybody of the organisation may read them, administrators change them."""

from html import unescape

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from choir.outbound.models import ApprovalPolicy
from choir.people.models import Person
from choir.routing.models import SLAPolicy
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


TEAM = {
    "name": "Lawyers",
    "time_zone": "UTC",
    "hours": "",
    "holidays": "",
    "assigning": "by_hand",
    "return_after_seconds": "2h",
}


def test_an_administrator_changes_how_a_team_works(company: Cast) -> None:
    team = company.teams["legal"]
    form = TEAM | {
        "time_zone": "Europe/Paris",
        "hours": "Mon 10:00-12:00\nMon 13:00-00:00",
        "holidays": "2026-12-25 Christmas",
    }
    where = at("settings_team", team=team.pk)
    assert signed_in(company.ada).post(where, form).status_code == 302
    assert [str(one) for one in team.working_hours.all()] == ["0 10:00–12:00", "0 13:00–00:00"]
    assert (team.policy.assigning, team.policy.return_after_seconds) == ("by_hand", 7200)
    page = signed_in(company.ada).get(where).content.decode()
    assert "time zone: UTC → Europe/Paris" in page
    assert "name: Legal team → Lawyers" in page


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("hours", "Mon 12:00-10:00"),
        ("hours", "sometimes"),
        ("holidays", "25.12."),
        ("return_after_seconds", "a while"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(company: Cast, field: str, line: str) -> None:
    where = at("settings_team", team=company.teams["legal"].pk)
    answer = signed_in(company.ada).post(where, TEAM | {field: line})
    assert answer.status_code == 422
    assert line in answer.content.decode()
    assert company.teams["legal"].working_hours.count() == 5


def test_a_lead_changes_their_own_departments_teams_alone(company: Cast) -> None:
    own, other = company.teams["customer_service"], company.teams["legal"]
    assert signed_in(company.lea).post(at("settings_team", team=own.pk), TEAM).status_code == 302
    assert signed_in(company.lea).post(at("settings_team", team=other.pk), TEAM).status_code == 403
    members = at("settings_team_people", team=own.pk)
    assert signed_in(company.lea).post(members, {"people": [company.leo.pk]}).status_code == 403


def test_an_agent_cannot_change_a_team(company: Cast) -> None:
    where = at("settings_team", team=company.teams["customer_service"].pk)
    assert signed_in(company.ana).post(where, TEAM).status_code == 403


def test_an_administrator_says_who_works_in_a_team(company: Cast) -> None:
    team = company.teams["legal"]
    where = at("settings_team_people", team=team.pk)
    assert signed_in(company.ada).post(where, {"people": [company.ana.pk]}).status_code == 302
    assert [one.person for one in team.memberships.all()] == [company.ana]
    assert "joined: Ana; left: Leo" in signed_in(company.ada).get(at("settings_team", team=team.pk)).content.decode()


def test_a_department_comes_with_a_team_and_goes_while_nothing_stands_on_it(company: Cast) -> None:
    as_ada = signed_in(company.ada)
    assert as_ada.post(at("settings_new_department"), {"name": "Quality", "charter": ""}).status_code == 302
    made = company.organisation.departments.get(slug="quality")
    assert [team.name for team in made.teams.all()] == ["Quality team"]
    where = at("settings_department", department=made.pk)
    assert as_ada.post(where, {"name": "Safety", "charter": "Nobody is hurt."}).status_code == 302
    assert as_ada.post(at("settings_new_team", department=made.pk), {"name": "Recalls"}).status_code == 302
    assert as_ada.post(at("settings_department_removal", department=made.pk)).status_code == 302
    assert not company.organisation.departments.filter(pk=made.pk).exists()


def test_a_department_that_owns_something_stays_and_says_why(company: Cast) -> None:
    legal = company.departments["legal"]
    removal = at("settings_department_removal", department=legal.pk)
    page = signed_in(company.ada).post(removal, follow=True).content.decode()
    assert "Legal cannot go: it owns or has owned objectives" in page
    assert company.organisation.departments.filter(pk=legal.pk).exists()


def test_the_team_that_sorts_is_named_by_an_administrator(company: Cast) -> None:
    form = {"sorting_team": company.teams["legal"].pk}
    assert signed_in(company.lea).post(at("settings_sorting"), form).status_code == 403
    assert signed_in(company.ada).post(at("settings_sorting"), form).status_code == 302
    company.workspace.refresh_from_db()
    assert company.workspace.sorting_team == company.teams["legal"]
    signed_in(company.ada).post(at("settings_sorting"), form | {"market": " DACH "})
    company.workspace.refresh_from_db()
    assert company.workspace.market == "DACH"


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


PERSON = {"name": "Ana", "title": "Senior agent", "time_zone": "Europe/Berlin", "hourly_cost": "41.50"}


def test_who_somebody_is_here_is_changed_by_an_administrator_alone(company: Cast) -> None:
    where = at("settings_person", person=company.ana.pk)
    assert signed_in(company.lea).post(where, PERSON | {"roles": ["lead"]}).status_code == 403
    assert signed_in(company.ada).post(where, PERSON | {"roles": ["lead"]}).status_code == 302
    assert list(company.ana.role_grants.values_list("role", flat=True)) == ["lead"]
    company.ana.refresh_from_db()
    assert str(company.ana.hourly_cost) == "41.50"
    page = signed_in(company.ada).get(where).content.decode()
    assert "hourly cost changed" in page
    assert "roles: agent → lead" in page


def test_a_lead_says_what_their_people_can_do_and_hold(company: Cast) -> None:
    form = {"capacity": "7", "topics": "App and site, delivery", "languages_de": "3", "languages_en": "0"}
    assert signed_in(company.lea).post(at("settings_abilities", person=company.ben.pk), form).status_code == 403
    assert signed_in(company.lea).post(at("settings_abilities", person=company.ana.pk), form).status_code == 302
    skills = set(company.ana.skills.values_list("kind", "value", "level"))
    assert skills == {("language", "de", 3), ("topic", "app_and_site", 2), ("topic", "delivery", 2)}
    page = signed_in(company.lea).get(at("settings_person", person=company.ana.pk)).content.decode()
    assert 'value="7"' in page
    assert "app and site, delivery" in page


def test_whoever_leaves_cannot_sign_in_and_may_come_back(company: Cast) -> None:
    as_ana, where = signed_in(company.ana), at("settings_employment", person=company.ana.pk)
    assert signed_in(company.ada).post(where).status_code == 302
    assert as_ana.get(at("settings")).status_code == 302  # to the sign-in
    assert "no longer works here" in signed_in(company.ada).get(at("settings_people")).content.decode()
    assert signed_in(company.ada).post(where, {"is_active": "1"}).status_code == 302
    company.ana.refresh_from_db()
    assert company.ana.is_active


PROMISE = {
    "name": "Press",
    "urgency_at_least": "2",
    "first_response_seconds": "30 minutes",
    "resolution_seconds": "1d",
    "hours": "calendar",
    "pauses_while_waiting": "on",
}


def test_a_promise_is_made_changed_and_withdrawn(company: Cast) -> None:
    as_cho, form = signed_in(company.cho), PROMISE | {"objective": company.objectives["reputation"].pk}
    assert as_cho.post(at("settings_new_promise"), form).status_code == 302
    made = SLAPolicy.objects.get(name="Press")
    assert (made.first_response_seconds, made.resolution_seconds) == (1800, 86400)
    where = at("settings_promise", promise=made.pk)
    assert "30m" in as_cho.get(where).content.decode()
    assert as_cho.post(where, form | {"first_response_seconds": "45m"}).status_code == 302
    assert "first response: 30m → 45m" in as_cho.get(where).content.decode()
    assert as_cho.post(at("settings_promise_withdrawal", promise=made.pk)).status_code == 302
    assert "“Press” is promised no longer" in as_cho.get(at("settings_promises")).content.decode()
    assert not SLAPolicy.objects.filter(name="Press").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"first_response_seconds": "soon"}, "is no length of time"),
        ({"resolution_seconds": "5m"}, "cannot be due before the first response"),
        ({"urgency_at_least": "3"}, "“Now” promises something for that objective and urgency already"),
    ],
)
def test_a_promise_that_cannot_be_kept_is_refused_in_words(company: Cast, change: dict[str, str], words: str) -> None:
    answer = signed_in(company.ada).post(at("settings_new_promise"), PROMISE | change)
    assert answer.status_code == 422
    assert words in unescape(answer.content.decode())


def test_an_approval_policy_is_added_changed_and_removed(company: Cast) -> None:
    as_ada = signed_in(company.ada)
    form = {
        "name": "Law",
        "department": company.departments["legal"].pk,
        "author_role": "agent",
        "approvers_count": "2",
    }
    assert as_ada.post(at("settings_new_approval_policy"), form).status_code == 302
    assert as_ada.post(at("settings_new_approval_policy"), form).status_code == 422  # the name is taken
    made = ApprovalPolicy.objects.get(name="Law")
    where = at("settings_approval_policy", policy=made.pk)
    assert as_ada.post(where, form | {"approvers_count": "1"}).status_code == 302
    assert "approvers count: 2 → 1" in as_ada.get(where).content.decode()
    assert as_ada.post(at("settings_approval_policy_removal", policy=made.pk)).status_code == 302
    assert not ApprovalPolicy.objects.exists()


def test_what_is_of_others_is_not_there(company: Cast) -> None:
    as_outsider = Client()
    as_outsider.force_login(company.outsider)  # administrator and champion elsewhere
    policy = SLAPolicy.objects.get(name="Now")
    for name, kwargs in (
        ("settings_person", {"person": company.ana.pk}),
        ("settings_abilities", {"person": company.ana.pk}),
        ("settings_employment", {"person": company.ana.pk}),
        ("settings_team", {"team": company.teams["legal"].pk}),
        ("settings_team_people", {"team": company.teams["legal"].pk}),
        ("settings_department", {"department": company.departments["legal"].pk}),
        ("settings_promise", {"promise": policy.pk}),
        ("settings_promise_withdrawal", {"promise": policy.pk}),
    ):
        for workspace in ("acme", "other"):
            where = reverse(name, kwargs={"workspace": workspace, **kwargs})
            assert as_outsider.post(where).status_code == 404, where
    assert signed_in(company.ada).get(at("settings_person", person=company.outsider.pk)).status_code == 404
    assert SLAPolicy.objects.filter(pk=policy.pk).exists()


def test_the_department_that_answers_for_a_channel_changes(company: Cast) -> None:
    where = at("settings_channel", channel=company.channel.pk)
    assert signed_in(company.ada).post(where, {"accountable": company.departments["legal"].pk}).status_code == 302
    company.channel.refresh_from_db()
    assert company.channel.accountable == company.departments["legal"]


def test_promises_are_shown_in_words(company: Cast) -> None:
    page = signed_in(company.ana).get(at("settings_promises")).content.decode()
    assert "15m" in page
    assert "4h" in page
