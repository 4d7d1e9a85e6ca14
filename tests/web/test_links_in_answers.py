"""Tracked links from the composer: put into the answer, sent with it, followed, counted."""

import datetime as dt
import json

import pytest
from django.test import Client
from django.utils import timezone

from choir.conversions.links import address_of, make_link
from choir.conversions.models import Click, TrackedLink
from choir.inbox.models import Conversation, Direction
from choir.measurement.models import Progress
from choir.outbound.models import Delivery, Draft
from choir.web.inbox.linking import put_in
from tests.cast import Cast
from tests.conversing import opened

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def row(company: Cast) -> Conversation:
    made = opened(company, assignee=company.ana, at=timezone.now() - dt.timedelta(minutes=5))
    made.refresh_from_db()
    return made


def post(client: Client, row: Conversation, noun: str, **form: object) -> str:
    return client.post(f"/w/acme/conversations/{row.pk}/{noun}", form, follow=True).content.decode()


def clicks(company: Cast) -> float:
    browser = Client()
    browser.force_login(company.cho)
    return float(json.loads(browser.get("/w/acme/insights/clicks.json?period=7").content)["value"])


def test_a_link_put_into_an_answer_leaves_with_it_and_counts_who_follows_it(
    company: Cast, row: Conversation, as_ana: Client
) -> None:
    Progress.objects.create(workspace=company.workspace, at=timezone.now())
    link = make_link(company.workspace, name="Returns", target="https://shop.example/r", by=company.cho,
                     at=timezone.now())  # fmt: skip
    assert "Returns" in as_ana.get(f"/w/acme/conversations/{row.pk}/").content.decode()
    address = address_of(link, row)
    assert len(address.partition("/l/")[2]) < 45
    post(as_ana, row, "links", text="See  for it.", link=link.pk, caret=4, revision=row.revision)
    assert Draft.objects.get().text == f"See {address} for it."
    assert clicks(company) == 0
    post(as_ana, row, "reply", text=Draft.objects.get().text, revision=row.revision, token="t")
    assert address in row.messages.get(direction=Direction.OUTBOUND).text
    Client(headers={"user-agent": FIREFOX}).get(f"/l/{address.partition('/l/')[2]}")
    assert Click.objects.get().conversation == row
    Progress.objects.update(at=timezone.now())
    assert clicks(company) == 1


def test_what_is_taken_back_gives_nothing_and_keeps_the_link_in_the_draft(
    company: Cast, row: Conversation, as_ana: Client
) -> None:
    text = "Look at https://shop.example/a?b=1. Or (https://shop.example/c)!"
    post(as_ana, row, "links", text=text, revision=row.revision)
    kept = Draft.objects.get().text
    assert kept.count("/l/") == 2
    assert kept.endswith(")!")
    assert set(TrackedLink.objects.values_list("target", "is_offered")) == {
        ("https://shop.example/a?b=1", False), ("https://shop.example/c", False),
    }  # fmt: skip
    assert "not counted already" in post(as_ana, row, "links", text=kept, revision=row.revision)
    post(as_ana, row, "reply", text=kept, revision=row.revision, token="t")
    post(as_ana, row, f"deliveries/{Delivery.objects.get().pk}/undo")
    assert Draft.objects.get().text == kept
    assert TrackedLink.objects.count() == 2


@pytest.mark.parametrize("text", ["", "http://[", "https://" + "a" * 3000 + ".example", "no address", "a\0b http://x"])
def test_odd_texts_are_no_failure(row: Conversation, as_ana: Client, text: str) -> None:
    post(as_ana, row, "links", text=text, revision=row.revision, caret="x", link="no id")


@pytest.mark.parametrize(
    ("text", "caret", "shown"),
    [
        ("", 0, "L"),
        ("ab", 1, "a L b"),
        ("😀 x", 2, "😀 L x"),
        ("ab", 99, "ab L"),
        ("ab", -1, "ab L"),
        ("a\n", 2, "a\nL"),
    ],
)
def test_words_are_put_where_the_caret_is(text: str, caret: int, shown: str) -> None:
    assert put_in(text, "L", caret) == shown
