"""What holds for every metric: it is defined whole, and its parts add up to a plain recount."""

from __future__ import annotations

import ast
import datetime as dt
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from choir.measurement.document import document
from choir.measurement.figures import by_day, figure, rows, split
from choir.measurement.metric import DIMENSIONS, Metric
from choir.measurement.metrics import catalogue
from choir.measurement.models import Course, Stretch
from choir.measurement.question import DAY, Period, Question, question
from choir.routing.models import Hours
from tests.cast import Cast, cast
from tests.measurement.happening import HOUR, MONDAY, NOW, answered, begun, handed, measured, promised, resolved
from tests.thoroughness import IS_LONG

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "choir" / "measurement" / "metrics"
DOCUMENT = ROOT / "docs" / "metrics.md"
METRICS = list(catalogue().values())

slugs = pytest.mark.parametrize("metric", METRICS, ids=lambda one: one.slug)


@slugs
def test_a_metric_says_what_it_is(metric: Metric) -> None:
    for text in (metric.title, metric.definition, metric.formula, metric.source):
        assert text.strip()
    assert metric.definition.endswith(".")
    assert metric.unit in ("count", "money") or "÷" in metric.formula or "median" in metric.formula
    assert set(metric.splits) == set(DIMENSIONS)


@slugs
def test_a_metric_is_one_file_with_an_example_worked_by_hand(metric: Metric) -> None:
    text = (FOLDER / f"{metric.slug}.py").read_text(encoding="utf-8")
    assert "By hand:" in (ast.get_docstring(ast.parse(text)) or "")


def test_the_document_is_what_the_code_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "choir measure definitions > docs/metrics.md"


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


moments = st.integers(min_value=0, max_value=9 * 24 * 60)
lives = st.lists(
    st.tuples(
        moments,  # minutes until it arrives
        st.sampled_from(["customer_service", "legal", "marketing"]),
        st.none() | st.integers(min_value=0, max_value=3 * 24 * 60),  # until our answer
        st.none() | st.integers(min_value=0, max_value=4 * 24 * 60),  # until it is resolved
        st.booleans(),  # handed over on the way
        st.booleans(),  # with a promise
    ),
    max_size=12,
)


@given(lives=lives, zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns"]))
@settings(max_examples=60 if IS_LONG else 8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_days_and_splits_add_up_to_a_plain_recount(company: Cast, lives: list[tuple], zone: str) -> None:  # type: ignore[type-arg]
    for one in list(company.workspace.channels.get().conversations.all()):
        one.delete()
    live(company, lives)
    measured(company)
    asked = question(company.cho, company.workspace, Period.days_to(NOW, ZoneInfo(zone), 9), hours=Hours.CALENDAR)
    for metric in METRICS:
        total = figure(metric, asked)
        parts = [sum(one.n for one in split(metric, asked, by).values()) for by in DIMENSIONS]
        assert parts == [total.n] * len(DIMENSIONS), metric.slug
        assert rows(metric, asked).count() >= total.n, metric.slug
        if metric.slug != "backlog":
            assert sum(one.n for one in by_day(metric, asked).values()) == total.n, metric.slug
    recount(asked)


def live(company: Cast, lives: list[tuple]) -> None:  # type: ignore[type-arg]
    """Make these histories; what would lie ahead of now does not happen."""
    for after, department, answer, end, is_handed, is_promised in lives:
        at = MONDAY - 4 * DAY + dt.timedelta(minutes=after)
        if at >= NOW:
            continue
        one = begun(company, at, department=department)
        if is_handed and at + HOUR < NOW:
            handed(company, one, "operations", at + HOUR)
        answer_at = None if answer is None else at + dt.timedelta(minutes=answer)
        if answer_at is not None and answer_at < NOW:
            answered(company, one, answer_at)
        if is_promised:
            kept = answer_at if answer_at is not None and answer_at < NOW else None
            promised(company, one, due=at + 4 * HOUR, kept=kept)
        if end is not None and at + dt.timedelta(minutes=60 + end) < NOW:
            resolved(company, one, at + dt.timedelta(minutes=60 + end))


def recount(asked: Question) -> None:
    """Conversations and backlog by day, counted one by one in Python."""
    period = asked.period
    arrived = Counter(
        at.astimezone(period.zone).date()
        for at in Course.objects.values_list("arrived_at", flat=True)
        if period.start <= at < period.end
    )
    found = by_day(catalogue()["conversations"], asked)
    assert {day: one.n for day, one in found.items() if one.n} == dict(arrived)
    stretches = list(Stretch.objects.values_list("began_at", "ended_at"))
    for day, one in by_day(catalogue()["backlog"], asked).items():
        end = period.only(day).end
        assert one.n == sum(began < end and (ended is None or ended >= end) for began, ended in stretches), day
