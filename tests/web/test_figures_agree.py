"""Page, programs, exports and document give the same number."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zlib

import pytest
from arro3.io import read_parquet
from django.test import Client
from django.utils import timezone

from choir.measurement.metrics import catalogue
from choir.measurement.models import Progress
from choir.measurement.tally import tally_all
from choir.web.insights.overview import SERVICE
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
    links = b"".join(_streams(document))
    for slug in SERVICE:
        assert f"/w/acme/insights/{slug}/".encode() in document + links, slug


def _streams(document: bytes) -> list[bytes]:
    """The document's compressed streams, opened."""
    opened = []
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL):
        try:
            opened.append(zlib.decompress(packed))
        except zlib.error:
            continue
    return opened


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
