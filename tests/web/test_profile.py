"""A person's own page."""

from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from choir.events.models import Event
from choir.people.models import Presence
from choir.web.shell.middleware import personal
from tests.cast import Cast


def test_profile_is_saved(as_ana: Client, company: Cast) -> None:
    answer = as_ana.post(
        reverse("profile"), {"name": "Ana Lima", "time_zone": "Europe/Lisbon", "theme": "dark"}, follow=True
    )
    company.ana.refresh_from_db()
    assert (company.ana.name, company.ana.time_zone, company.ana.theme) == ("Ana Lima", "Europe/Lisbon", "dark")
    assert 'data-theme="dark"' in answer.content.decode()
    assert "Your profile is saved." in answer.content.decode()


def test_a_bad_profile_is_shown_again_with_its_errors(as_ana: Client, company: Cast) -> None:
    answer = as_ana.post(reverse("profile"), {"name": "", "time_zone": "Mars/Base", "theme": "dark"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This field is required." in page
    assert 'aria-invalid="true"' in page
    company.ana.refresh_from_db()
    assert company.ana.name == "Ana"


def test_times_are_in_the_persons_zone(company: Cast) -> None:
    company.ana.time_zone = "Asia/Tokyo"
    request = RequestFactory().get("/")
    request.user = company.ana
    assert personal(lambda _: HttpResponse(timezone.get_current_timezone_name()))(request).content == b"Asia/Tokyo"


def test_an_unknown_zone_falls_back_to_utc(company: Cast) -> None:
    company.ana.time_zone = "Mars/Base"
    request = RequestFactory().get("/")
    request.user = company.ana
    assert personal(lambda _: HttpResponse(timezone.get_current_timezone_name()))(request).content == b"UTC"


def test_presence_is_changed_recorded_and_drawn_again(as_ana: Client, company: Cast) -> None:
    answer = as_ana.post(
        reverse("presence"), {"presence": "away"}, headers={"hx-request": "true", "hx-target": "presence"}
    )
    company.ana.refresh_from_db()
    assert company.ana.presence == Presence.AWAY
    assert answer.content.decode().strip().startswith('<form id="presence"')
    assert "csrfmiddlewaretoken" in answer.content.decode()
    assert Event.objects.filter(verb="person.went_away", by=company.ana).count() == 1


def test_presence_knows_only_online_and_away(as_ana: Client) -> None:
    assert as_ana.post(reverse("presence"), {"presence": "asleep"}).status_code == 422


def test_theme_is_kept(as_ana: Client, company: Cast) -> None:
    assert as_ana.post(reverse("theme"), {"theme": "dark"}, headers={"hx-request": "true"}).status_code == 204
    company.ana.refresh_from_db()
    assert company.ana.theme == "dark"


def test_strangers_are_sent_to_sign_in(client: Client, db: None) -> None:
    for name in ("profile", "presence", "theme"):
        answer = client.post(reverse(name))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/login/")


def test_htmx_is_sent_to_sign_in_as_a_page(client: Client, db: None) -> None:
    answer = client.get(reverse("profile"), headers={"hx-request": "true", "hx-target": "presence"})
    assert answer.headers["HX-Redirect"] == "/accounts/login/"
