"""Tables that have outgrown what PostgreSQL knows of them.

It plans by what it saw when it last looked at a table, and a connection keeps its plans until it looks again. It looks
by itself about once a minute. In a new installation's first minute thousands of messages are therefore moved with plans
made for empty tables, which read the whole of them for every batch. So whoever moves many rows has it look at tables
that have become several times as large.
"""

from __future__ import annotations

from django.db import connection, transaction

from choir.statements import asked

ROWS_BETWEEN = 500  # moved by this process, from one look to the next
SMALLEST_PAGES = 32  # any plan will do for smaller tables
TIMES = 8
SAMPLED = 20  # PostgreSQL's default_statistics_target for it: 6,000 rows at most, so that it takes milliseconds

OUTGROWN = """
SELECT quote_ident(relname) FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    AND pg_relation_size(oid) > current_setting('block_size')::bigint * greatest(%s, %s * relpages)
ORDER BY relname
"""


class _Since:
    """The last look of this process."""

    rows = 0


def moved(rows: int) -> None:
    """This process moved so many rows; every now and then its tables are looked at. Call outside transactions."""
    _Since.rows += rows
    if _Since.rows >= ROWS_BETWEEN:
        _Since.rows = 0
        look()


@transaction.atomic
def look() -> list[str]:
    """Have PostgreSQL look at the tables that have outgrown what it knows of them; which."""
    tables = [name for (name,) in asked(OUTGROWN, [SMALLEST_PAGES, TIMES])]
    if tables:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL default_statistics_target = {SAMPLED}")
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {', '.join(tables)}")
    return tables
