"""Files of any make: encodings, compression, damage, times, tables."""

from __future__ import annotations

import datetime as dt
import gzip
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from choir.channels.imports.formats import source
from choir.channels.imports.opening import WrongFileError, opened
from choir.channels.imports.said import ReadRow
from choir.channels.imports.times import Clockwork, UnreadableTimeError
from choir.legible import LONGEST_ID, fitted_id, legible

ROW = "id,text,at\n1,Größe 🚲,2024-05-03T10:00:00Z\n"


def written(folder: Path, content: bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def rows(path: Path, format: str = "csv") -> list[ReadRow]:
    return list(source(opened(path), format=format).rows())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("is_compressed", [False, True])
def test_unicode_of_any_make_is_read(tmp_path: Path, encoding: str, is_compressed: bool) -> None:
    content = ROW.encode(encoding)
    path = written(tmp_path, gzip.compress(content) if is_compressed else content)
    (row,) = rows(path)
    assert row.said is not None
    assert row.said.text == "Größe 🚲"


def test_western_european_bytes_are_read_and_it_is_said(tmp_path: Path) -> None:
    look = opened(written(tmp_path, "id,text,at\n1,Größe – schön,2024-05-03\n".encode("cp1252")))
    assert look.encoding == "cp1252"
    assert "not UTF-8" in look.remarks[0]
    (row,) = source(look, format="csv").rows()
    assert row.said is not None
    assert row.said.text == "Größe – schön"


def test_a_few_damaged_characters_do_not_turn_utf8_into_something_else(tmp_path: Path) -> None:
    content = ROW.encode() + "2,Größe schön über".encode() + b" \xff broken,2024-05-04\n"
    look = opened(written(tmp_path, content))
    assert look.encoding == "utf-8"
    assert "damaged" in look.remarks[0]
    _, damaged = source(look, format="csv").rows()
    assert damaged.said is not None
    assert legible(damaged.said.text) == "Größe schön über \ufffd broken"
    assert b"udcff" in damaged.payload()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04zip", "ZIP"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3\x00", "SQLite"),
        (bytes(range(256)) * 40, "not a text file"),
        (gzip.compress(ROW.encode() * 1000)[:-40], "damaged gzip"),
        (b"\n\n\n", "no header"),
        (b"<html><body>", "not clear which column"),
    ],
)
def test_what_is_no_table_is_refused_with_what_it_is(tmp_path: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(WrongFileError, match=complaint):
        rows(written(tmp_path, content))


def test_a_missing_file_and_a_wrong_format_are_said(tmp_path: Path) -> None:
    with pytest.raises(WrongFileError, match="no file"):
        opened(tmp_path / "nothing.csv")
    look = opened(written(tmp_path, ROW.encode()))
    with pytest.raises(WrongFileError, match="it has no column tweet_id"):
        source(look, format="twcs")
    with pytest.raises(WrongFileError, match="no format"):
        source(look, format="xml")
    with pytest.raises(WrongFileError, match="not JSON Lines"):
        source(look, format="jsonl")


def test_ragged_lines_and_line_breaks_inside_cells_keep_their_line_numbers(tmp_path: Path) -> None:
    content = 'id,text,at\n1,"two\nlines",2024-05-03\n\n2,short\n3,"a,b",2024-05-03,more\n4,fine,2024-05-03\n'
    read = rows(written(tmp_path, content.encode()))
    assert [(row.line, row.said is not None) for row in read] == [(2, True), (5, False), (6, False), (7, True)]
    assert "2 cells; the header has 3" in read[1].because
    assert "4 cells" in read[2].because


def test_a_body_of_a_megabyte_and_an_empty_one_are_rows(tmp_path: Path) -> None:
    read = rows(written(tmp_path, f"id,text,at\n1,{'x' * 1_000_000},2024-05-03\n2,,2024-05-03\n".encode()))
    assert [len(row.said.text) for row in read if row.said] == [1_000_000, 0]


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ("Tue Oct 31 22:10:47 +0000 2017", "2017-10-31T22:10:47+00:00"),
        ("Tue Oct 31 22:10:47 -0330 2017", "2017-11-01T01:40:47+00:00"),
        ("2020-04-01T17:31:32.000Z", "2020-04-01T17:31:32+00:00"),
        ("2020-04-01 17:31:32 UTC", "2020-04-01T17:31:32+00:00"),
        ("2020-04-01 17:31:32 +0200", "2020-04-01T15:31:32+00:00"),
        ("2020-07-01 17:31", "2020-07-01T15:31:00+00:00"),
        ("2020-07-01", "2020-06-30T22:00:00+00:00"),
        ("31.12.2020 23:59", "2020-12-31T22:59:00+00:00"),
        ("12/31/2020 23:59:59", "2020-12-31T22:59:59+00:00"),
        ("31/12/2020", "2020-12-30T23:00:00+00:00"),
        ("Wed, 01 Apr 2020 17:31:32 GMT", "2020-04-01T17:31:32+00:00"),
        ("1585762292", "2020-04-01T17:31:32+00:00"),
        ("1585762292000", "2020-04-01T17:31:32+00:00"),
    ],
)
def test_times_as_exports_write_them(stated: str, read: str) -> None:
    assert Clockwork(ZoneInfo("Europe/Berlin")).read(stated).isoformat() == read


@pytest.mark.parametrize(
    "stated", ["", "soon", "03/04/2026", "2020-13-01", "99999999999999", "31.02.2020", "Foo Oct 31"]
)
def test_times_that_cannot_be_read_are_refused(stated: str) -> None:
    with pytest.raises(UnreadableTimeError):
        Clockwork().read(stated)


def test_a_date_of_two_readings_is_read_as_said() -> None:
    assert Clockwork(day_first=True).read("03/04/2026") == dt.datetime(2026, 4, 3, tzinfo=dt.UTC)
    assert Clockwork(day_first=False).read("03/04/2026") == dt.datetime(2026, 3, 4, tzinfo=dt.UTC)


@given(st.text(st.characters(codec=None), max_size=400))
@settings(max_examples=300)
def test_any_text_becomes_fit_to_be_kept(text: str) -> None:
    assert "\x00" not in legible(text)
    legible(text).encode()
    assert len(legible(text)) == len(text)
    assert len(fitted_id(text)) <= LONGEST_ID
    assert fitted_id(text) == fitted_id(text)


@given(st.binary(max_size=600))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_rows_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name, format in (("a.csv", "csv"), ("a.jsonl", "jsonl")):
        path = written(folder, b"id,text,at\n" + content, name)
        with suppress(WrongFileError):
            for row in rows(path, format):
                assert row.said is not None or row.because
                row.key("0" * 64)
