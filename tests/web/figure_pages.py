"""What a page of figures must hold to: every figure leads on to its rows, every table can be taken away."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.test import Client

EMPTY = frozenset({"br", "hr", "img", "input", "link", "meta", "path", "polyline", "source", "use", "wbr"})
TAKEN = re.compile(r"\.(csv|json|parquet)(\?|$)")

FORMS = re.compile(r"/(settings|imports|rules|audit)/|/committee/(motions|meetings)")
"""Pages whose tables are forms, or documents of their own."""


@dataclass
class Line:
    """One row of a table: its numbers, and whether something in it leads on."""

    numbers: list[str] = field(default_factory=list)
    leads_on: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether it shows a number that opens nothing."""
        return not self.leads_on and any(re.search(r"[1-9]", one) for one in self.numbers)


@dataclass
class Element:
    """An open element, and whether something in it can be taken away."""

    tag: str
    names: list[str]
    is_taken: bool = False

    @property
    def holds_a_table(self) -> bool:
        """Whether what is offered in it is of its table."""
        return self.tag in ("section", "details") or "card" in self.names or "stack" in self.names


class FigurePage(HTMLParser):
    """A page's figures that open nothing (`bare`), its large ones (`figures`, and `tiles` that open nothing), its
    tables, what they export to, and those that nothing near them takes away (`left`)."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._open: list[Element] = []
        self._tables: list[tuple[str, list[Element]]] = []
        self._names: set[str] = set()
        self.tiles: list[str] = []
        self._line: Line | None = None
        self.bare: list[str] = []
        self.tables_count = self.taken_count = 0
        self.figures: list[str] = []
        self.feed(page)

    @property
    def left(self) -> list[str]:
        """Tables that cannot be taken away, by their name or number."""
        return [
            name or f"table {number}"
            for number, (name, around) in enumerate(self._tables, start=1)
            if name not in self._names and not any(one.is_taken for one in around if one.holds_a_table)
        ]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep where we are; a link in a row leads on."""
        if tag in EMPTY:
            return
        told = {name: value or "" for name, value in attrs}
        self._open.append(Element(tag, told.get("class", "").split()))
        if tag == "a":
            self._taken(told.get("href", ""))
            if "tile" in told.get("class", "").split():
                self.figures.append(told.get("href", ""))
            if self._line is not None:
                self._line.leads_on = True
        elif tag == "tr":
            self._line = Line()
        elif tag == "table":
            self.tables_count += 1
            self._tables.append((told.get("data-table", ""), list(self._open)))

    def _taken(self, url: str) -> None:
        if not TAKEN.search(url):
            return
        self.taken_count += 1
        self._names.update(re.findall(r"[?&]take=(.+)\.\w+$", url))
        for one in self._open:
            one.is_taken = True

    def handle_endtag(self, tag: str) -> None:
        """A row that ended without a way on is remembered by its numbers."""
        if tag in EMPTY:
            return
        while self._open and self._open.pop().tag != tag:
            pass
        if tag == "tr" and self._line is not None:
            if self._line.is_bare:
                self.bare.append(" | ".join(self._line.numbers))
            self._line = None

    def handle_data(self, data: str) -> None:
        """A number of a row; a large figure that is no link."""
        said = data.strip()
        if not said:
            return
        if self._line is not None and any(one.tag == "td" and "is-number" in one.names for one in self._open):
            self._line.numbers.append(said)
        is_figure = any("tile__figure" in one.names for one in self._open)
        if is_figure and not any(one.tag == "a" for one in self._open) and re.search(r"[1-9]", said):
            self.bare.append(said)
            self.tiles.append(said)


def looked_at(client: Client, urls: Iterable[str]) -> dict[str, FigurePage]:
    """Those of the addresses that are pages with figures or tables, each as it is."""
    found = {}
    for url in urls:
        answer = client.get(url) if not FORMS.search(url) else None
        if answer is not None and answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            found[url] = FigurePage(answer.content.decode())
    return found


LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*/insights/[a-z_]+/(?:\?[^"]*)?)"[^>]*>(.*?)</a>', re.DOTALL)
TILE = re.compile(r'tile__figure">(.*?)</span>', re.DOTALL)
NARROWED = re.compile(r'<section class="card card--flush" id="rows">.*?<span class="number">(.*?)</span>', re.DOTALL)


def disagreeing(client: Client, url: str, *, at_most: int = 12) -> list[str]:
    """Of the figures of a page that lead to a metric, those that say another number than what they open."""
    found: list[str] = []
    seen: set[tuple[str, str]] = set()
    for href, words in LINK.findall(client.get(url).content.decode()):
        said = _plain(words)
        if not re.search(r"\d", said) or (href, said) in seen or len(seen) >= at_most:
            continue
        seen.add((href, said))
        opened = client.get(html.unescape(href)).content.decode()
        told = [_plain(one) for kind in (TILE, NARROWED) if (match := kind.search(opened)) for one in match.groups()]
        numbers = {number for one in told for number in NUMBER.findall(one)}
        note = re.search(r"tile__figure.*?</a>|tile__figure.*?</div>\s*</", opened, re.DOTALL)
        numbers |= set(NUMBER.findall(_plain(note[0]))) if note else set()
        if not numbers & set(NUMBER.findall(said)):
            found.append(f"{url}: “{said}” opens {href}, which says {told}")
    return found


NUMBER = re.compile(r"\d[\d.]*")


def _plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).replace(",", "").split())
