"""The learning page: accuracy to everybody who reads figures, rolling back to the champion."""

import datetime as dt
import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from choir.flow.accuracy import accuracy_of
from choir.flow.correct import correct
from choir.flow.examples import gather
from choir.flow.steps import advance
from choir.inbox.assigning import hand_over
from choir.triage.learning.models import Adaptation, Drift, Example, Standing
from choir.wake import Step
from tests.cast import Cast
from tests.conversing import opened, read_as, says

PAGE = "/w/acme/learning/"


def asked(person: object, url: str = PAGE) -> str:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # any person of the cast
    return " ".join(client.get(url).content.decode().split())


@pytest.fixture
def taught(company: Cast) -> Example:
    at = timezone.now() - dt.timedelta(days=1)
    for _ in range(3):
        answered = opened(company, at=at)
        answered.last_outbound_at = at
        answered.save()
    correct(opened(company, "Do you sell spare parts?", at=at), by=company.cho, at=at, objective="sales")
    gather(company.workspace, at=at)
    return Example.objects.get(field="objective")


def test_it_counts_what_stood_and_what_was_put_right(company: Cast, taught: Example) -> None:
    page = re.sub(r"</?a\b[^>]*>", "", asked(company.lea))
    assert "Of the 4 conversations that people worked on in the last 26 weeks, 3 were read rightly at once" in page
    assert "<svg" in asked(company.lea, f"{PAGE}accuracy.svg")


def test_a_hand_over_counts_though_the_conversation_went_on(company: Cast) -> None:
    at = timezone.now() - dt.timedelta(days=1)
    one = opened(company, at=at)
    one.reading = read_as(company, says(company, one, "Hello?", at=at, identity=one.customer.identities.get()))
    one.save()
    hand_over(one, to=company.departments["legal"], because="A contract.", by=company.ana, at=at)
    gather(company.workspace, at=at)
    found = accuracy_of(company.workspace, "department", since=at - dt.timedelta(days=1)).whole
    assert (found.right, found.worked_on) == (0, 1)


def test_each_figure_of_it_opens_its_conversations(company: Cast, taught: Example) -> None:
    for table in ("objective", "language", "department", "weeks"):
        for one in json.loads(asked(company.lea, f"{PAGE}?take={table}.json"))["rows"]:
            opened_by = one["address"].removeprefix("http://testserver")
            rows = json.loads(asked(company.lea, f"{opened_by}&take=conversations.json"))["rows"]
            assert len(rows) == one["of"], one
            assert sum(row["right_at_once"] == "yes" for row in rows) == pytest.approx(one["right"] * one["of"])
    assert "Do you sell spare parts?" not in asked(company.ben, f"{PAGE}worked-on/?field=objective")


@pytest.mark.parametrize("page", [PAGE, "/w/acme/today/"])
def test_whoever_has_seen_a_drift_says_so_as_a_browser_does(company: Cast, page: str) -> None:
    at = timezone.now()
    drift = Drift.objects.create(
        workspace=company.workspace, about="objective", name="talent", began_on=at.date(), found_at=at, looked_at=at,
        before=0.02, least=0.0, most=0.05, count=20, total=100,
    )  # fmt: skip
    opened(company, at=at)
    advance(Step.MEASURE)  # Today tells of drift once there are figures
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.cho)
    shown = client.get(page).content.decode()
    form = shown.split(f'action="{reverse("learning_drift_seen", args=["acme", drift.pk])}"')[1].split("</form>")[0]
    (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    url = reverse("learning_drift_seen", args=["acme", drift.pk])
    assert client.post(url, {"csrfmiddlewaretoken": token}).status_code == 302
    assert Drift.objects.get().acknowledged_by == company.cho


def test_an_example_is_shown_to_whoever_may_read_its_conversation(company: Cast, taught: Example) -> None:
    assert "Do you sell spare parts?" in asked(company.cho)
    assert "Do you sell spare parts?" not in asked(company.ben)


def test_the_champion_takes_back_an_example_and_rolls_back_a_version(company: Cast, taught: Example) -> None:
    version = Adaptation.objects.create(
        workspace=company.workspace, field="objective", number=1, base="x", standing=Standing.IN_FORCE,
        examples_count=5, at=timezone.now(),
    )  # fmt: skip
    rolls_back = reverse("learning_rollback", kwargs={"workspace": "acme", "version": version.pk})
    takes_back = reverse("learning_withdrawal", kwargs={"workspace": "acme", "example": taught.pk})
    for person, status in ((company.lea, 403), (company.cho, 302)):
        client = Client()
        client.force_login(person)
        assert client.post(rolls_back).status_code == status
        assert client.post(takes_back).status_code == status
    version.refresh_from_db()
    taught.refresh_from_db()
    assert version.standing == Standing.ROLLED_BACK
    assert taught.taken_back_at is not None
