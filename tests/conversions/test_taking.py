"""Conversions from webhooks and files: each once, what is none set aside, what is taken back no longer counted."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from choir.channels.contract import RejectedError
from choir.channels.secrets import open_sealed
from choir.channels.standard_webhooks import key_of
from choir.conversions.bringing import add_kind, add_source, bring, hear, look, sheet
from choir.conversions.links import Asked, address_of, conversation_in, follow, make_link
from choir.conversions.models import Click, Conversion, ConversionAside, ConversionSource
from tests.cast import NOON, Cast, cast
from tests.conversing import arrived, customer

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def company() -> Cast:
    made = cast()
    add_kind(made.workspace, name="Order", slug="order", stage="purchase", by=made.cho, at=NOON)
    return made


@pytest.fixture
def shop(company: Cast) -> ConversionSource:
    return add_source(company.workspace, name="Shop", by=company.ada, at=NOON)[0]


def signed(shop: ConversionSource, body: bytes, at: dt.datetime = NOON) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    key = key_of(open_sealed(bytes(shop.secret))["secret"])
    digest = hmac.new(key, b"m1." + stamp.encode() + b"." + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": "m1", "webhook-timestamp": stamp, "webhook-signature": signature}


def told(shop: ConversionSource, *conversions: Mapping[str, object], at: dt.datetime = NOON) -> tuple[int, int, int]:
    body = json.dumps({"conversions": conversions}).encode()
    taken = hear(shop, body, signed(shop, body, at), at=at)
    return taken.new, taken.known, len(taken.aside)


ORDER = {"id": "1177", "kind": "order", "at": "2026-03-04T10:00:00Z", "amount": "89.90", "currency": "EUR"}


def test_the_same_order_twice_is_one_and_cancelled_it_counts_no_more(shop: ConversionSource) -> None:
    assert told(shop, ORDER, ORDER) == (1, 1, 0)
    assert told(shop, ORDER) == (0, 1, 0)
    assert str(Conversion.objects.standing().get().amount) == "89.90"
    assert told(shop, {**ORDER, "taken_back": True}) == (0, 1, 0)
    assert not Conversion.objects.standing().exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"id": ""}, "no number"),
        ({"kind": "lunch"}, "no kind"),
        ({"at": "soon"}, "cannot be read"),
        ({"at": "2031-01-01T00:00:00Z"}, "future"),
        ({"amount": "a lot"}, "no number"),
        ({"amount": "-5"}, "below nothing"),
        ({"currency": "USD"}, "counted in EUR"),
    ],
)
def test_what_is_no_conversion_is_set_aside_with_the_reason(
    shop: ConversionSource, changed: dict[str, str], said: str
) -> None:
    assert told(shop, {**ORDER, **changed}) == (0, 0, 1)
    assert said in ConversionAside.objects.get().because


def test_who_it_was_is_found_by_account_and_by_click(company: Cast, shop: ConversionSource) -> None:
    who = customer(company)
    conversation = arrived(company, "Which size?")
    link = make_link(company.workspace, name="Sizes", target="https://shop.example/", campaign="advice", by=company.cho,
                     at=NOON)  # fmt: skip
    follow(link, Asked("203.0.113.9", FIREFOX), conversation=conversation, at=NOON - dt.timedelta(hours=3))
    click = str(Click.objects.get().pk)
    told(shop, {**ORDER, "customer": {"network": "sandbox", "handle": "@" + who.handle.upper()}})
    told(shop, {**ORDER, "id": "2", "click": click})
    first, second = Conversion.objects.order_by("external_id")
    assert first.customer == who.customer
    assert (second.customer, second.campaign) == (conversation.customer, "advice")


def test_the_hook_takes_what_is_signed_and_nothing_else(shop: ConversionSource) -> None:
    at, where = dt.datetime.now(dt.UTC), f"/hooks/conversions/{shop.pk}"
    body = json.dumps(ORDER).encode()
    browser = Client(headers=signed(shop, body, at))
    answer = browser.post(where, body, content_type="application/json")
    assert (answer.status_code, answer.json()["taken"]) == (202, 1)
    assert browser.post(where, body + b" ", content_type="application/json").status_code == 401
    assert Client().post(where, body, content_type="application/json").status_code == 401
    with pytest.raises(RejectedError, match="documented JSON"):
        told(shop, 5)  # type: ignore[arg-type]


def test_a_file_is_looked_at_first_and_then_taken_in(company: Cast, tmp_path: Path) -> None:
    path = tmp_path / "till.csv"
    path.write_text("order;date;total\n1;2026-03-01 10:00;12,50\n1;2026-03-01 10:00;12,50\n;2026-03-01;3\n2;x\n")
    read = sheet(path, zone=ZoneInfo("UTC"), usual_kind="order")
    looked = look(company.workspace, read, at=NOON)
    assert (looked.rows_count, looked.aside_count) == (4, 2)
    assert not Conversion.objects.exists()
    brought = bring(company.workspace, read, by=company.cho, at=NOON)
    assert (brought.taken_count, brought.known_count, brought.aside_count) == (1, 1, 2)
    assert Conversion.objects.get().amount is not None
    assert {one.line for one in ConversionAside.objects.all()} == {4, 5}


def test_a_link_leads_on_and_counts_a_visitor_once_a_day_no_machine_and_no_colleague(company: Cast) -> None:
    conversation = arrived(company, "Where?")
    link = make_link(company.workspace, name="Shop", target="https://shop.example/a?b=c&utm_source=own",
                     campaign="spring", by=company.cho, at=NOON)  # fmt: skip
    where = address_of(link, conversation).partition("/l/")[2]
    browser = Client(headers={"user-agent": FIREFOX})
    for _ in range(2):
        answer = browser.get(f"/l/{where}")
    [click] = Click.objects.all()
    assert answer["Location"] == (
        f"https://shop.example/a?b=c&utm_source=own&utm_medium=social&utm_campaign=spring&choir_click={click.pk}"
    )
    assert click.conversation == conversation
    for machine in ("Bluesky Cardyb/1.1", "curl/8", ""):
        assert Client(headers={"user-agent": machine}).get(f"/l/{where}").status_code == 302
    assert browser.head(f"/l/{where}").status_code == 302
    colleague = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0"})
    colleague.force_login(company.ana)
    assert colleague.get(f"/l/{where}").status_code == 302
    assert Click.objects.count() == 1
    assert conversation_in(where.partition("/")[2][:22] + "A" * 10, link) is None
    assert Client().get("/l/nothing").status_code == 404
