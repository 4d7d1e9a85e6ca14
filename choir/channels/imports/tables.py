"""Delimited text: its delimiter, its header, its records with the line each begins on."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from choir.channels.imports.opening import Opened, WrongFileError

DELIMITERS = ",;\t|"
LONGEST_CELL = 64 * 1024 * 1024
MOST_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a table: the line it begins on, its cells by column, or why it fits no header."""

    line: int
    cells: dict[str, str]
    because: str = ""


class Table:
    """A table in a file. Raises WrongFileError when there is no header."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        csv.field_size_limit(LONGEST_CELL)
        with opened.text() as file:
            first = next((line for line in file if line.strip()), "")
        self._delimiter = max(DELIMITERS, key=first.count)
        self.columns = self._header(next(csv.reader([first], delimiter=self._delimiter), []))

    def _header(self, cells: Sequence[str]) -> list[str]:
        names = [cell.strip().lstrip("\ufeff") for cell in cells]
        name = self._opened.path.name
        if not any(names) or len(names) > MOST_COLUMNS:
            raise WrongFileError(f"{name} has no header line. Its first line must name the columns.")
        twice = sorted({one for one in names if one and names.count(one) > 1})
        if twice:
            raise WrongFileError(f"{name} has the column “{twice[0]}” twice. Rename one of them.")
        return [one or f"column {number}" for number, one in enumerate(names, 1)]

    def records(self) -> Iterator[Record]:
        """Every record after the header, oldest line first; blank lines are none."""
        with self._opened.text() as file:
            reader = csv.reader(file, delimiter=self._delimiter)
            line, seen_header = 1, False
            while True:
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield Record(line, {}, f"The line is no CSV: {error}.")
                    line = reader.line_num + 1
                    continue
                if cells and any(cells):
                    if seen_header:
                        yield self._record(line, cells)
                    seen_header = True
                line = reader.line_num + 1

    def _record(self, line: int, cells: list[str]) -> Record:
        if len(cells) == len(self.columns):
            return Record(line, dict(zip(self.columns, cells, strict=True)))
        named = dict(zip([*self.columns, *(f"extra {n}" for n in range(1, len(cells) + 1))], cells, strict=False))
        because = f"It has {len(cells)} cells; the header has {len(self.columns)}."
        return Record(line, named, because)
