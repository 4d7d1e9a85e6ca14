"""Taking a table of a page away: its rows as CSV, JSON or Parquet, read from the page itself, so that the file can say
nothing else than the page, to nobody else.

A table that may be taken has a name (`<table data-table="departments">`); the tag `taken` offers the files, and any
page answers `?take=departments.csv` (`answers`). A cell is its text; where the page says it in a person's way and a
program needs it exactly, `<data value="…">` and `<time datetime="…">` are what is written. What a row leads to is its
address. Lists that go on over pages have exports of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify

from choir.web.files import FORMATS, as_whole_file

ASKED = "take"
VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})
UNSAID = frozenset({"form", "button", "svg", "script", "select", "template"})  # no words of a cell
NUMBER = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
ADDRESS = "address"


@dataclass
class _Cell:
    words: list[str] = field(default_factory=list)
    exact: str | None = None
    is_note: bool = False  # stands for all columns, such as “nothing yet”

    @property
    def value(self) -> str | float | int | None:
        said = self.exact if self.exact is not None else " ".join(" ".join(self.words).split())
        if NUMBER.fullmatch(said):
            plain = said.replace(",", "")
            return float(plain) if "." in plain else int(plain)
        return None if said in ("", "–") else said


class _Table(HTMLParser):
    """The headings and rows of the one table with a name."""

    def __init__(self, page: str, name: str) -> None:
        super().__init__()
        self.name, self.is_found = name, False
        self.headings: list[str] = []
        self.rows: list[tuple[list[_Cell], str]] = []
        self._open: list[tuple[str, bool]] = []  # elements inside it, and whether their words count
        self._cell: _Cell | None = None
        self._cells: list[_Cell] = []
        self._address = ""
        self.feed(page)

    @property
    def _is_heading(self) -> bool:
        """Among the headings, where what is only read out names columns of buttons and bars."""
        return any(tag == "thead" for tag, _ in self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "table" and told.get("data-table") == self.name:
            self._open, self.is_found = [(tag, True)], True
            return
        if not self._open or tag in VOID:
            return
        is_said = tag not in UNSAID and told.get("aria-hidden") != "true"
        is_said = is_said and not (self._is_heading and "visually-hidden" in told.get("class", ""))
        self._open.append((tag, is_said and self._open[-1][1]))
        if tag == "tr":
            self._cells, self._address = [], ""
        elif tag in ("td", "th"):
            self._cell = _Cell(is_note="colspan" in told)
        elif self._cell is not None:
            if tag == "data" or (tag == "time" and self._cell.exact is None):
                self._cell.exact = told.get("value") or told.get("datetime")
            elif tag == "a" and not self._address:
                self._address = told.get("href", "")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag in ("td", "th") and self._cell is not None:
            self._cells.append(self._cell)
            self._cell = None
        elif tag == "tr" and self._open:
            if self._open[-1][0] == "thead":
                self.headings = [str(one.value or "") for one in self._cells]
            elif not any(one.is_note for one in self._cells):
                self.rows.append((self._cells, self._address))
            self._cells = []

    def handle_data(self, data: str) -> None:
        if self._cell is not None and self._open and self._open[-1][1]:
            self._cell.words.append(data)


def taken(request: HttpRequest, page: HttpResponse) -> HttpResponse:
    """The file that the address asks for, of a table of the page that it would have been answered with. Raises Http404
    where there is no such table or file."""
    name, _, form = request.GET[ASKED].rpartition(".")
    if form not in FORMATS:
        raise Http404(f"There is no {form} file; there are {', '.join(FORMATS)}.")
    table = _Table(page.content.decode(), name) if name else None
    if table is None or not table.is_found:
        raise Http404("There is no such table on this page.")
    names = _names(table.headings)
    has_addresses = any(address for _, address in table.rows)
    rows = (
        {one: cell.value for one, cell in zip(names, cells, strict=False) if one}
        | ({ADDRESS: request.build_absolute_uri(address) if address else None} if has_addresses else {})
        for cells, address in table.rows
    )
    return as_whole_file(rows, form, name=name, about={"page": request.build_absolute_uri(files_of(request)[0])})


def _names(headings: list[str]) -> list[str]:
    """What columns are called in a file: each once; none for a column without a heading."""
    found: list[str] = []
    for heading in headings:
        name = slugify(heading, allow_unicode=True).replace("-", "_")
        number = sum(one == name or one.startswith(f"{name}_") for one in found) if name else 0
        found.append(f"{name}_{number + 1}" if number and name in found else name)
    return found


def files_of(request: HttpRequest, name: str = "") -> tuple[str, list[tuple[str, str]]]:
    """This page, as it was asked for, and its table as each kind of file, with their addresses."""
    kept = [(key, value) for key, values in request.GET.lists() for value in values if key != ASKED]
    here = f"{request.path}?{urlencode(kept)}" if kept else request.path
    return here, [(form.upper(), f"{request.path}?{urlencode([*kept, (ASKED, f'{name}.{form}')])}") for form in FORMATS]
