"""The rules' pages: read by everybody, tried and kept by the champion, without JavaScript."""

from django.test import Client
from django.utils import timezone

from choir.routing.rules.models import Rule
from tests.cast import Cast
from tests.conversing import opened

PAGE = "/w/acme/rules/"


def signed_in(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # any person of the cast
    return client


def form(company: Cast, **changed: object) -> dict[str, object]:
    legal = company.departments["legal"].pk
    return {"name": "Legal words", "words": "lawyer*, court", "department": legal, "because": "Safety"} | changed


def page(answer: object) -> str:
    return " ".join(answer.content.decode().split())  # type: ignore[attr-defined]  # an answer of the test client


def test_trying_shows_what_it_would_have_caught_and_keeps_nothing(company: Cast) -> None:
    conversation = opened(company, "My lawyer writes", at=timezone.now())
    conversation.first_inbound_at = timezone.now()
    conversation.save()
    tried = page(signed_in(company.cho).post(f"{PAGE}new/", form(company, **{"try": "1"})))
    assert "My lawyer writes" in tried
    assert "it says “lawyer”" in tried
    assert not Rule.objects.exists()


def test_a_rule_that_never_applies_asks_once_more(company: Cast) -> None:
    opened(company, "Hello", at=timezone.now())
    champion = signed_in(company.cho)
    asked = champion.post(f"{PAGE}new/", form(company))
    assert asked.status_code == 422
    assert "Save anyway" in page(asked)
    assert champion.post(f"{PAGE}new/", form(company, anyway="1")).status_code == 302
    kept = Rule.objects.get()
    assert kept.conditions == [{"kind": "words", "values": ["lawyer*", "court"]}]
    listed = page(signed_in(company.ana).get(PAGE))
    assert "it says “lawyer*” or “court”" in listed
    assert "It never applies" in listed
    assert "lawyer*" in page(champion.get(f"{PAGE}{kept.pk}/"))


def test_order_and_state_change_by_buttons(company: Cast) -> None:
    champion = signed_in(company.cho)
    for name in ("One", "Two"):
        champion.post(f"{PAGE}new/", form(company, name=name, anyway="1"))
    two = Rule.objects.get(name="Two")
    champion.post(f"{PAGE}{two.pk}/position", {"to": "earlier"})
    champion.post(f"{PAGE}{two.pk}/state", {"is_on": "no"})
    assert [(one.name, one.is_on) for one in Rule.objects.all()] == [("Two", False), ("One", True)]
    assert signed_in(company.lea).post(f"{PAGE}{two.pk}/state", {"is_on": "yes"}).status_code == 403
    assert signed_in(company.lea).post(f"{PAGE}new/", form(company, name="Mine")).status_code == 403
    assert signed_in(company.outsider).get(PAGE).status_code == 404


def test_nonsense_is_told_with_the_form(company: Cast) -> None:
    for wrong in ({"words": ""}, {"department": ""}, {"because": ""}, {"followers": "many"}):
        assert signed_in(company.cho).post(f"{PAGE}new/", form(company, anyway="1", **wrong)).status_code == 422
