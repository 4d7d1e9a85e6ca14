"""Signing in and out, and the demo's one click."""

import re

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from pytest_django import Settings

from choir.events.models import Event
from choir.installation.beginning import token_to_begin
from choir.people.models import Person, Presence
from choir.people.policy import Role
from tests.cast import PASSWORD, Cast, person


@pytest.fixture
def demo(company: Cast, settings: Settings) -> Cast:
    """The company is the demo company, and one click is allowed."""
    settings.DEMO_SIGN_IN = True
    company.organisation.is_demo = True
    company.organisation.save()
    return company


def test_a_password_signs_in_and_is_recorded(company: Cast, client: Client) -> None:
    answer = client.post("/accounts/login/", {"login": "lea@acme.example", "password": PASSWORD})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(company.lea.pk)
    assert Event.objects.filter(verb="person.signed_in", by=company.lea).count() == 1


def test_signing_in_brings_online_and_signing_out_takes_offline(company: Cast, client: Client) -> None:
    client.post("/accounts/login/", {"login": "lea@acme.example", "password": PASSWORD})
    company.lea.refresh_from_db()
    assert company.lea.presence == Presence.ONLINE
    client.post("/accounts/logout/")
    company.lea.refresh_from_db()
    assert company.lea.presence == Presence.OFFLINE


def test_a_wrong_password_says_so_and_signs_nobody_in(company: Cast, client: Client) -> None:
    answer = client.post("/accounts/login/", {"login": "lea@acme.example", "password": "wrong wrong wrong"})
    assert "not correct" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up_by_themselves(company: Cast, client: Client) -> None:
    assert "closed" in client.get("/accounts/signup/").content.decode().lower()


def test_one_click_signs_in_as_a_person_of_the_demo(demo: Cast, client: Client) -> None:
    assert "ana@acme.example" in client.get("/accounts/login/").content.decode()
    answer = client.post("/demo-sign-in", {"email": "ana@acme.example"})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(demo.ana.pk)


def test_one_click_is_refused_without_the_setting(demo: Cast, client: Client, settings: Settings) -> None:
    settings.DEMO_SIGN_IN = False
    assert "demo company" not in client.get("/accounts/login/").content.decode()
    assert client.post("/demo-sign-in", {"email": "ana@acme.example"}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_one_click_never_signs_in_as_somebody_of_a_real_company(demo: Cast, client: Client) -> None:
    assert "outsider@other.example" not in client.get("/accounts/login/").content.decode()
    assert client.post("/demo-sign-in", {"email": "outsider@other.example"}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_one_click_does_not_wake_the_inactive(demo: Cast, client: Client) -> None:
    demo.ana.is_active = False
    demo.ana.save()
    assert client.post("/demo-sign-in", {"email": "ana@acme.example"}).status_code == 404


def test_one_click_is_a_post(demo: Cast, client: Client) -> None:
    opened = client.get("/demo-sign-in?email=ana@acme.example")
    assert opened.status_code == 405
    assert "Nothing was done" in opened.content.decode()


def test_each_person_stands_under_the_most_telling_role(demo: Cast, client: Client) -> None:
    person("zoe", demo.organisation, Role.AGENT, None, Role.EXECUTIVE)
    page = client.get("/accounts/login/").content.decode()
    assert page.index("Executives read") < page.index("zoe@acme.example")


def sign_in(client: Client) -> None:
    """Ana signs in and confirms it, as changing a second factor asks for."""
    client.post("/accounts/login/", {"login": "ana@acme.example", "password": PASSWORD})
    if "reauthenticate" not in client.get("/accounts/2fa/totp/activate/").headers.get("Location", ""):
        return
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def test_a_second_factor_once_set_up_is_asked_for(company: Cast, client: Client) -> None:
    sign_in(client)
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r'value="([A-Z2-7]{32})"', page)
    assert found
    secret = found.group(1)
    assert 'src="data:image/svg+xml' in page
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert client.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    client.post("/accounts/logout/")

    client.post("/accounts/login/", {"login": "ana@acme.example", "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    asked = client.get("/accounts/2fa/authenticate/")
    assert "authenticator code" in asked.content.decode()
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert "_auth_user_id" not in client.session


def test_each_recovery_code_signs_in_once(company: Cast, client: Client) -> None:
    TOTP.activate(company.ana, generate_totp_secret())
    code = RecoveryCodes.activate(company.ana).get_unused_codes()[0]
    for is_in in (True, False):
        client.post("/accounts/login/", {"login": "ana@acme.example", "password": PASSWORD})
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert ("_auth_user_id" in client.session) is is_in
        client.post("/accounts/logout/")


@pytest.mark.parametrize(
    ("host", "is_offered"), [("localhost:8000", True), ("127.0.0.1:8000", False), ("[::1]:8000", False)]
)
def test_a_passkey_is_offered_to_a_name_alone(company: Cast, client: Client, host: str, is_offered: bool) -> None:
    page = client.get("/accounts/login/", headers={"host": host}).content.decode()
    assert ("Sign in with a passkey" in page) is is_offered


PAGES = [
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
]


@pytest.mark.parametrize("path", PAGES)
def test_pages_about_signing_in_wear_our_frame_and_nothing_inline(company: Cast, client: Client, path: str) -> None:
    if "login" not in path and "reset" not in path:
        sign_in(client)
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "choir/css/choir.css" in page
    assert " style=" not in page
    assert " onclick=" not in page
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy


BEGINNING = {
    "name": "Northwind",
    "time_zone": "Europe/Oslo",
    "person_name": "Maria",
    "email": "maria@northwind.example",
    "password": "a long and good one",
}


def test_whoever_knows_the_address_makes_the_first_person_once(client: Client, settings: Settings, db: None) -> None:
    where = f"/begin/{token_to_begin(settings.SECRET_KEY)}"
    assert client.get("/begin/guessed").status_code == 404
    assert "Nobody is here yet" in client.get("/accounts/login/").content.decode()
    assert client.post(where, BEGINNING | {"password": "short"}).status_code == 422
    assert client.post(where, BEGINNING).status_code == 302
    assert client.get("/", follow=True).status_code == 200  # signed in
    assert Person.objects.get().access.roles
    assert Client().get(where).status_code == 404
    assert "Nobody is here yet" not in Client().get("/accounts/login/").content.decode()


def test_a_form_without_its_proof_is_told_in_words(company: Cast) -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "lea@acme.example"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()
