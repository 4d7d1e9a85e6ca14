"""A column of many rows as one PostgreSQL array, written as text.

The driver writes arrays value by value; here the kinds of values that our tables are made of are written a column at a
time, which costs a tenth of it. Any other kind is left to the driver.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a model: how its values are sent as an array."""

    name: str  # quoted
    sent_as: str  # the array's element type
    kept_as: str  # the column's own type
    of: Callable[[Any], Any]  # a row's value
    write: Callable[[Sequence[Any]], str] | None  # None: the driver writes them
    fit: Callable[[Any], Any]  # a value as the field keeps it

    @property
    def placeholder(self) -> str:
        """Where the array goes in a statement."""
        return f"%s::{self.sent_as}[]"

    def selected(self, table: str) -> str:
        """The column, unpacked, as it is kept."""
        return f"{table}.{self.name}" if self.sent_as == self.kept_as else f"{table}.{self.name}::{self.kept_as}"

    def array(self, rows: Sequence[models.Model]) -> str | list[Any]:
        """The column of these rows."""
        values = [*map(self.of, rows)]
        try:
            if self.write is not None:
                return self.write(values)
        except (AttributeError, TypeError, ValueError):  # a value that the field has to make fit first
            pass
        return [self.fit(one) for one in values]


def column_of(field: Any, connection: BaseDatabaseWrapper) -> Column:
    """The column of a field."""
    kept_as = str(field.rel_db_type(connection) if field.is_relation else field.db_type(connection))
    is_array = isinstance(field, ArrayField)  # arrays of arrays would be taken apart to the last value
    return Column(
        name=connection.ops.quote_name(field.column),
        sent_as="text" if is_array else kept_as,
        kept_as=kept_as,
        of=attrgetter(field.attname),
        write=partial(_arrays, field) if is_array else _WAYS.get(_kind(field)),
        fit=partial(field.get_db_prep_save, connection=connection),
    )


def _kind(field: Any) -> str:
    while field.is_relation:
        field = field.target_field
    if isinstance(field, models.JSONField) and (field.encoder is not None or field.decoder is not None):
        return ""
    return str(field.get_internal_type())


def _arrays(field: Any, values: Sequence[Sequence[Any] | None]) -> str:
    inner = _WAYS[_kind(field.base_field)]
    return _texts([None if one is None else inner(one) for one in values])


def _array(parts: Sequence[str]) -> str:
    return "{" + ",".join(parts) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _texts(values: Sequence[str | None]) -> str:
    return _array(["NULL" if one is None else _quoted(one) for one in values])


def _uuids(values: Sequence[uuid.UUID | None]) -> str:
    return _array(["NULL" if one is None else one.hex for one in values])


def _times(values: Sequence[dt.datetime | None]) -> str:
    if any(one is not None and one.tzinfo is None for one in values):
        raise ValueError("A time without a zone is the field's to judge.")
    return _array(["NULL" if one is None else one.isoformat() for one in values])


def _whole(values: Sequence[int | None]) -> str:
    return _array(["NULL" if one is None else str(int(one)) for one in values])


def _flags(values: Sequence[bool | None]) -> str:
    return _array(["NULL" if one is None else "t" if one else "f" for one in values])


def _numbers(values: Sequence[float | None]) -> str:
    return _array(["NULL" if one is None else repr(float(one)) for one in values])


def _bytes(values: Sequence[bytes | memoryview | None]) -> str:
    return _array(["NULL" if one is None else '"\\\\x' + one.hex() + '"' for one in values])


def _json(values: Sequence[Any]) -> str:
    return _array(["NULL" if one is None else _quoted(json.dumps(one)) for one in values])


_WAYS: dict[str, Callable[[Sequence[Any]], str]] = {
    "BigIntegerField": _whole, "BinaryField": _bytes, "BooleanField": _flags, "CharField": _texts,
    "DateTimeField": _times, "FloatField": _numbers, "IntegerField": _whole, "JSONField": _json,
    "PositiveIntegerField": _whole, "PositiveSmallIntegerField": _whole, "SlugField": _texts,
    "SmallIntegerField": _whole, "TextField": _texts, "URLField": _texts, "UUIDField": _uuids,
}  # fmt: skip
