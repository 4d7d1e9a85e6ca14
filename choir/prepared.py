"""Questions that every page asks, put into SQL once instead of each time.

Django builds a query and writes its SQL anew for every request, and PostgreSQL plans it anew; both take longer than
answering it. A prepared question is written as a function that takes slots and returns a queryset; the function is
called once, and from then on only the values change:

    @prepared
    def notes_of(conversation: Slot) -> QuerySet[Note]:
        return Note.objects.filter(conversation=conversation).select_related("person")

    notes_of(conversation=found.pk)  # a list of notes

Values are given by name: keys as they are in the database, for `one_of` a list. A slot may stand wherever a
queryset takes an expression on the right side of a lookup.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler

from choir.statements import preparing

Row = TypeVar("Row")


class Named(str):
    """The name of a value that is still to come, as it stands among a statement's parameters."""


class Slot(Value):
    """Where a value will stand."""

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """A parameter that is still a name."""
        return "%s", (Named(self.value),)


def answered(statement: str, values: Sequence[Any] | Mapping[str, Any], *, often: bool = True) -> list[tuple[Any, ...]]:
    """The rows of a statement of one's own; PostgreSQL keeps its plan if it is asked `often`."""
    with preparing() if often else connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cast(list[tuple[Any, ...]], cursor.fetchall())


def one_of(column: str, values: Slot) -> Func:
    """The condition that a column is one of a list's values: `filter(one_of("pk", ids))`."""
    return Func(F(column), values, template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField())


class Question(Generic[Row]):
    """A prepared question. Calling it asks it."""

    def __init__(self, ask: Callable[..., QuerySet[Any, Row]]) -> None:
        self._ask = ask
        functools.update_wrapper(self, ask)

    @functools.cached_property
    def _made(self) -> tuple[str, tuple[Any, ...], Callable[[Sequence[Sequence[Any]]], list[Row]]]:
        """The SQL, its parameters, and what makes rows of its answer."""
        slots = {name: Slot(name) for name in inspect.signature(self._ask).parameters}
        asked = self._ask(**slots)
        compiler = asked.query.get_compiler(connection=connection)
        statement, parameters = compiler.as_sql()
        is_plain = compiler.klass_info is None or asked._fields is not None  # type: ignore[attr-defined]
        return statement, tuple(parameters), _tuples(compiler) if is_plain else _models(compiler)

    def __call__(self, **values: Any) -> list[Row]:
        """The rows for these values."""
        statement, parameters, rows = self._made
        given = [values[one] if type(one) is Named else one for one in parameters]
        with preparing() as cursor:
            cursor.execute(statement, given)
            return rows(cursor.fetchall())

    def first(self, **values: Any) -> Row | None:
        """The first row for these values, None without any."""
        return next(iter(self(**values)), None)


def prepared(ask: Callable[..., QuerySet[Any, Row]]) -> Question[Row]:
    """Make a question of a function that takes slots and returns a queryset."""
    return Question(ask)


def _converted(compiler: SQLCompiler) -> Callable[[Sequence[Sequence[Any]]], Sequence[Sequence[Any]]]:
    """What turns columns as the driver gives them into values as fields have them."""
    converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
    if not converters:
        return lambda answer: answer
    return lambda answer: list(compiler.apply_converters(answer, converters))


def _tuples(compiler: SQLCompiler) -> Callable[[Sequence[Sequence[Any]]], list[Any]]:
    converted = _converted(compiler)
    count = compiler.col_count  # behind these may stand columns that DISTINCT only sorts by
    return lambda answer: [tuple(row[:count]) for row in converted(answer)]


def _models(compiler: SQLCompiler) -> Callable[[Sequence[Sequence[Any]]], list[Any]]:
    """What Django's own iteration over a queryset makes of rows: models, those they are joined to, annotations."""
    using = connection.alias
    information = cast(dict[str, Any], compiler.klass_info)
    begin, end = information["select_fields"][0], information["select_fields"][-1] + 1
    names = [column.target.attname for column, *_ in compiler.select[begin:end]]
    populators = get_related_populators(information, compiler.select, using)  # type: ignore[call-arg]  # stubs of Django 6
    annotated = list((compiler.annotation_col_map or {}).items())
    converted, model = _converted(compiler), information["model"]

    def rows(answer: Sequence[Sequence[Any]]) -> list[Any]:
        found = []
        for row in converted(answer):
            one = model.from_db(using, names, row[begin:end])
            for populator in populators:
                populator.populate(row, one)
            for name, place in annotated:
                setattr(one, name, row[place])
            found.append(one)
        return found

    return rows
