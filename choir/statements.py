"""Statements that PostgreSQL keeps with their plans, once for each connection.

Django's own cursor writes values into a statement before it is sent, so that PostgreSQL reads and plans it anew each
time; for small batches that takes as long as doing it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Self, cast

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.adapt import AdaptersMap
from psycopg.types.datetime import TimestamptzLoader

MOST_KEPT = 400  # statements a connection; the driver's own bound is less than the flow alone asks


@functools.cache
def _adapters() -> AdaptersMap:
    """How values are read: as on Django's connections, but times by the driver itself. Django puts each of them into
    UTC once more, in Python, where they are already."""
    made = AdaptersMap(cast(Any, connection).connection.adapters)
    made.register_loader("timestamptz", TimestamptzLoader)
    return made


class PreparingCursor(psycopg.Cursor[Any]):
    """Has PostgreSQL keep a statement with its plan, once for each connection."""

    @property
    def adapters(self) -> AdaptersMap:
        """The same for every such cursor."""
        return _adapters()

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """As any cursor does; the first time it prepares the statement."""
        self.connection.prepare_threshold = 0
        self.connection.prepared_max = MOST_KEPT
        try:
            return super().execute(query, params, prepare=True, **options)
        finally:
            self.connection.prepare_threshold = None  # other statements hold their values and come only once


def preparing() -> CursorWrapper:
    """A cursor as Django's connection gives it, but a preparing one."""
    here = cast(Any, connection)  # the stubs know no cursor but Django's own
    here.close_if_health_check_failed()
    here.ensure_connection()
    with here.wrap_database_errors:
        return cast(CursorWrapper, here._prepare_cursor(PreparingCursor(here.connection)))


def told(statement: str, values: Sequence[Any] = ()) -> int:
    """Have a kept statement done; how many rows it touched."""
    with preparing() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def asked(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The answer to a kept statement."""
    with preparing() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
