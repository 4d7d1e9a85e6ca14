"""The approvals page: what waits for me, and deciding it."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from choir.outbound.actions import send
from choir.outbound.models import Approval, ApprovalPolicy, Delivery
from choir.people.models import Person
from tests import conversing
from tests.cast import Cast

PAGE = {"workspace": "acme"}


@pytest.fixture
def asked(company: Cast) -> Approval:
    """A reply of Ana's with markup in it waits for one yes."""
    ApprovalPolicy.objects.create(organisation=company.organisation, name="Care is read by two")
    conversation = conversing.opened(company, "Where is <b>my</b> parcel?")
    approval = send(
        conversation,
        text="It is <i>on its way</i>.",
        seen_revision=conversation.revision,
        by=company.ana,
        at=timezone.now(),
    )
    assert isinstance(approval, Approval)
    return approval


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def body(person: Person, name: str = "approvals") -> str:
    answer = browser(person).get(reverse(name, kwargs=PAGE))
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def vote(person: Person, approval: Approval, **values: str) -> int:
    url = reverse("approvals-vote", kwargs=PAGE | {"approval": approval.pk})
    return browser(person).post(url, values).status_code


def test_an_approver_sees_the_exact_text_the_question_and_the_policy(company: Cast, asked: Approval) -> None:
    page = body(company.lea)
    assert "It is &lt;i&gt;on its way&lt;/i&gt;." in page
    assert "Where is &lt;b&gt;my&lt;/b&gt; parcel?" in page
    assert "Care is read by two" in page


def test_a_yes_sends_it(company: Cast, asked: Approval) -> None:
    assert vote(company.lea, asked, **{"is": "yes"}) == HTTPStatus.FOUND
    assert Delivery.objects.get().approval == asked
    assert "Nothing waits for you" in body(company.lea)


def test_a_no_without_a_reason_is_asked_for_one(company: Cast, asked: Approval) -> None:
    assert vote(company.lea, asked, **{"is": "no"}) == HTTPStatus.UNPROCESSABLE_ENTITY
    assert vote(company.lea, asked, **{"is": "no", "because": "Too short."}) == HTTPStatus.FOUND
    asked.refresh_from_db()
    assert asked.outcome == "declined"


def test_the_author_sees_it_waiting_and_takes_it_back(company: Cast, asked: Approval) -> None:
    page = body(company.ana)
    assert "Yours, waiting for others" in page
    assert "Nothing waits for you" in page
    url = reverse("approvals-withdrawal", kwargs=PAGE | {"approval": asked.pk})
    assert browser(company.ana).post(url).status_code == HTTPStatus.FOUND
    asked.refresh_from_db()
    assert asked.outcome == "withdrawn"


@pytest.mark.parametrize("who", ["ben", "mia", "ada", "eve", "cho"])
def test_others_neither_see_nor_decide_it(company: Cast, asked: Approval, who: str) -> None:
    person = getattr(company, who)
    assert "on its way" not in body(person)
    assert vote(person, asked, **{"is": "yes"}) == HTTPStatus.FORBIDDEN
    assert not Delivery.objects.exists()


def test_the_author_cannot_decide_nor_others_withdraw(company: Cast, asked: Approval) -> None:
    assert vote(company.ana, asked, **{"is": "yes"}) == HTTPStatus.FORBIDDEN
    url = reverse("approvals-withdrawal", kwargs=PAGE | {"approval": asked.pk})
    assert browser(company.lea).post(url).status_code == HTTPStatus.NOT_FOUND


def test_the_outsider_gets_404(company: Cast, asked: Approval) -> None:
    assert browser(company.outsider).get(reverse("approvals", kwargs=PAGE)).status_code == HTTPStatus.NOT_FOUND
    assert vote(company.outsider, asked, **{"is": "yes"}) == HTTPStatus.NOT_FOUND
    elsewhere = reverse("approvals-vote", kwargs={"workspace": "other", "approval": asked.pk})
    assert browser(company.outsider).post(elsewhere, {"is": "yes"}).status_code == HTTPStatus.NOT_FOUND
