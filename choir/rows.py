"""Writing many rows, new or known, in one quick statement.

Django's `bulk_update` writes a CASE per field with an arm per row; PostgreSQL needs longer to read that than to do it.
Arrays are read as fast as they come.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections, models, router


def write_back(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Save `fields` of rows of one model that exist already: one UPDATE, whatever their number. Like `bulk_update`
    it calls no `save()`. Each row must be there once."""
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    known = {field.name: field for field in model._meta.concrete_fields}
    columns = [model._meta.pk, *(known[name] for name in fields)]
    quote = connection.ops.quote_name
    names = [quote(str(column.column)) for column in columns]
    arrays = [
        [column.get_db_prep_save(getattr(row, str(column.attname)), connection) for row in rows] for column in columns
    ]
    types = [column.rel_db_type(connection) if column.is_relation else column.db_type(connection) for column in columns]
    statement = (
        f"UPDATE {quote(model._meta.db_table)} AS kept SET "  # noqa: S608 -- only names of our own columns
        + ", ".join(f"{name} = changed.{name}" for name in names[1:])
        + " FROM unnest("
        + ", ".join(f"%s::{kind}[]" for kind in types)
        + f") AS changed({', '.join(names)}) WHERE kept.{names[0]} = changed.{names[0]}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, arrays)


def insert(rows: Sequence[models.Model], *, skips_known: bool = False) -> None:
    """Insert new rows of one model in one INSERT; with `skips_known`, rows that break a unique constraint are left out.
    Like `bulk_create` it calls no `save()`; keys must be set, which ours are."""
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    columns = [field for field in model._meta.concrete_fields if not field.generated]
    quote = connection.ops.quote_name
    arrays = [[column.get_db_prep_save(column.pre_save(row, True), connection) for row in rows] for column in columns]
    types = [column.rel_db_type(connection) if column.is_relation else column.db_type(connection) for column in columns]
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ("  # noqa: S608 -- only names of our own columns
        + ", ".join(quote(str(column.column)) for column in columns)
        + ") SELECT * FROM unnest("
        + ", ".join(f"%s::{kind}[]" for kind in types)
        + (") ON CONFLICT DO NOTHING" if skips_known else ")")
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, arrays)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
