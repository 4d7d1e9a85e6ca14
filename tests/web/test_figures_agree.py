"""Page, programs, exports and document give the same number."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from dataclasses import replace

import pytest
from arro3.io import read_parquet
from django.core.cache import caches
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from choir.measurement.figures import figure
from choir.measurement.metrics import catalogue
from choir.measurement.models import Progress
from choir.measurement.question import Period
from choir.measurement.tally import tally_all
from choir.people.models import RoleGrant
from choir.people.policy import Role
from choir.web.insights.lens import lens
from choir.web.insights.overview import SERVICE
from choir.web.insights.steps import by_step
from choir.web.insights.wording import said
from tests.cast import Cast
from tests.measurement.happening import HOUR, answered, begun, promised, resolved, surveyed
from tests.measurement.happening import measured as take_in

HERE, QUERY = "/w/acme/insights/", "?period=7&hours=calendar"


def body(client: Client, url: str) -> bytes:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return b"".join(answer)


@pytest.fixture
def champion(company: Cast) -> Client:
    """Signed in where three days of work are measured, and those that have ended tallied."""
    now = timezone.now()
    for number in range(24):
        at = now - dt.timedelta(days=1 + number % 3, minutes=number)
        one = begun(company, at, department="legal" if number % 4 == 0 else "customer_service")
        if number % 3:
            answered(company, one, at + (1 + number % 5) * dt.timedelta(minutes=7))
            promised(company, one, due=at + HOUR, kept=at + number * dt.timedelta(minutes=4))
        if number % 3 == 1:
            resolved(company, one, at + 2 * HOUR)
            surveyed(company, one, at + 3 * HOUR, score=1 + number % 5)
    take_in(company, at=now)
    tally_all(company.workspace, at=now)
    client = Client()
    client.force_login(company.cho)
    return client


def test_page_programs_exports_and_document_give_the_same_number(champion: Client, company: Cast) -> None:
    assert Progress.objects.get().tallied_first is not None
    document = body(champion, f"{HERE}report.pdf{QUERY}")
    assert document.startswith(b"%PDF")
    overview = body(champion, HERE + QUERY).decode()
    for slug in SERVICE:
        told = json.loads(body(champion, f"{HERE}{slug}.json{QUERY}"))
        rows = json.loads(body(champion, f"{HERE}{slug}/rows.json{QUERY}"))
        assert (told["value"], told["p90"], told["n"]) == (rows["value"], rows["p90"], rows["n"])
        table = read_parquet(io.BytesIO(body(champion, f"{HERE}{slug}/rows.parquet{QUERY}"))).read_all()
        assert len(rows["rows"]) == told["n"] == (table.num_rows if told["n"] else 0)
        words = said(catalogue()[slug], told["value"]).figure
        assert re.search(rf'href="{HERE}{slug}/[^"]*".*?tile__figure">{re.escape(words)}[ <]', overview, re.DOTALL), (
            slug
        )
        assert sum(one["n"] for one in told["days"]) == told["n"] or slug == "backlog"
    pages = PdfReader(io.BytesIO(document)).pages
    printed = " ".join(" ".join(page.extract_text() for page in pages).split())
    links = {note.get_object()["/A"]["/URI"] for page in pages for note in page.get("/Annots", ())}
    for slug in SERVICE:
        metric, told = catalogue()[slug], json.loads(body(champion, f"{HERE}{slug}.json{QUERY}"))
        assert f"{metric.title} {said(metric, told['value']).figure}" in printed, (slug, printed)
        assert any(f"/w/acme/insights/{slug}/" in one for one in links), slug


def test_each_mark_of_a_chart_is_the_figure_that_it_opens(champion: Client, company: Cast) -> None:
    told = 0
    for period in ("7", "365"):
        query = QueryDict(f"period={period}&hours=calendar")
        looked = lens(company.cho, company.workspace, query, at=timezone.now())
        for metric in catalogue().values():
            for first, last, found in by_step(looked, metric)[-4:]:
                days = Period.between(first, last, looked.asked.period.zone, looked.asked.period.until)
                whole = figure(metric, replace(looked.asked, period=days))
                assert found.n == whole.n, (metric.slug, first, last)
                assert (found.value or 0) == pytest.approx(whole.value or 0), (metric.slug, first, last)
                told += bool(found.n)
    assert told > 20


def test_an_empty_table_is_a_file_too(champion: Client) -> None:
    url = f"{HERE}approval_time/rows.parquet{QUERY}"
    assert read_parquet(io.BytesIO(body(champion, url))).read_all().num_rows == 0


def test_figures_for_programs_keep_to_what_a_person_may_see(champion: Client, company: Cast) -> None:
    agent, administrator = Client(), Client()
    agent.force_login(company.ana)
    administrator.force_login(company.ada)
    whole = json.loads(body(champion, f"{HERE}conversations.json{QUERY}"))["n"]
    assert 0 < json.loads(body(agent, f"{HERE}conversations.json{QUERY}"))["n"] < whole
    assert administrator.get(f"{HERE}conversations.json").status_code == 403
    assert champion.get(f"{HERE}nothing.json").status_code == 404


def test_what_is_kept_of_the_evidence_is_nobody_else_s(champion: Client, company: Cast) -> None:
    RoleGrant.objects.create(person=company.ben, role=Role.LEAD)  # of operations, who had nothing of it
    lead = Client()
    lead.force_login(company.ben)
    url = "/w/acme/ownership/care/evidence/?period=28"

    def record(client: Client) -> str:
        page = body(client, url).decode()
        return page[page.index('data-table="record"') :].partition("</table>")[0]

    caches["local"].clear()
    of_all = record(champion)
    of_theirs = record(lead)
    assert of_theirs != of_all
    caches["local"].clear()
    assert (record(lead), record(champion)) == (of_theirs, of_all)
