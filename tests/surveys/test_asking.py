"""Customers are asked how it went: once, as policy says, through the gate, and answered by a person's click alone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from choir.administration.surveys import Asking, ask_customers
from choir.events.models import Event
from choir.flow.survey import survey as ask_due
from choir.inbox.models import Conversation
from choir.measurement.figures import Figure, figure
from choir.measurement.measure import rebuild
from choir.measurement.metrics import catalogue
from choir.measurement.models import Course
from choir.measurement.question import Period, Question
from choir.outbound.models import Delivery
from choir.people.access import NotAllowedError
from choir.surveys.links import address_of
from choir.surveys.models import Survey
from choir.web.insights.lens import zone_of
from tests.cast import Cast, cast
from tests.measurement.happening import HOUR, MONDAY, NOW, answered, begun, measured, resolved, surveyed

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Cast:
    found = cast()
    ask_customers(found.workspace, None, Asking(True, 3600, 30, False), by=found.cho, at=MONDAY)
    return found


def done(
    company: Cast, *, at: dt.datetime = NOW - 3 * HOUR, is_private: bool = True, language: str = "en"
) -> Conversation:
    """A conversation that was answered and resolved."""
    one = begun(company, at, language=language)
    one.is_private = is_private
    answered(company, one, at + HOUR / 2)
    resolved(company, one, at + HOUR)
    return one


def asked(company: Cast, **how: object) -> Survey:
    one = done(company, **how)  # type: ignore[arg-type]
    measured(company)
    assert ask_due(at=NOW) == 1
    return Survey.objects.get(conversation=one)


def path_of(survey: Survey) -> str:
    return "/s/" + address_of(survey).rpartition("/s/")[2]


def test_a_customer_is_asked_once_in_their_language_through_the_gate(company: Cast) -> None:
    survey = asked(company, language="de")
    delivery = Delivery.objects.get()
    assert delivery.message == survey.message
    assert delivery.message.is_automatic
    assert delivery.message.text.startswith("Wie war unsere Hilfe?")
    assert address_of(survey) in delivery.message.text
    assert ask_due(at=NOW) == 0
    other = done(company)
    other.customer = survey.customer
    other.save()
    measured(company)
    assert ask_due(at=NOW) == 0, "the same customer within thirty days"


def test_nobody_is_asked_in_public_too_soon_too_late_or_without_a_policy(company: Cast) -> None:
    done(company, is_private=False)
    done(company, at=NOW - 1.5 * HOUR)
    done(company, at=NOW - 72 * HOUR)
    measured(company)
    assert ask_due(at=NOW) == 0
    ask_customers(company.workspace, company.channel, Asking(False, 0, 30, True), by=company.cho, at=MONDAY)
    done(company)
    measured(company)
    assert ask_due(at=NOW) == 0, "the channel's own policy holds, and asks nobody"


def test_asking_is_no_answer_of_ours(company: Cast) -> None:
    survey = asked(company)
    assert survey.message is not None
    survey.message.sent_at = NOW
    survey.message.save()
    rebuild(company.workspace, at=NOW)
    assert Course.objects.get(conversation=survey.conversation).answers_count == 1


def test_opening_the_link_says_nothing_and_one_click_does(company: Cast) -> None:
    survey, client = asked(company), Client(enforce_csrf_checks=True)
    page = client.get(path_of(survey) + "?score=1").content.decode()
    assert "How was our help?" in page
    assert "<script" not in page
    survey.refresh_from_db()
    assert survey.answered_at is None
    assert client.post(path_of(survey), {"score": "4"}).status_code == 302
    client.post(path_of(survey), {"score": "1"})
    client.post(path_of(survey) + "/comment", {"comment": "Quick and kind."})
    client.post(path_of(survey) + "/comment", {"comment": "Something else."})
    survey.refresh_from_db()
    assert (survey.score, survey.comment) == (4, "Quick and kind.")
    assert "Good" in client.get(path_of(survey)).content.decode()
    assert Event.objects.filter(verb="survey.answered").count() == 1
    assert "Quick" not in str(list(Event.objects.values_list("facts", flat=True)))


def test_a_link_that_nobody_signed_leads_nowhere(company: Cast) -> None:
    survey = asked(company)
    for path in ("/s/nothing", f"/s/{survey.pk.hex}", path_of(survey)[:-2] + "xx"):
        assert Client().get(path).status_code == 404
        assert Client().post(path, {"score": "5"}).status_code == 404
    for score in ("", "6", "0", "good"):
        assert Client().post(path_of(survey), {"score": score}).status_code == 422


def test_one_address_does_not_answer_for_hundreds(company: Cast) -> None:
    survey = asked(company)
    codes = [Client().post(path_of(survey), {"score": "9"}).status_code for _ in range(31)]
    assert codes == [422] * 30 + [429]


def test_satisfied_customers_and_how_many_answered(company: Cast) -> None:
    for score in (5, 4, 4, 2, None):
        surveyed(company, done(company), NOW - HOUR / 2, score=score)
    measured(company)
    week = Question(company.workspace.pk, Period.days_to(NOW, zone_of(company.cho), 5), None)
    assert figure(catalogue()["csat"], week) == Figure(0.75, 4)
    assert figure(catalogue()["csat"], week).is_small
    assert figure(catalogue()["survey_rate"], week) == Figure(0.8, 5)


def test_only_who_manages_promises_says_who_is_asked(company: Cast) -> None:
    with pytest.raises(NotAllowedError):
        ask_customers(company.workspace, None, Asking(True, 0, 30, True), by=company.ana, at=NOW)
