"""How many conversations a view holds: counted only so far that a person learns something from it, all views in
one query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Q

from choir.inbox.queries.wanted import Wanted, pieces, sight
from choir.people.models import Person

CAP = 1000


def counts(questions: Mapping[str, Wanted], person: Person) -> dict[str, int]:
    """The number of visible conversations for each question, at most CAP."""
    found = dict.fromkeys(questions, 0)
    statements: list[str] = []
    parameters: list[Any] = []
    for name, wanted in questions.items():
        stated = Q(state__in=wanted.states) if wanted.states else Q()
        limited = [piece.filter(stated).values("pk")[:CAP] for piece in pieces(wanted, sight(wanted, person))]
        if not limited:
            continue
        together = limited[0].union(*limited[1:], all=True)[:CAP] if len(limited) > 1 else limited[0]
        statement, values = together.query.sql_with_params()
        statements.append(f"SELECT %s::text, count(*) FROM ({statement}) AS counted")  # noqa: S608 -- Django's own SQL
        parameters += [name, *values]
    if statements:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(statements), parameters)
            found.update(cursor.fetchall())
    return found


def in_words(count: int) -> str:
    """A capped count as it is shown."""
    return f"{CAP - 1}+" if count >= CAP else str(count)
