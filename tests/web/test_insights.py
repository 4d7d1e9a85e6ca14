"""Pages of figures: what they show, to whom, and that page, export and rows agree."""

import csv
import datetime as dt
import io
import json
import re

import pytest
from django.test import Client
from django.utils import timezone

from choir.conversions.models import Click, TrackedLink
from choir.inbox.models import ClockKind
from choir.measurement.metric import Share, Summed
from choir.measurement.metrics import catalogue
from choir.people.models import Person
from choir.surveys.models import Survey
from choir.value.models import Spend
from choir.web.insights.charting import CHARTS
from choir.web.insights.overview import CONTENT, REPUTATION, SERVICE
from tests.cast import Cast
from tests.measurement.happening import (
    HOUR,
    answered,
    begun,
    engaged,
    found_by,
    handed,
    promised,
    resolved,
    spiked,
    surveyed,
)
from tests.measurement.happening import measured as take_in

HERE = "/w/acme/insights/"


def as_(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # a Person is what it takes
    return client


def body(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return b"".join(answer).decode()


@pytest.fixture
def history(company: Cast) -> dt.datetime:
    """Three days of work in two departments, until an hour ago."""
    now = timezone.now()
    Person.objects.filter(pk=company.ana.pk).update(hourly_cost=30)
    link = TrackedLink.objects.create(
        workspace=company.workspace, code="a1", name="Shop", target="https://shop.example", campaign="spring"
    )
    for number in range(24):
        at = now - dt.timedelta(days=1 + number % 3, minutes=number)
        department = "legal" if number % 4 == 0 else "customer_service"
        one = begun(company, at, department=department, objective="compliance" if number % 4 == 0 else "care")
        if number % 3:
            said = answered(company, one, at + (1 + number % 5) * dt.timedelta(minutes=7))
            said.person, said.handling_seconds = company.ana, 60 + number
            said.save()
            engaged(company, said, at=now, views=100 * number, likes=number)
            Click.objects.create(workspace=company.workspace, link=link, visitor=f"{number}", conversation=one, at=at)
            promised(company, one, due=at + HOUR, kept=at + number * dt.timedelta(minutes=4))
        if number % 3 == 1:
            resolved(company, one, at + 2 * HOUR)
            kept = at + (1 + number % 2) * HOUR
            promised(company, one, due=at + 1.5 * HOUR, kept=kept, kind=ClockKind.RESOLUTION)
            surveyed(company, one, at + 3 * HOUR, score=1 + number % 5)
    query = found_by(company, begun(company, now - 3 * HOUR), group="Us", is_ours=True).query
    spiked(company, query, now - 3 * HOUR)
    handed(company, begun(company, now - 2 * HOUR, department="marketing"), "legal", now - HOUR)
    take_in(company, at=now)
    return now


def test_the_overview_shows_every_tile_and_chart(company: Cast, history: dt.datetime) -> None:
    page = body(as_(company.cho), HERE)
    for slug in (*SERVICE, *REPUTATION):
        assert catalogue()[slug].title in page
    assert page.count("<chart-frame") == 6
    assert "Hand-overs between departments" in page


def test_every_figure_leads_to_its_conversations_in_two_clicks(company: Cast, history: dt.datetime) -> None:
    champion = as_(company.cho)
    tiles = re.findall(r'<a class="tile" href="([^"]+)"', body(champion, HERE))
    assert len(tiles) == len(SERVICE) + len(REPUTATION) + len(CONTENT) - 1  # nobody bought anything
    for url in tiles:
        rows = body(champion, url.replace("&amp;", "&"))
        assert "/w/acme/conversations/" in rows or "/w/acme/listening/spikes/" in rows, url


@pytest.mark.parametrize("slug", sorted(catalogue()))
def test_page_export_and_rows_give_the_same_number(slug: str, company: Cast, history: dt.datetime) -> None:
    champion = as_(company.cho)
    query = "?period=7&hours=calendar"
    table = json.loads(body(champion, f"{HERE}{slug}/by-department.json{query}"))
    rows = json.loads(body(champion, f"{HERE}{slug}/rows.json{query}"))
    assert (table["value"], table["n"]) == (rows["value"], rows["n"])
    told = json.loads(body(champion, f"{HERE}{slug}.json{query}"))
    assert (told["value"], told["p90"], told["n"]) == (rows["value"], rows["p90"], rows["n"])
    assert len(rows["rows"]) == rows["n"] == sum(one["n"] for one in table["rows"])
    lines = list(csv.DictReader(io.StringIO(body(champion, f"{HERE}{slug}/rows.csv{query}").lstrip("\ufeff"))))
    assert [one["address"] for one in lines] == [one["address"] for one in rows["rows"]]
    page = body(champion, f"{HERE}{slug}/{query}")
    assert page.count('<td class="nowrap number">') == rows["n"]
    if isinstance(catalogue()[slug], Summed):
        assert rows["value"] == pytest.approx(sum(one["value"] for one in rows["rows"]))
    if isinstance(catalogue()[slug], Share):
        met = sum(one["value"] is True for one in rows["rows"])
        assert rows["value"] == met / rows["n"]
        assert f"{rows['value'] * 100:.1f}".removesuffix(".0") in page


@pytest.mark.parametrize("narrowed", ["language=en", "campaign=spring", "objective=care", "channel=none"])
def test_what_has_no_such_place_has_no_figure_there(narrowed: str, company: Cast, history: dt.datetime) -> None:
    told = json.loads(body(as_(company.cho), f"{HERE}spikes.json?{narrowed}"))
    assert (told["value"], told["n"]) == ((1, 1) if narrowed == "channel=none" else (0, 0))


def test_the_whole_cost_is_work_and_what_was_spent_besides(company: Cast, history: dt.datetime) -> None:
    today = history.date()
    Spend.objects.create(
        workspace=company.workspace, kind="paid", name="Banners", amount=80, starts_on=today, ends_on=today, at=history
    )
    champion = as_(company.cho)
    told = json.loads(body(champion, f"{HERE}cost.json"))
    assert told["whole"]["In all"] == pytest.approx(told["value"] + 80)
    table = json.loads(body(champion, f"{HERE}cost/by-kind.json"))
    assert {one["kind"]: one["value"] for one in table["rows"]} == told["whole"]
    assert "The whole cost" in body(champion, f"{HERE}cost/")
    assert "The whole cost" not in body(champion, f"{HERE}cost/?department=legal")


def test_what_customers_said_of_us_is_read_by_whoever_reads_the_conversation(
    company: Cast, history: dt.datetime
) -> None:
    Survey.objects.update(comment="Quick and kind.")
    assert "Quick and kind." in body(as_(company.lea), f"{HERE}csat/?department=customer_service")
    assert "Quick and kind." not in body(as_(company.cho), f"{HERE}csat/rows.csv")


def test_a_figure_of_one_department_is_its_part_of_the_whole(company: Cast, history: dt.datetime) -> None:
    champion = as_(company.cho)
    by_department = json.loads(body(champion, f"{HERE}conversations/by-department.json?period=7"))
    legal = next(one for one in by_department["rows"] if one["department"] == "Legal")
    only = json.loads(body(champion, f"{HERE}conversations/rows.json?period=7&department=legal"))
    assert only["n"] == legal["n"] == len(only["rows"])


def test_an_agent_sees_figures_of_their_own_departments_alone(company: Cast, history: dt.datetime) -> None:
    for slug in catalogue():
        found = json.loads(body(as_(company.ana), f"{HERE}{slug}/by-department.json?period=7"))
        assert {one["department"] for one in found["rows"]} <= {"Customer service"}, slug
        rows = json.loads(body(as_(company.ana), f"{HERE}{slug}/rows.json?period=7"))
        assert len(rows["rows"]) == found["n"]
    assert "Legal" not in body(as_(company.ana), f"{HERE}conversations/?period=7")


def test_whoever_gets_a_hand_over_sees_it(company: Cast, history: dt.datetime) -> None:
    assert json.loads(body(as_(company.leo), f"{HERE}handovers/rows.json"))["n"] == 1
    assert json.loads(body(as_(company.ana), f"{HERE}handovers/rows.json"))["n"] == 0


def test_rows_keep_customers_words_from_who_may_not_read_them(company: Cast, history: dt.datetime) -> None:
    from_committee = company.ben
    from_committee.role_grants.update(role="committee")
    page = body(as_(from_committee), f"{HERE}conversations/")
    assert "not yours to read" in page
    assert "parcel" not in page


def test_the_administrator_has_no_figures(company: Cast) -> None:
    assert as_(company.ada).get(HERE).status_code == 403


def test_filters_that_mean_nothing_are_said_and_left_out(company: Cast, history: dt.datetime) -> None:
    page = body(as_(company.cho), f"{HERE}?department=nowhere&since=2026-03-04&until=2026-03-01")
    assert "The first day is after the last" in page


def test_rows_are_paged_with_none_lost(company: Cast) -> None:
    now = timezone.now()
    made = {str(begun(company, now - dt.timedelta(minutes=number + 1)).pk) for number in range(120)}
    take_in(company, at=now)
    champion, url, seen = as_(company.cho), f"{HERE}conversations/?period=7", []
    while url:
        page = body(champion, url)
        seen += re.findall(r"/w/acme/conversations/([0-9a-f-]{36})/", page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        url = older.group(1).replace("&amp;", "&") if older else ""
    assert len(seen) == 120
    assert set(seen) == made


def test_a_chart_is_svg_with_links_and_no_inline_style(company: Cast, history: dt.datetime) -> None:
    for chart in ("volume", "responses", "attainment", "backlog"):
        answer = as_(company.cho).get(f"{HERE}charts/{chart}.svg?width=520")
        drawing = answer.content.decode()
        assert answer["Content-Type"] == "image/svg+xml"
        assert drawing.startswith("<svg")
        marks = re.findall(r'xlink:href="([^"]+)"', drawing)
        assert marks
        assert {one.partition("?")[0] for one in marks} == {f"{HERE}{CHARTS[chart].metric}/"}
        assert "style=" not in drawing
        assert "<script" not in drawing
        assert "#c0ff" not in drawing
    assert as_(company.cho).get(f"{HERE}charts/nothing.svg").status_code == 404


def test_without_anything_counted_the_page_says_what_to_do(company: Cast) -> None:
    assert "Nothing is counted yet" in body(as_(company.cho), HERE)


def test_a_spreadsheet_runs_nothing(company: Cast, history: dt.datetime) -> None:
    department = company.departments["legal"]
    department.name = "=cmd()"
    department.save()
    assert "'=cmd()" in body(as_(company.cho), f"{HERE}conversations/rows.csv")


def test_other_companies_get_404(company: Cast) -> None:
    assert as_(company.outsider).get(HERE).status_code == 404


def test_the_queries_of_the_overview_are_few(
    company: Cast, history: dt.datetime, django_assert_max_num_queries: object
) -> None:
    champion = as_(company.cho)
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        champion.get(HERE)
