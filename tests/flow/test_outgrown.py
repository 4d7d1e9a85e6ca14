"""PostgreSQL is had to look at tables that have outgrown what it knows of them."""

from __future__ import annotations

import pytest
from django.db import connection

from choir.flow import outgrown

pytestmark = pytest.mark.django_db


def grow(rows: int) -> None:
    """Give a table so many rows of some hundred bytes; it is new the first time."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS growing (said text)")
        cursor.execute(
            "INSERT INTO growing SELECT repeat(n::text, 100) FROM generate_series(1000, 999 + %s) AS n", [rows]
        )


def known_rows() -> int:
    """How many rows PostgreSQL thinks the table has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::int FROM pg_class WHERE relname = 'growing'")
        (rows,) = cursor.fetchone() or (None,)
    return int(rows or 0)


def test_a_table_is_looked_at_once_it_has_outgrown_what_is_known_of_it() -> None:
    grow(100)
    assert "growing" not in outgrown.look()
    grow(900)
    assert "growing" in outgrown.look()
    assert known_rows() == 1_000
    grow(1_000)
    assert "growing" not in outgrown.look()


def test_tables_are_looked_at_when_many_rows_were_moved() -> None:
    grow(1_000)
    outgrown.moved(outgrown.ROWS_BETWEEN)
    assert known_rows() == 1_000
