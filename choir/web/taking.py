"""Taking a table of a page away: its rows as CSV, JSON or Parquet, read from the page itself, so that the file can say
nothing else than the page, to nobody else.

A table that may be taken has a name (`<table data-table="departments">`); the tag `taken` offers the files, and any
page answers `?take=departments.csv` (`answers`). A cell is its text, a row's heading always text; where the page says
it in a person's way and a program needs it exactly, `<data value="…">` is what is written instead of the cell, and
`<time datetime="…">` instead of its own words; two times are a stretch (`2026-03-02/2026-03-06`). A range has its ends
as columns of their own, from `<data value="…" data-low="…" data-high="…">`.
What a row leads to is its address.

A list that goes on over pages is taken whole: the page after it is asked for as its pager says (`rel="next"`), and so
on, while the file is on its way. A view that shows only the newest of its rows shows all of them to a file (`at_most`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import resolve
from django.utils import timezone, translation
from django.utils.text import slugify

from choir.web.files import FORMATS, as_file, as_whole_file

ASKED = "take"
FOLLOWED = "follow"  # set on a request for the next page of a list that is being taken
AT_ONCE = 500  # rows of a list that goes on, read with each page of it
PLACES = frozenset({"after", "before", "older", "newer"})  # in an address: where in a list it begins
VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})
UNSAID = frozenset({"form", "button", "svg", "script", "select", "template"})  # no words of a cell
NUMBER = re.compile(r"-?(0|[1-9]\d{0,14}|[1-9]\d{0,2}(,\d{3}){1,4})(\.\d+)?")
"""What is counted or measured. “007” is a name, and sixteen figures in a row are one, too."""
ADDRESS = "address"
TIMES = frozenset({"time", "time-ago"})
STRETCH = re.compile(r"(\d{4}-\d\d\S*) – (\d{4}-\d\d\S*)")


@dataclass
class _Cell:
    words: list[str] = field(default_factory=list)
    exact: str | None = None
    ends: tuple[str, str] | None = None  # of a range
    is_note: bool = False  # stands for all columns, such as “nothing yet”
    is_name: bool = False  # heads its row, and not with a number

    @property
    def value(self) -> str | float | int | None:
        return self.read(self.exact if self.exact is not None else " ".join(" ".join(self.words).split()))

    def read(self, said: str) -> str | float | int | None:
        """What a text of the cell is in a file."""
        if NUMBER.fullmatch(said) and not self.is_name:
            plain = said.replace(",", "")
            return float(plain) if "." in plain else int(plain)
        return None if said in ("", "–") else STRETCH.sub(r"\1/\2", said)


class _Table(HTMLParser):
    """The headings and rows of the one table with a name, and the page that its list goes on on."""

    def __init__(self, page: str, name: str) -> None:
        super().__init__()
        self.name, self.is_found = name, False
        self.headings: list[str] = []
        self.rows: list[tuple[list[_Cell], str]] = []
        self._open: list[tuple[str, bool]] = []  # elements inside it, and whether their words count
        self._cell: _Cell | None = None
        self._cells: list[_Cell] = []
        self._address = ""
        self.next = ""
        self.feed(page)

    @cached_property
    def ranges(self) -> set[int]:
        """Columns, by their place, of which some cell is a range: a file has its ends as columns of their own."""
        return {place for cells, _ in self.rows for place, cell in enumerate(cells) if cell.ends is not None}

    @property
    def _is_heading(self) -> bool:
        """Among the headings, where what is only read out names columns of buttons and bars."""
        return any(tag == "thead" for tag, _ in self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "table" and told.get("data-table") == self.name:
            self._open, self.is_found = [(tag, True)], True
            return
        if not self._open and self.is_found and tag == "a" and told.get("rel") == "next":
            self.next = told.get("href", "")
        if not self._open or tag in VOID:
            return
        is_said = tag not in UNSAID and told.get("aria-hidden") != "true"
        is_said = is_said and not (self._is_heading and "visually-hidden" in told.get("class", ""))
        is_told = tag in TIMES and bool(told.get("datetime"))
        if is_told and is_said and self._open[-1][1] and self._cell is not None:
            self._cell.words.append(told["datetime"])
        self._open.append((tag, is_said and not is_told and self._open[-1][1]))
        if tag == "tr":
            self._cells, self._address = [], ""
        elif tag in ("td", "th"):
            self._cell = _Cell(
                is_note="colspan" in told, is_name=tag == "th" and "is-number" not in told.get("class", "").split()
            )
        elif self._cell is not None:
            if tag == "data":
                self._cell.exact = told.get("value")
                if "data-low" in told:
                    self._cell.ends = told["data-low"], told.get("data-high", "")
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


def taken(request: HttpRequest, page: HttpResponse) -> HttpResponseBase:
    """The file that the address asks for, of a table of the page that it would have been answered with. Raises Http404
    where there is no such table or file."""
    name, _, form = request.GET[ASKED].rpartition(".")
    if form not in FORMATS:
        raise Http404(f"There is no {form} file; there are {', '.join(FORMATS)}.")
    table = _Table(page.content.decode(), name) if name else None
    if table is None or not table.is_found:
        raise Http404("There is no such table on this page.")
    about = {"page": request.build_absolute_uri(files_of(request)[0])}
    if not table.next:
        return as_whole_file(_rows(request, table, table), form, name=name, about=about)
    return as_file(request, _following(request, table), form, name=name, about=about, typed_by=None)


def _rows(request: HttpRequest, table: _Table, first: _Table) -> Iterator[dict[str, Any]]:
    """Its rows, with the columns of the `first` page."""
    names = _names(first.headings)
    has_addresses = any(address for _, address in first.rows)
    for cells, address in table.rows:
        row: dict[str, Any] = {}
        for place, (one, cell) in enumerate(zip(names, cells, strict=False)):
            if one:
                row[one] = cell.value
            if one and place in first.ranges:
                low, high = cell.ends or ("", "")
                row |= {f"{one}_low": cell.read(low), f"{one}_high": cell.read(high)}
        whole = request.build_absolute_uri(address) if address else None
        yield row | ({ADDRESS: whole} if has_addresses else {})


def _following(request: HttpRequest, first: _Table) -> Iterator[dict[str, Any]]:
    """The rows of this page and of all that follow, each made as the first was: by its view, for the same person, in
    their language and time zone, which the request that has been answered no longer sees to."""
    language, zone = translation.get_language(), timezone.get_current_timezone()
    yield from _rows(request, first, first)
    table = first
    while table.next:
        with translation.override(language), timezone.override(zone):
            table = _Table(_page(request, table.next).content.decode(), first.name)
        yield from _rows(request, table, first)


def _page(request: HttpRequest, url: str) -> HttpResponse:
    path, _, query = urljoin(request.path, url).partition("?")
    asked = copy(request)
    asked.path = asked.path_info = path
    asked.META = {**request.META, "PATH_INFO": path, "QUERY_STRING": query}
    values = QueryDict(query, mutable=True)
    values[ASKED] = request.GET[ASKED]
    setattr(asked, "GET", values)  # noqa: B010 -- a request's own is made once and cannot be assigned to
    setattr(asked, FOLLOWED, True)
    view, places, named = resolve(path)
    page: HttpResponse = view(asked, *places, **named)
    return page


def is_asked(request: HttpRequest) -> bool:
    """Whether a file is wanted and not the page, nor the next page of a list that is on its way into one."""
    return ASKED in request.GET and not getattr(request, FOLLOWED, False)


def at_most(request: HttpRequest, shown: int) -> int | None:
    """How many rows of a list that the page ends after `shown` of: all of them for a file."""
    return None if ASKED in request.GET else shown


def at_once(request: HttpRequest, shown: int) -> int:
    """How many rows of a list that goes on over pages of `shown` rows: more at once for a file."""
    return AT_ONCE if ASKED in request.GET else shown


def _names(headings: list[str]) -> list[str]:
    """What columns are called in a file: each once; none for a column without a heading."""
    found: list[str] = []
    for heading in headings:
        name = slugify(heading, allow_unicode=True).replace("-", "_")
        number = sum(one == name or one.startswith(f"{name}_") for one in found) if name else 0
        found.append(f"{name}_{number + 1}" if number and name in found else name)
    return found


def files_of(request: HttpRequest, name: str = "") -> tuple[str, list[tuple[str, str]]]:
    """This page, as it was asked for, and its table as each kind of file, with their addresses; a list from its
    beginning."""
    left_out = {ASKED, *PLACES}
    kept = [(key, value) for key, values in request.GET.lists() for value in values if key not in left_out]
    here = f"{request.path}?{urlencode(kept)}" if kept else request.path
    return here, [(form.upper(), f"{request.path}?{urlencode([*kept, (ASKED, f'{name}.{form}')])}") for form in FORMATS]
