"""What a table of a page is in a file: numbers are numbers, names stay as they are, what a program needs is exact."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from choir.web.taking import taken

TABLE = """<table data-table="things"><thead><tr><th>Thing</th><th>Of</th><th>Of</th><th aria-label="Actions"></th></tr>
</thead><tbody>{rows}</tbody></table><table data-table="others"><tbody><tr><td>no</td></tr></tbody></table>"""


def _rows(*rows: str, name: str = "things.json") -> list[dict[str, Any]]:
    page = TABLE.format(rows="".join(f"<tr>{one}</tr>" for one in rows))
    request = RequestFactory().get("/things/", {"take": name, "period": "28"})
    answer = taken(request, HttpResponse(page))
    assert isinstance(answer, HttpResponse)
    return list(json.loads(answer.content)["rows"])


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12),
        ("1,234", 1234),
        ("-0.5", -0.5),
        ("0", 0),
        ("007", "007"),
        ("1234567890123456", "1234567890123456"),
        ("1,23", "1,23"),
        ("12 %", "12 %"),
        ("–", None),
        ("", None),
        ("<data value='0.783'>78 %</data>", 0.783),
        ("<time datetime='2026-03-03T10:00:00+00:00'>3 March</time>", "2026-03-03T10:00:00+00:00"),
        ("<time-ago datetime='2026-03-03T10:00:00+00:00'>3d ago</time-ago>", "2026-03-03T10:00:00+00:00"),
        ("<time datetime='2026-03-02'>2</time> – <time datetime='2026-03-06'>6 Mar</time>", "2026-03-02/2026-03-06"),
        ("<time datetime='2026-03-02'>2 Mar</time> – today", "2026-03-02 – today"),
        ("Ana <time datetime='2026-03-02'>2 Mar</time>", "Ana 2026-03-02"),
        ("a<br>b", "a b"),
        ("a <svg><title>x</title></svg><span aria-hidden='true'>y</span><button>Go</button>", "a"),
        ("<b>ẞ</b> &amp; 🙂", "ẞ & 🙂"),
    ],
)
def test_a_cell_is_what_it_says(cell: str, value: object) -> None:
    assert _rows(f"<td>{cell}</td><td>1</td><td>2</td><td></td>") == [{"thing": value, "of": 1, "of_2": 2}]


def test_what_a_row_leads_to_is_its_address_and_a_note_is_no_row() -> None:
    rows = _rows("<td><a href='/w/a/b/'>a</a></td><td>1</td><td>2</td><td></td>", "<td colspan='4'>Nothing yet</td>")
    assert rows == [{"thing": "a", "of": 1, "of_2": 2, "address": "http://testserver/w/a/b/"}]


def test_a_range_has_its_ends_as_columns_of_their_own() -> None:
    found = _rows(
        "<td>a</td><td><data value='2.5' data-low='-1' data-high='4'>2.5</data></td><td>1</td><td></td>",
        "<td>b</td><td>–</td><td>2</td><td></td>",
    )
    assert found == [
        {"thing": "a", "of": 2.5, "of_low": -1, "of_high": 4, "of_2": 1},
        {"thing": "b", "of": None, "of_low": None, "of_high": None, "of_2": 2},
    ]


@pytest.mark.parametrize("name", ["things.exe", "things", "else.json", ".json"])
def test_what_is_not_there_is_said_to_be_missing(name: str) -> None:
    with pytest.raises(Http404):
        _rows("<td>a</td>", name=name)
