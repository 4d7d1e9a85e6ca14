"""The value pages: everything stands on them, opens to its rows, and is changed by whoever may."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone

from choir.conversions.models import Conversion, ConversionKind
from choir.people.models import Person
from choir.strategy.models import Goal
from choir.value.models import Assumption, CountsFor
from tests.cast import Cast

BASE = "/w/acme/strategy/value/"


@pytest.fixture
def goal(company: Cast) -> Goal:
    made = Goal.objects.create(
        workspace=company.workspace, name="Sell more", purpose="grow", starts_on="2026-01-01", ends_on="2030-12-31"
    )
    kind = ConversionKind.objects.create(workspace=company.workspace, slug="order", name="Order")
    CountsFor.objects.create(kind=kind, goal=made)
    now = timezone.now()
    Conversion.objects.create(
        workspace=company.workspace, kind=kind, external_id="17", at=now, amount=50, recorded_at=now
    )
    return made


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_pages_say_what_is_not_claimed_and_what_is_assumed(company: Cast, goal: Goal) -> None:
    cho = browser(company.cho)
    page = cho.get(BASE).content.decode()
    assert "came without a touch of ours" in page
    assert "50 EUR" in page
    for path in (f"goals/{goal.pk}/", "no-goal/", "conversions/?credited=no", "rows/settled/",
                 "rows/recorded/?goal=none", "spend/", "links/", "sources/", "rule/", "tornado.svg", "accounts.csv",
                 "accounts.parquet", "conversions.json", "rows/unrecorded.csv"):  # fmt: skip
        assert cho.get(BASE + path).status_code == HTTPStatus.OK, path
    where = f"{BASE}assumptions/caused/?of={goal.pk}"
    refused = cho.post(where, {"low": "40", "likely": "30", "high": "50", "because": "x"})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    cho.post(where, {"low": "10", "likely": "30 %", "high": "50", "because": "The store test."})
    row = Assumption.objects.get()
    assert (row.low, row.likely, row.high, row.by) == (0.1, 0.3, 0.5, company.cho)
    assert "The store test." in cho.get(BASE).content.decode()
    lea = browser(company.lea)
    assert lea.get(where).status_code == HTTPStatus.OK
    assert lea.post(where, {"because": "x"}).status_code == HTTPStatus.FORBIDDEN


def test_spend_links_and_the_rule_are_entered_on_their_pages(company: Cast, goal: Goal) -> None:
    cho = browser(company.cho)
    days = {"starts_on": "2026-03-01", "ends_on": "2026-03-10"}
    cho.post(f"{BASE}spend/", {"name": "Ads", "kind": "paid", "amount": "100", **days})
    assert "Ads" in cho.get(f"{BASE}spend/").content.decode()
    cho.post(f"{BASE}links/", {"name": "Shop", "target": "https://shop.example/", "campaign": "spring"})
    assert "/l/" in cho.get(f"{BASE}links/").content.decode()
    cho.post(f"{BASE}rule/", {"credits": "first", "window_days": "14", "because": "Try it."})
    assert "Try it." in cho.get(f"{BASE}rule/").content.decode()
    made = cho.post(f"{BASE}sources/", {"name": "Shop"}).content.decode()
    assert "whsec_" in made
    assert "whsec_" not in cho.get(f"{BASE}sources/").content.decode()
