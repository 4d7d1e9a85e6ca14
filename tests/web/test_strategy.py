"""The strategy pages: leads read, the champion plans, and a value is typed as people say it."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from choir.events.models import Event
from choir.measurement.metric import Unit
from choir.people.models import Person
from choir.strategy.models import KPI, Goal, Wants
from choir.web.strategy.values import read_value, write_value
from tests.cast import Cast
from tests.measurement.happening import MONDAY, NOW, begun, measured

DAYS = {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def at(name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"workspace": "acme", **kwargs})


@pytest.fixture
def goal(company: Cast) -> Goal:
    return Goal.objects.create(workspace=company.workspace, name="Keep them", purpose="keep", owner=company.cho, **DAYS)


def test_the_champion_plans_and_a_lead_reads(company: Cast) -> None:
    cho = browser(company.cho)
    answer = cho.post(at("strategy_new_goal"), {"name": "Keep them", "purpose": "keep", **DAYS})
    assert answer.status_code == HTTPStatus.FOUND
    goal = Goal.objects.get()
    begun(company, MONDAY)
    measured(company, NOW)
    told = {"name": "Sooner", "goal": goal.pk, "metric": "first_response", "hours": "calendar", "target": "2 h", **DAYS}
    answer = cho.post(at("strategy_new_kpi"), told)
    kpi = KPI.objects.get()
    assert answer["Location"] == at("strategy_kpi", kpi=kpi.pk)
    assert (kpi.target, kpi.wants) == (7200, Wants.AT_MOST)
    assert Event.objects.filter(verb="kpi.set", by=company.cho).exists()
    lea = browser(company.lea)
    assert "Sooner" in lea.get(at("strategy")).content.decode()
    assert "≤ 2h" in lea.get(at("strategy_kpi", kpi=kpi.pk)).content.decode()
    assert lea.post(at("strategy_kpi_terms", kpi=kpi.pk), told).status_code == HTTPStatus.FORBIDDEN
    assert browser(company.ana).get(at("strategy")).status_code == HTTPStatus.FORBIDDEN


def test_new_terms_are_recorded_with_the_old_ones(company: Cast, goal: Goal) -> None:
    kpi = KPI.objects.create(
        workspace=company.workspace, goal=goal, name="In time", metric="sla_attainment", target=0.8,
        wants=Wants.AT_LEAST, owner=company.cho, **DAYS,
    )  # fmt: skip
    page = browser(company.cho).get(at("strategy_kpi_terms", kpi=kpi.pk)).content.decode()
    assert "80 %" in page
    told = {
        "name": "In time",
        "goal": goal.pk,
        "metric": "sla_attainment",
        "hours": "business",
        "target": "85 %",
        **DAYS,
    }
    browser(company.cho).post(at("strategy_kpi_terms", kpi=kpi.pk), told)
    assert Event.objects.get(verb="kpi.changed").facts["target"] == [0.8, 0.85]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"target": "soon"}, "no value of this metric"),
        ({"target": "140 %", "metric": "sla_attainment"}, "no value of this metric"),
        ({"ends_on": "2025-12-31"}, "ends before it begins"),
        ({"metric": "conversations", "target": "5"}, "choose a side"),
        ({"metric": "sla_attainment", "target": "85", "is_slow_end": "on"}, "no duration"),
        ({"metric": "luck"}, "Select a valid choice"),
        ({"goal": "nonsense"}, "not a valid UUID"),
    ],
)
def test_what_cannot_be_planned_is_said(company: Cast, changed: dict[str, str], said: str) -> None:
    told = {"name": "x", "metric": "first_response", "hours": "business", "target": "2 h", **DAYS} | changed
    answer = browser(company.cho).post(at("strategy_new_kpi"), told)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in answer.content.decode()
    assert not KPI.objects.exists()


def test_what_is_taken_out_leaves_the_tree(company: Cast, goal: Goal) -> None:
    answer = browser(company.cho).post(at("strategy_goal_ending", row=goal.pk))
    assert answer.status_code == HTTPStatus.FOUND
    assert "No goal yet" in browser(company.cho).get(at("strategy")).content.decode()


@given(st.integers(0, 10**7))
def test_a_duration_is_read_as_it_was_written(seconds: int) -> None:
    assert read_value(write_value(float(seconds), Unit.SECONDS), Unit.SECONDS) == seconds


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("4 h 30 min", Unit.SECONDS, 16_200), ("90min", Unit.SECONDS, 5_400), ("1,5 h", Unit.SECONDS, 5_400),
        ("85 %", Unit.SHARE, 0.85), ("85", Unit.SHARE, 0.85), ("+20", Unit.NET, 0.2), ("−5", Unit.NET, -0.05),
        ("1200", Unit.COUNT, 1_200),
    ],
)  # fmt: skip
def test_values_as_people_type_them(text: str, unit: Unit, value: float) -> None:
    assert read_value(text, unit) == pytest.approx(value)
