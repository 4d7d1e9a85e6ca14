"""/sandbox/<place>/: the sandbox network's page, for whoever can reach a demo."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import caches
from django.test import Client

from choir.sandbox.actions import join_as_company, say
from choir.sandbox.models import Account, Post

NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _unhurried() -> None:
    caches["local"].clear()


@pytest.fixture
def acme() -> Account:
    company, _ = join_as_company(place="chirper", handle="acme", name="Acme", is_demo=True)
    company.webhook_url = "/hooks/somewhere"
    company.save()
    return company


def said(acme: Account, **given: object) -> dict[str, object]:
    return {"name": "Ana", "company": acme.pk, "kind": "post", "text": "Hello?", **given}


def test_there_is_no_place_without_a_demo_company(client: Client, acme: Account) -> None:
    Account.objects.update(is_demo=False)
    assert client.get("/sandbox/chirper/").status_code == 404
    assert client.post("/sandbox/chirper/posts", said(acme)).status_code == 404
    assert b"choir demo load" in client.get("/sandbox/").content


def test_a_customer_posts_and_the_company_is_told(client: Client, acme: Account) -> None:
    response = client.post("/sandbox/chirper/posts", said(acme, text="<b>Where</b> is it? \U0001f6b2"))
    post = Post.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/sandbox/chirper/#post-{post.pk}")
    assert (post.company, post.number, post.announced_at, post.author.handle) == (acme, 1, None, "ana")
    page = client.get("/sandbox/chirper/").content.decode()
    assert "&lt;b&gt;Where&lt;/b&gt; is it? \U0001f6b2" in page
    assert 'value="Ana"' in page


def test_the_companys_answer_is_shown_in_the_part_that_is_polled(client: Client, acme: Account) -> None:
    client.post("/sandbox/chirper/posts", said(acme))
    say(author=acme, text="We are looking.", parent=Post.objects.get(), at=NOW)
    part = client.get("/sandbox/chirper/", headers={"HX-Request": "true", "HX-Target": "sandbox-threads"}).content
    assert b"We are looking." in part
    assert b"<html" not in part


def test_an_answer_joins_its_thread(client: Client, acme: Account) -> None:
    client.post("/sandbox/chirper/posts", said(acme))
    first = Post.objects.get()
    assert str(first.pk).encode() in client.get(f"/sandbox/chirper/?answer={first.pk}").content
    client.post("/sandbox/chirper/posts", said(acme, name="Ben", answers=first.pk))
    assert Post.objects.get(author__handle="ben").root == first


def test_direct_messages_are_seen_by_their_author_alone(client: Client, acme: Account) -> None:
    client.post("/sandbox/chirper/posts", said(acme, kind="direct", text="My number is 42"))
    client.post("/sandbox/chirper/posts", said(acme, kind="direct", text="And my street"))
    assert [post.is_private for post in Post.objects.order_by("id")] == [True, True]
    assert Post.objects.exclude(root=None).count() == 1
    assert b"My number is 42" in client.get("/sandbox/chirper/").content
    assert b"My number is 42" not in Client().get("/sandbox/chirper/").content


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"text": " "}, "required"),
        ({"text": "x" * 2001}, "at most 2000"),
        ({"text": "nul\x00"}, "Null characters"),
        ({"kind": "review"}, "Choose how many"),
        ({"name": "acme"}, "is a company"),
    ],
)
def test_what_cannot_be_posted_comes_back_with_the_form(
    client: Client, acme: Account, given: dict[str, object], complaint: str
) -> None:
    response = client.post("/sandbox/chirper/posts", said(acme, **given))
    assert response.status_code == 422
    assert complaint in response.content.decode()
    assert not Post.objects.exists()


def test_posting_faster_than_a_person_does_is_refused(client: Client, acme: Account) -> None:
    answers = [client.post("/sandbox/chirper/posts", said(acme)).status_code for _ in range(31)]
    assert 422 in answers[-2:]
    assert Post.objects.count() >= 29


@pytest.mark.parametrize("stated", ["", "x", "0" * 36, "019aa000-0000-7000-8000-000000000000"])
def test_a_wrong_answer_address_shows_the_page(client: Client, acme: Account, stated: str) -> None:
    assert client.get(f"/sandbox/chirper/?answer={stated}&as=nobody").status_code == 200
