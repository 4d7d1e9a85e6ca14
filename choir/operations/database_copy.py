"""The database's rows out and in, table by table, by PostgreSQL's own COPY: no tool of PostgreSQL's is needed.

The tables themselves are made by Choir's migrations, up to the one that the rows were written under; so rows move
between versions of PostgreSQL, and a newer Choir brings an older backup up to date afterwards. Rows travel as COPY's
text, gzipped, in parts of bounded size: neither a large table nor a long one needs memory or room on the disk.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection, transaction
from django.db.migrations.exceptions import NodeNotFoundError
from django.db.migrations.executor import MigrationExecutor
from psycopg.sql import SQL, Identifier

from choir.operations.tables import make_tables

PART_BYTES = 16 * 1024 * 1024
"""How much of a table's text goes into one part, before it is compressed."""

JOBS = "procrastinate"
"""The app whose tables are left to `choir migrate` after a restore: they hold no rows worth keeping, and its migrations
cannot all run in one transaction."""

LEFT_OUT = ("django_migrations", "cache", f"{JOBS}_")
"""Written anew by migrations and the tick: a job carries nothing, so losing one loses nothing."""

TABLES = """
    SELECT table_class.relname, array_agg(attribute.attname ORDER BY attribute.attnum)
    FROM pg_class AS table_class
    JOIN pg_attribute AS attribute ON attribute.attrelid = table_class.oid
    WHERE table_class.relnamespace = 'public'::regnamespace AND table_class.relkind = 'r'
      AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attgenerated = ''
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = table_class.oid AND deptype = 'e')
    GROUP BY table_class.relname ORDER BY table_class.relname
"""
COUNTERS = """
    SELECT counted.relname, attribute.attname, sequence.oid::regclass::text
    FROM pg_class AS sequence
    JOIN pg_depend ON pg_depend.objid = sequence.oid AND pg_depend.deptype IN ('a', 'i')
    JOIN pg_class AS counted ON counted.oid = pg_depend.refobjid
    JOIN pg_attribute AS attribute ON attribute.attrelid = counted.oid AND attribute.attnum = pg_depend.refobjsubid
    WHERE sequence.relkind = 'S' AND counted.relnamespace = 'public'::regnamespace
"""


class NotRestorable(Exception):
    """The rows do not fit this version of Choir; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the columns of it that are written; the database works out the others."""

    name: str
    columns: tuple[str, ...]

    def copying(self, direction: str) -> Any:
        """The COPY statement; `direction` is "TO STDOUT" or "FROM STDIN"."""
        columns = SQL(", ").join(Identifier(column) for column in self.columns)
        return SQL("COPY {} ({}) " + direction).format(Identifier(self.name), columns)


@contextmanager
def one_moment(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that sees the database as it is now for as long as the block runs, whatever others write."""
    with psycopg.connect(url) as reading:
        reading.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reading.read_only = True
        yield reading


def tables_of(reading: psycopg.Connection[Any]) -> list[Table]:
    """The tables whose rows are kept."""
    rows = reading.execute(TABLES).fetchall()
    return [Table(name, tuple(columns)) for name, columns in rows if not name.startswith(LEFT_OUT)]


def migrations_of(reading: psycopg.Connection[Any]) -> list[list[str]]:
    """The migrations the tables were made by: [app, name] each, in order; none in a database without tables."""
    if reading.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,):
        return []
    return [list(row) for row in reading.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()]


def parts_of(table: Table, reading: psycopg.Connection[Any]) -> Iterator[bytes]:
    """A table's rows as gzipped parts of COPY's text; none when it is empty."""
    part, filled = io.BytesIO(), 0
    packed = gzip.GzipFile(fileobj=part, mode="wb", compresslevel=1, mtime=0)
    with reading.cursor() as cursor, cursor.copy(table.copying("TO STDOUT")) as rows:
        for block in rows:
            packed.write(block)
            filled += len(block)
            if filled >= PART_BYTES:
                packed.close()
                yield part.getvalue()
                part, filled = io.BytesIO(), 0
                packed = gzip.GzipFile(fileobj=part, mode="wb", compresslevel=1, mtime=0)
    packed.close()
    if filled:
        yield part.getvalue()


@contextmanager
def emptied(migrations: Iterable[list[str]]) -> Iterator[None]:
    """The database as those migrations make it, without a row, in a transaction that ends with the block: when it
    fails, everything is as it was. Constraints between tables are checked at the end. Raises NotRestorable."""
    targets = [(app, name) for app, name in migrations if app != JOBS]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("DROP OWNED BY CURRENT_USER CASCADE")
            cursor.execute("CREATE SCHEMA IF NOT EXISTS public")
        executor = MigrationExecutor(connection)
        known = {one for one in executor.loader.disk_migrations if one[0] != JOBS}
        unknown = [target for target in targets if target not in known]
        if unknown:
            app, name = unknown[0]
            raise NotRestorable(f"it was made by a newer Choir, which has {app}.{name}; update Choir first")
        try:
            if known == set(targets):
                make_tables(but=[JOBS])
            else:
                executor.migrate(targets)
        except NodeNotFoundError as error:
            raise NotRestorable(f"its tables cannot be made by this version of Choir ({error})") from error
        with connection.cursor() as cursor:
            for table in tables_of(cursor.connection):
                cursor.execute(SQL("TRUNCATE {} CASCADE").format(Identifier(table.name)).as_string())
        yield
        _set_counters()


def check_tables(tables: Mapping[str, list[str]]) -> None:
    """Within `emptied`: refuse rows for which there is no place. Raises NotRestorable."""
    with connection.cursor() as cursor:
        present = {table.name: set(table.columns) for table in tables_of(cursor.connection)}
    for name, columns in tables.items():
        missing = set(columns) - present.get(name, set())
        if missing:
            column = f"{name}.{min(missing)}"
            raise NotRestorable(f"this Choir has no place for {column}; restore with the version that made it")


def fill(table: Table, parts: Iterable[bytes]) -> None:
    """Within `emptied`: the rows of all parts into the table."""
    with (
        connection.cursor() as cursor,
        cursor.connection.cursor() as raw,
        raw.copy(table.copying("FROM STDIN")) as rows,
    ):
        for part in parts:
            rows.write(gzip.decompress(part))


def _set_counters() -> None:
    """Numbers that the database counts go on after the highest there is."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTERS)
        for table, column, sequence in cursor.fetchall():
            statement = SQL("SELECT setval({}, coalesce(max({}), 0) + 1, false) FROM {}").format(
                sequence, Identifier(column), Identifier(table)
            )
            cursor.execute(statement.as_string())
