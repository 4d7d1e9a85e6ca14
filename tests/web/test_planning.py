"""The planning canvas: who answers, versions that stay, what is said beside it, and what comes of an answer."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from choir.people.models import Person
from choir.strategy.models import CanvasAnswer, CanvasOutcome, Initiative
from choir.strategy.unprompted import unprompted
from choir.triage.models import Reading
from tests.cast import Cast
from tests.measurement.happening import DAY, begun


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def at(name: str, **kwargs: str) -> str:
    return reverse(name, kwargs={"workspace": "acme", **kwargs})


HERE = {"department": "customer_service"}


def test_a_department_answers_in_versions_and_only_for_itself(company: Cast) -> None:
    lea = browser(company.lea)
    for text in ("They help each other.", "They help each other.", "They like to be asked."):
        assert lea.post(at("canvas_answers", **HERE), {"text": text}).status_code == HTTPStatus.FOUND
    assert [(one.version, one.text) for one in CanvasAnswer.objects.all()] == [
        (2, "They like to be asked."), (1, "They help each other."),
    ]  # fmt: skip
    page = lea.get(at("canvas_department", **HERE)).content.decode()
    assert "version 2, Lea" in page
    assert "They help each other." in page
    assert lea.post(at("canvas_answers", **HERE), {"text": "   "}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert lea.post(at("canvas_answers", department="legal"), {"text": "Ours."}).status_code == HTTPStatus.FORBIDDEN
    assert "They like to be asked." in lea.get(at("canvas")).content.decode()
    outsider = browser(company.outsider)
    assert outsider.get(at("canvas_department", **HERE)).status_code == HTTPStatus.NOT_FOUND


def test_an_answer_becomes_an_initiative_of_the_tree(company: Cast) -> None:
    browser(company.lea).post(at("canvas_answers", **HERE), {"text": "They help each other."})
    answer = CanvasAnswer.objects.get()
    cho = browser(company.cho)
    form = f"{at('strategy_new_initiative')}?answer={answer.pk}"
    assert "They help each other." in cho.get(form).content.decode()
    told = {
        "name": "Helpers are thanked", "starts_on": "2026-03-02", "ends_on": "2026-06-30",
        "department": str(company.departments["customer_service"].pk),
    }  # fmt: skip
    assert cho.post(form, told).status_code == HTTPStatus.FOUND
    assert CanvasOutcome.objects.get().initiative == Initiative.objects.get()
    assert "Helpers are thanked" in cho.get(at("canvas_department", **HERE)).content.decode()


@pytest.mark.parametrize("name", ["cho", "lea"])
def test_what_is_said_unprompted_is_counted_by_volume_warmth_and_growth(company: Cast, name: str) -> None:
    now = timezone.now()
    for days, moods in ((3, ("positive", "positive", "negative", "neutral")), (40, ("negative", "negative"))):
        for mood in moods:
            one = begun(company, now - days * DAY)  # neutral by now; what counts is how it began
            Reading.objects.filter(mention=one.messages.get().mention).update(sentiment=mood)
    (said,) = unprompted(company.workspace, company.people[name], at=now)[company.departments["customer_service"].pk]
    assert (said.name, said.count, said.before, said.overheard) == ("Care", 4, 2, 0)
    assert said.warmth == 0.25
    assert said.growth == 1.5  # (4 + 2) ÷ (2 + 2)
    assert [one.sentiment for one in said.examples] == ["positive"]  # the warmest; all say the same, so it is said once
