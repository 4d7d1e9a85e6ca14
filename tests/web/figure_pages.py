"""What a page of figures must hold to: every figure leads on to its rows, every table can be taken away."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

EMPTY = frozenset({"br", "hr", "img", "input", "link", "meta", "path", "polyline", "source", "use", "wbr"})
TAKEN = re.compile(r"\.(csv|json|parquet)(\?|$)")


@dataclass
class Line:
    """One row of a table: its numbers, and whether something in it leads on."""

    numbers: list[str] = field(default_factory=list)
    leads_on: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether it shows a number that opens nothing."""
        return not self.leads_on and any(re.search(r"[1-9]", one) for one in self.numbers)


class FigurePage(HTMLParser):
    """A page's figures that open nothing (`bare`), its large ones (`figures`), its tables, and what they export to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._open: list[tuple[str, str]] = []
        self._line: Line | None = None
        self.bare: list[str] = []
        self.tables_count = self.taken_count = 0
        self.figures: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep where we are; a link in a row leads on."""
        if tag in EMPTY:
            return
        told = {name: value or "" for name, value in attrs}
        self._open.append((tag, told.get("class", "")))
        if tag == "a":
            self.taken_count += bool(TAKEN.search(told.get("href", "")))
            if "tile" in told.get("class", "").split():
                self.figures.append(told.get("href", ""))
            if self._line is not None:
                self._line.leads_on = True
        elif tag == "tr":
            self._line = Line()
        self.tables_count += tag == "table"

    def handle_endtag(self, tag: str) -> None:
        """A row that ended without a way on is remembered by its numbers."""
        while self._open and self._open.pop()[0] != tag:
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
        if self._line is not None and any(tag == "td" and "is-number" in names for tag, names in self._open):
            self._line.numbers.append(said)
        is_figure = any("tile__figure" in names for _, names in self._open)
        if is_figure and not any(tag == "a" for tag, _ in self._open) and re.search(r"[1-9]", said):
            self.bare.append(said)
