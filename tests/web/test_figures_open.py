"""Figures that no metric counts open to just the rows that they count, to whoever lives by another clock as well."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from choir.governance.effect import side_of
from choir.measurement.metrics import catalogue
from choir.measurement.models import Course
from choir.measurement.question import Period
from choir.measurement.tally import forget_tallies, tally_all
from choir.strategy.models import Goal
from choir.value.models import Spend
from tests.cast import Cast
from tests.measurement.happening import HOUR, answered, begun, handed, promised, resolved
from tests.measurement.happening import measured as take_in
from tests.web.test_figures_agree import body

LINK = re.compile(r'<a\b[^>]*href="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
HANDED = {1: 1, 4: 2, 7: 2, 10: 1, 25: 2, 40: 1}  # of these, so often
FAR = "Pacific/Kiritimati"  # fourteen hours before Greenwich


@pytest.fixture
def champion(company: Cast) -> Client:
    """Signed in after three weeks of work: some late, some handed there and back, some unhappy customers made happy."""
    now = dt.datetime.now(dt.UTC)
    for number in range(60):
        at = now - dt.timedelta(days=1 + number % 20, hours=number % 11, minutes=number)
        one = begun(company, at, department="legal" if number % 3 == 0 else "customer_service")
        answered(company, one, at + (1 + number % 5) * dt.timedelta(minutes=17))
        promised(company, one, due=at + HOUR, kept=at + number * dt.timedelta(minutes=2))
        resolved(company, one, at + 3 * HOUR)
        for minutes, department in ((5, "legal"), (9, "customer_service"))[: HANDED.get(number, 0)]:
            handed(company, one, department, at + dt.timedelta(minutes=minutes))
    take_in(company, at=now)
    tally_all(company.workspace, at=now)
    client = Client()
    client.force_login(company.cho)
    return client


def links(client: Client, url: str) -> list[tuple[str, str]]:
    """What a page's links lead to, and their words."""
    found = LINK.findall(body(client, url).decode())
    return [(href.replace("&amp;", "&"), re.sub(r"\s+|<[^>]+>", " ", words).strip()) for href, words in found]


def counted(client: Client, url: str) -> int:
    """How many rows a page has, by its heading and by its file, which agree."""
    page = body(client, url).decode()
    told = re.search(r'<h2 id="list" class="number">\s*([\d,]+)', page)
    mark = "&" if "?" in url else "?"
    rows = json.loads(body(client, f"{url}{mark}take=conversations.json"))["rows"]
    shown = int(told[1].replace(",", "")) if told else 0
    assert shown == len(rows), url
    return shown


def test_evidence_opens_the_conversations_that_a_department_had_first(champion: Client) -> None:
    page = links(champion, "/w/acme/ownership/care/evidence/")
    figures = [(url, words) for url, words in page if "/evidence/conversations/?department=" in url]
    assert len(figures) >= 4
    for url, words in figures:
        assert counted(champion, url) == int(words), url
    whole = counted(champion, "/w/acme/ownership/care/evidence/conversations/")
    sides = [
        counted(champion, f"/w/acme/ownership/care/evidence/conversations/?side={one}") for one in ("well", "amiss")
    ]
    assert sum(sides) == whole == 60
    assert all(sides)


def test_misrouting_opens_what_was_handed_over_and_what_came_back(champion: Client) -> None:
    page = body(champion, "/w/acme/misrouting/").decode()
    tiles = {url: words for url, words in links(champion, "/w/acme/misrouting/") if "/misrouting/conversations/" in url}
    words = tiles["/w/acme/misrouting/conversations/?side=back"]
    assert counted(champion, "/w/acme/misrouting/conversations/?side=back") == int(re.findall(r"\d+", words)[0]) > 0
    told = re.search(r"(\d+) of \d+ conversations", page)
    assert told
    assert counted(champion, "/w/acme/misrouting/conversations/") == int(told[1])
    pairs = [one for one in links(champion, "/w/acme/misrouting/") if "giver=" in one[0] and one[1].isdigit()]
    assert pairs
    for url, words in pairs:
        assert f'<span class="number">{words} of ' in body(champion, url).decode()


def test_people_needed_in_an_hour_open_what_comes_in(champion: Client) -> None:
    cells = [url for url, words in links(champion, "/w/acme/committee/form/") if "/form/hours/" in url and words != "0"]
    assert cells
    for url in cells[:3]:
        for source, words in links(champion, url):
            if "/form/conversations/?hour=" in source:
                assert counted(champion, source) == int(words), source
    of_each = [counted(champion, f"/w/acme/committee/form/conversations/?hour={hour}") for hour in range(168)]
    assert sum(of_each) == counted(champion, "/w/acme/committee/form/conversations/") == 60


def test_value_opens_what_counts_for_a_goal(champion: Client, company: Cast) -> None:
    days = {"starts_on": "2026-01-01", "ends_on": "2027-12-31"}
    for name in ("Keep them", "Save"):
        goal = Goal.objects.create(workspace=company.workspace, name=name, purpose="keep", **days)
        goal.objectives.set([company.objectives["care"]])
    page = body(champion, f"/w/acme/strategy/value/goals/{goal.pk}/").decode()
    told = [one for one in LINK.findall(page) if "/value/rows/" in one[0]]
    assert told
    for url, words in told:
        shown = body(champion, url.replace("&amp;", "&")).decode()
        n = re.search(r"[\d.,]+", words)
        assert n
        heading = re.search(r'<h2 id="list" class="number">(.*?)</h2>', shown, re.DOTALL)
        assert heading
        assert n[0] in heading[1], (url, words, heading[1])
        assert "in equal parts" in shown
        rows = json.loads(body(champion, url.replace("&amp;", "&").replace("/?", ".json?")))["rows"]
        assert sum(one["counts"] for one in rows) == pytest.approx(len(rows) / 2)


def test_what_was_spent_opens_the_entries_that_it_adds_up(champion: Client, company: Cast) -> None:
    today = dt.datetime.now(dt.UTC).date()
    for name, kind, amount in (("Ads", "paid", 300), ("Suite", "tools", 56)):
        Spend.objects.create(
            workspace=company.workspace, name=name, kind=kind, amount=Decimal(amount), by=company.cho,
            starts_on=today - dt.timedelta(days=27), ends_on=today + dt.timedelta(days=28),
            at=dt.datetime.now(dt.UTC),
        )  # fmt: skip
    spent = [
        (url, words) for url, words in links(champion, "/w/acme/insights/cost/?period=7") if "/spend/?kind=" in url
    ]
    assert len(spent) == 2
    for url, said in spent:
        money = said.partition(" ")[0]
        assert f'<strong class="number">{money} ' in body(champion, url).decode(), (url, said)


def test_all_but_one_is_what_a_decision_is_compared_with(champion: Client, company: Cast) -> None:
    moved = list(Course.objects.filter(workspace=company.workspace).values_list("pk", flat=True)[:20])
    Course.objects.filter(pk__in=moved[:15]).update(objective=company.objectives["sales"])
    Course.objects.filter(pk__in=moved[15:]).update(objective=None)
    forget_tallies(company.workspace)
    url = "/w/acme/insights/conversations.json?period=90"
    of = {one: json.loads(body(champion, f"{url}&objective={one}"))["n"] for one in ("care", "none", "not-care")}
    assert of == {"care": 40, "none": 5, "not-care": 15}
    page = body(champion, "/w/acme/insights/conversations/?period=90&objective=not-care").decode()
    assert "all but Care" in page
    asked = {"metric": "conversations", "narrowed": {"objective": str(company.objectives["care"].pk)}}
    zone = ZoneInfo("UTC")
    period = Period.days_to(dt.datetime.now(dt.UTC), zone, 90)
    side = side_of(company.workspace, catalogue()["conversations"], period, asked)
    assert sum(day.n for day in side.control) == 15


def test_days_of_the_organisation_are_the_same_to_whoever_lives_by_another_clock(
    champion: Client, company: Cast
) -> None:
    url = "/w/acme/insights/conversations.json?since={0}&until={0}&zone=organisation"
    day = (dt.datetime.now(dt.UTC) - dt.timedelta(days=4)).date().isoformat()
    here = json.loads(body(champion, url.format(day)))
    company.cho.time_zone = FAR
    company.cho.save(update_fields=["time_zone"])
    there = json.loads(body(champion, url.format(day)))
    own = json.loads(body(champion, url.format(day).replace("&zone=organisation", "")))
    assert (there["n"], there["until"]) == (here["n"], here["until"])
    assert own["time_zone"] == FAR != there["time_zone"]
    assert own["until"] != there["until"]
