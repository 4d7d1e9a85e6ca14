"""The problems page: why an answer did not arrive, and what to do."""

import datetime as dt
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from choir.inbox.models import Conversation
from choir.outbound.actions import send
from choir.outbound.models import Delivery, DeliveryState
from choir.people.models import Person
from tests import conversing
from tests.cast import Cast

PAGE = {"workspace": "acme"}
REASON = "The network refuses it: the post was deleted."


@pytest.fixture
def problem(company: Cast) -> Delivery:
    """An answer of Ana's that nobody can tell about."""
    conversation = conversing.opened(company)
    delivery = send(
        conversation, text="It left.", seen_revision=conversation.revision, by=company.ana, at=timezone.now()
    )
    assert isinstance(delivery, Delivery)
    began = timezone.now() - dt.timedelta(hours=1)
    Delivery.objects.update(state=DeliveryState.UNSURE, because=REASON, attempts_count=2, first_attempt_at=began)
    Conversation.objects.update(has_problem=True)
    return delivery


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def body(person: Person) -> str:
    answer = browser(person).get(reverse("problems", kwargs=PAGE))
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def post(person: Person, name: str, delivery: Delivery, **values: str) -> int:
    url = reverse(name, kwargs=PAGE | {"delivery": delivery.pk})
    return browser(person).post(url, values).status_code


def state(delivery: Delivery) -> str:
    return Delivery.objects.get(pk=delivery.pk).state


def test_it_says_why_and_what_to_do(company: Cast, problem: Delivery) -> None:
    page = body(company.lea)
    for said in (REASON, "It left.", "Try again", "mark as sent", "Give up and edit"):
        assert said in page


def test_it_is_tried_again(company: Cast, problem: Delivery) -> None:
    assert post(company.lea, "problems-retry", problem) == HTTPStatus.FOUND
    assert state(problem) == DeliveryState.WAITING
    assert "Every answer has arrived" in body(company.lea)


def test_it_is_marked_as_sent(company: Cast, problem: Delivery) -> None:
    assert post(company.ana, "problems-settlement", problem, was="sent") == HTTPStatus.FOUND
    assert state(problem) == DeliveryState.SENT


def test_it_is_given_up(company: Cast, problem: Delivery) -> None:
    assert post(company.ana, "problems-settlement", problem, was="lost") == HTTPStatus.FOUND
    assert state(problem) == DeliveryState.UNDONE


def test_what_somebody_settled_is_gone(company: Cast, problem: Delivery) -> None:
    post(company.ana, "problems-settlement", problem, was="sent")
    assert post(company.lea, "problems-retry", problem) == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("who", ["ben", "mia"])
def test_other_departments_neither_see_nor_settle_it(company: Cast, problem: Delivery, who: str) -> None:
    person = getattr(company, who)
    assert REASON not in body(person)
    assert post(person, "problems-retry", problem) == HTTPStatus.NOT_FOUND


def test_who_oversees_sees_it_and_cannot_settle_it(company: Cast, problem: Delivery) -> None:
    page = body(company.cho)
    assert REASON in page
    assert "mark as sent" not in page
    assert post(company.cho, "problems-retry", problem) == HTTPStatus.FORBIDDEN


def test_the_outsider_gets_404(company: Cast, problem: Delivery) -> None:
    assert browser(company.outsider).get(reverse("problems", kwargs=PAGE)).status_code == HTTPStatus.NOT_FOUND
    assert post(company.outsider, "problems-retry", problem) == HTTPStatus.NOT_FOUND
