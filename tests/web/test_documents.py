"""The documents of strategy and value say what their pages say, and lead back to them."""

from __future__ import annotations

import datetime as dt
import html
import io
import re

import pytest
from django.test import Client
from pypdf import PdfReader

from choir.measurement.models import Progress
from choir.strategy.models import KPI, Goal, Initiative
from choir.strategy.outlook import keep_outlook
from choir.value.assuming import Range, assume
from tests.cast import Cast
from tests.web.test_figures_agree import body
from tests.web.test_figures_open import champion  # noqa: F401 -- a fixture

ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"<t[dh][^>]*>(.*?)</t[dh]>", re.DOTALL)


def printed(client: Client, url: str) -> tuple[str, set[str]]:
    """A document's words, and where it leads."""
    made = body(client, url)
    assert made.startswith(b"%PDF")
    pages = PdfReader(io.BytesIO(made)).pages
    links = {note.get_object()["/A"]["/URI"] for page in pages for note in page.get("/Annots", ())}
    return plain(" ".join(page.extract_text() for page in pages)), links


def plain(words: str) -> str:
    """Without markup, and without the room between words, which is the typesetter's."""
    hidden = re.sub(r'<span class="visually-hidden">.*?</span>', "", words)
    return re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]+>", "", hidden)))


def cells(page: str, table: str) -> list[list[str]]:
    """What the cells of a table of a page say."""
    part = page[page.index(f'data-table="{table}"') :].partition("</table>")[0]
    return [[plain(one) for one in CELL.findall(row)] for row in ROW.findall(part.partition("<tbody>")[2])]


@pytest.fixture
def goal(company: Cast) -> Goal:
    """A goal with two KPIs and an initiative, worked out up to now."""
    today = dt.datetime.now(dt.UTC).date()
    days = {"starts_on": today - dt.timedelta(days=25), "ends_on": today + dt.timedelta(days=30)}
    made = Goal.objects.create(
        workspace=company.workspace, name="Keep them", purpose="keep", owner=company.cho, statement="They stay.", **days
    )
    made.objectives.set([company.objectives["care"]])
    Initiative.objects.create(workspace=company.workspace, name="Answer on Sundays", goal=made, budget=1200, **days)
    at = Progress.objects.get(workspace=company.workspace).at
    for name, metric, wants, target in (
        ("Sooner", "first_response", "at_most", 1800), ("In time", "sla_attainment", "at_least", 0.9),
    ):  # fmt: skip
        kpi = KPI.objects.create(
            workspace=company.workspace, goal=made, name=name, metric=metric, wants=wants, target=target,
            owner=company.cho, hours="calendar", **days,
        )  # fmt: skip
        keep_outlook(kpi, at=at)
    return made


def test_the_strategy_on_paper_is_the_page(champion: Client, goal: Goal) -> None:  # noqa: F811
    words, links = printed(champion, "/w/acme/strategy/strategy.pdf")
    page = body(champion, "/w/acme/strategy/").decode()
    lines = cells(page, "kpis-1")
    assert len(lines) == 2
    for line in lines:
        missing = [one for one in line if one not in words]
        assert not missing, (missing, words)
    for said in ("Keepthem", "Theystay.", "AnsweronSundays", "1,200EUR"):
        assert said in words
    for kpi in KPI.objects.all():
        assert any(f"/strategy/kpis/{kpi.pk}/" in one for one in links)
    assert any("/insights/first_response/?since=" in one for one in links)


def test_value_on_paper_is_the_page(champion: Client, company: Cast, goal: Goal) -> None:  # noqa: F811
    for name, values in (("deflected", (0.3, 0.5, 0.7)), ("contact_cost", (6.0, 8.0, 11.0))):
        assume(
            company.workspace, name, values=Range(*values), because="The invoice.", by=company.cho, goal=goal,
            at=dt.datetime.now(dt.UTC),
        )  # fmt: skip
    words, links = printed(champion, "/w/acme/strategy/value/value.pdf?period=28")
    page = body(champion, "/w/acme/strategy/value/?period=28").decode()
    tiles = [plain(one) for one in re.findall(r'tile__(?:figure|change)">(.*?)</span>', page, re.DOTALL)]
    lines, assumed = cells(page, "lines"), cells(page, "assumed")
    assert tiles
    assert lines
    assert len(assumed) == 2
    for said in [*tiles, *(one for line in lines for one in line)]:
        assert said in words, (said, words)
    for line in assumed:
        assert all(one in words for one in line[:4])
    assert any("/value/rows/settled/?goal=" in one and "period=28" in one for one in links)
