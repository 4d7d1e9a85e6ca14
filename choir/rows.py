"""Making and writing many rows, new or known, in one quick statement.

Django's `bulk_update` writes a CASE per field with an arm per row, its `bulk_create` a placeholder per value;
PostgreSQL and the driver need longer to read that than to do it. Arrays are read as fast as they come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState

from choir.columns import Column, column_of
from choir.statements import told

Row = TypeVar("Row", bound=models.Model)


def made(model: type[Row], **values: Any) -> Row:
    """A new row like `model(**values)`, at a tenth of the effort: values are taken as they are, by the name of a column
    (`workspace_id`) or of a relation (`workspace`). Raises TypeError for a name that the model does not have."""
    row = model.__new__(model)
    state = row._state = ModelState()
    constant, computed, relations = _blank(model)
    kept = row.__dict__
    kept.update(constant)
    for name, value in values.items():
        if name in relations:
            state.fields_cache[name] = value
            kept[relations[name]] = None if value is None else value.pk
        elif name in constant or name in computed:
            kept[name] = value
        else:
            raise TypeError(f"{model.__name__} has no column {name!r}.")
    for name, default in computed.items():
        if name not in kept:
            kept[name] = default()
    return row


Blank = tuple[Mapping[str, Any], Mapping[str, Callable[[], Any]], Mapping[str, str]]


@cache
def _blank(model: type[models.Model]) -> Blank:
    """What a new row of a model has before anything is said of it: fixed values, values made for each row, and its
    relations with their columns."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    computed = {one.attname: one.get_default for one in fields if one.has_default() and callable(one.default)}
    constant = {one.attname: one.get_default() for one in fields if one.attname not in computed}
    relations = {one.name: one.attname for one in fields if one.is_relation and one.name != one.attname}
    return constant, computed, relations


def write_back(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Save `fields` of rows of one model that exist already: one UPDATE, whatever their number. Like `bulk_update`
    it calls no `save()`. Each row must be there once."""
    if rows:
        statement, columns = _update(type(rows[0]), tuple(fields))
        told(statement, [one.array(rows) for one in columns])


def insert(
    rows: Sequence[models.Model],
    *,
    skips_known: bool = False,
    replaces: Sequence[str] = (),
    fields: Sequence[str] = (),
) -> int:
    """Insert new rows of one model in one INSERT; how many were written. With `skips_known`, rows that break a unique
    constraint are left out; with `replaces`, a row that equals a known one in those fields gives it its `fields`. Like
    `bulk_create` it calls no `save()`; keys must be set, which ours are."""
    if not rows:
        return 0
    statement, columns = _insert(type(rows[0]), skips_known, tuple(replaces), tuple(fields))
    count = told(statement, [one.array(rows) for one in columns])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return count


@cache
def _columns(model: type[models.Model]) -> Mapping[str, Column]:
    """The columns of a model by their fields' names."""
    return {field.name: column_of(field, connection) for field in model._meta.concrete_fields if not field.generated}


@cache
def _update(model: type[models.Model], fields: tuple[str, ...]) -> tuple[str, Sequence[Column]]:
    known = _columns(model)
    key, *columns = (known[one] for one in (str(model._meta.pk.name), *fields))
    statement = (
        f"UPDATE {connection.ops.quote_name(model._meta.db_table)} AS kept SET "  # noqa: S608 -- names of our columns
        + ", ".join(f"{one.name} = {one.selected('changed')}" for one in columns)
        + " FROM unnest("
        + ", ".join(one.placeholder for one in (key, *columns))
        + f") AS changed({', '.join(one.name for one in (key, *columns))}) WHERE kept.{key.name} = changed.{key.name}"
    )
    return statement, (key, *columns)


@cache
def _insert(
    model: type[models.Model], skips_known: bool, replaces: tuple[str, ...], fields: tuple[str, ...]
) -> tuple[str, Sequence[Column]]:
    known = _columns(model)
    columns = list(known.values())
    conflict = "ON CONFLICT DO NOTHING" if skips_known else ""
    if replaces:
        given = ", ".join(f"{known[one].name} = excluded.{known[one].name}" for one in fields)
        conflict = f"ON CONFLICT ({', '.join(known[one].name for one in replaces)}) DO UPDATE SET {given}"
    listed = ", ".join(one.name for one in columns)
    statement = (
        f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({listed}) SELECT "  # noqa: S608 -- names
        + ", ".join(one.selected("new") for one in columns)
        + " FROM unnest("
        + ", ".join(one.placeholder for one in columns)
        + f") AS new({listed}) {conflict}"
    )
    return statement, columns
