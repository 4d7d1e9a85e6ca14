"""The brief: which week it tells of, what it finds unusual, what it chooses to say, and that it never changes."""

import datetime as dt
import re
from decimal import Decimal
from http import HTTPStatus
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from choir.executive.jobs import brief
from choir.executive.models import Brief, BriefPolicy
from choir.executive.saying.sentence import Sentence
from choir.executive.telling import chosen
from choir.executive.weeks import Trend, last_day
from choir.governance.agenda.raised import Fact
from choir.measurement.figures import Figure
from choir.measurement.metrics import catalogue
from choir.measurement.tally import tally
from choir.strategy.models import Initiative
from choir.value.actions import spend
from tests.cast import Cast, cast
from tests.measurement.happening import DAY, HOUR, MINUTE, MONDAY, answered, begun, measured, promised

FRIDAY, LONDON = 4, ZoneInfo("Europe/London")


def counts(*values: int) -> Trend:
    return Trend(catalogue()["conversations"], [Figure(float(one), one) for one in values])


def shares(*values: float, n: int = 100) -> Trend:
    return Trend(catalogue()["one_touch"], [Figure(one, n) for one in values])


@pytest.mark.parametrize(
    ("moment", "last"),
    [
        (dt.datetime(2026, 3, 6, 5, 59, tzinfo=LONDON), dt.date(2026, 2, 26)),  # Friday, before anybody is there
        (dt.datetime(2026, 3, 6, 6, 0, tzinfo=LONDON), dt.date(2026, 3, 5)),
        (dt.datetime(2026, 3, 12, 23, 0, tzinfo=LONDON), dt.date(2026, 3, 5)),
    ],
)
def test_a_week_is_told_of_on_the_morning_after_its_last_day(moment: dt.datetime, last: dt.date) -> None:
    assert last_day(FRIDAY, LONDON, moment) == last


def test_unusual_is_measured_by_what_weeks_and_chance_usually_move() -> None:
    steady = counts(100, 100, 100, 100, 100, 100, 100, 100, 120)
    assert steady.unusual == pytest.approx(2.0)  # twenty more, where the square root of a hundred is chance
    restless = counts(60, 140, 80, 120, 60, 140, 80, 120, 120)
    assert restless.unusual == pytest.approx(20 / (1.4826 * 30))  # the median week is 30 from the median of 100
    assert shares(*[0.5] * 8, 0.6).unusual == pytest.approx(0.1 / 0.05)  # √(0.5 × 0.5 ÷ 100)
    assert shares(*[0.5] * 8, 0.9, n=10).unusual == 0  # ten rows say little
    assert counts(5, 9).unusual == 0  # one week before says nothing of what is usual


def test_one_sentence_about_each_thing_and_never_bad_news_alone() -> None:
    said = [Sentence(group, (Fact(group),), weight, is_good) for group, weight, is_good in (
        ("a", 9, False), ("a", 8, False), ("b", 7, False), ("c", 6, False), ("d", 5, None), ("e", 4, None),
        ("f", 1, True),
    )]  # fmt: skip
    assert [(one.group, one.weight) for one in chosen(said)] == [("a", 9), ("b", 7), ("c", 6), ("d", 5), ("f", 1)]


@pytest.fixture
def company(db: None) -> Cast:
    """A week of care and praise; the week ended on Thursday."""
    company = cast()
    for number in range(4):
        one = begun(company, MONDAY + number * HOUR, sentiment="negative")
        promised(company, one, due=MONDAY + (number + 1) * HOUR, kept=MONDAY + (number + 2) * HOUR)
        answered(company, one, MONDAY + (number + 2) * HOUR)
    begun(company, MONDAY + DAY, objective="advocacy", department="marketing", sentiment="positive")
    return company


THEN = MONDAY + 4 * DAY  # Friday


def counted(company: Cast, at: dt.datetime = THEN) -> None:
    measured(company, at)
    tally(at=at)


def test_a_week_is_told_once_and_stays_as_it_was(company: Cast) -> None:
    assert brief(at=THEN) == 0  # nothing is counted yet
    counted(company)
    assert brief(at=THEN) == 1
    kept = Brief.objects.get()
    words = ["".join(part["words"] for part in one["parts"]) for one in kept.sentences]
    assert any(one.startswith("5 conversations came in") for one in words)
    assert any("0 % of the promised first answers came in time" in one and "4 of the 4" in one for one in words)
    begun(company, MONDAY + MINUTE)  # it was said in that week, and came in late
    counted(company, THEN + HOUR)
    assert brief(at=THEN + HOUR) == 0
    kept.refresh_from_db()
    assert kept.figures[0]["weeks"][-1]["n"] == 5


def test_a_brief_waits_until_its_last_day_is_counted(company: Cast) -> None:
    counted(company, MONDAY + 3 * DAY)
    assert brief(at=THEN) == 0
    BriefPolicy.objects.create(workspace=company.workspace, weekday=3)  # now its week ends on Wednesday
    assert brief(at=THEN) == 1
    assert Brief.objects.get().last_on == dt.date(2026, 3, 4)


def test_leaders_read_the_brief_on_its_page_and_on_paper_and_nobody_else(company: Cast, client: Client) -> None:
    counted(company)
    client.force_login(company.eve)
    here = {"workspace": "acme"}
    assert "No brief yet" in client.get(reverse("executive", kwargs=here)).content.decode()
    brief(at=THEN)
    page = client.get(reverse("executive", kwargs=here)).content.decode()
    assert "5 conversations came in" in page
    assert "since=2026-02-27&amp;until=2026-03-05" in page  # the days of its figures
    of_week = {**here, "day": "2026-03-05"}
    paper = client.get(reverse("executive_document", kwargs=of_week))
    assert paper.content.startswith(b"%PDF")
    assert (
        client.get(reverse("executive_brief", kwargs=here | {"day": "yesterday"})).status_code == HTTPStatus.NOT_FOUND
    )
    client.force_login(company.ana)
    assert client.get(reverse("executive", kwargs=here)).status_code == HTTPStatus.FORBIDDEN


def _spent(company: Cast, *, paid: int, other: int, budget: int, at: dt.datetime) -> None:
    today = at.date()
    days = {"starts_on": today, "ends_on": today}
    stories = Initiative.objects.create(workspace=company.workspace, name="Stories", budget=budget, **days)
    for kind, amount in (("paid", paid), ("other", other)):
        spend(
            company.workspace, name=kind, kind=kind, amount=Decimal(amount), initiative=stories, by=company.cho, at=at,
            **days,
        )  # fmt: skip


def test_the_champion_sees_everything_in_one_view(company: Cast, client: Client) -> None:
    here = reverse("executive_overview", kwargs={"workspace": "acme"})
    client.force_login(company.cho)
    assert "Nothing is counted yet" in client.get(here).content.decode()
    at = timezone.now()
    for department in ("customer_service", "operations"):
        answered(company, begun(company, at - DAY, department=department), at - DAY + HOUR)
    counted(company, at)
    _spent(company, paid=300, other=900, budget=1000, at=at)
    page = client.get(here, {"period": "7"}).content.decode()
    assert "200 over" in page  # of a budget of 1,000
    assert re.search(r"Paid media <a [^>]*>300 EUR", page)
    assert "department=operations" in page  # a department's figure opens its rows
    assert "Enablement" in page
    chart = client.get(reverse("executive_participation", kwargs={"workspace": "acme"}))
    assert chart["Content-Type"] == "image/svg+xml"
    client.force_login(company.leo)
    assert client.get(here).status_code == HTTPStatus.FORBIDDEN
