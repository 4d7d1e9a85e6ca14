"""What the organisation already knows how to say: answers that fit a text, macros that fit a conversation."""

from __future__ import annotations

import datetime as dt
import re
import uuid

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import Case, F, FloatField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from choir.customers.searching import tsquery, words_of
from choir.knowledge.models import Answer, Macro
from choir.people.models import Person
from choir.prepared import Slot, one_of, prepared

WORD = re.compile(r"\w{4,}")
WORDS_READ = 40
PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
PLACEHOLDERS = ("customer.name", "person.name")  # what `filled` knows


def answers_for(
    text: str, *, organisation_id: uuid.UUID, language: str = "", on: dt.date, size: int = 5
) -> list[Answer]:
    """Answers that share words with a text, best first: the title counts most, then tags, then the text itself, and
    the same language before others. Expired ones are left out."""
    words = sorted({word.lower() for word in WORD.findall(text)}, key=len, reverse=True)[:WORDS_READ]
    if not words:
        return []
    query = SearchQuery(" | ".join(f"'{word}'" for word in words), config="simple", search_type="raw")
    vector = (
        SearchVector("title", weight="A", config="simple")
        + SearchVector(Cast("tags", TextField()), weight="B", config="simple")
        + SearchVector("text", weight="C", config="simple")
    )
    same = Case(When(language=language, then=Value(2.0)), default=Value(1.0), output_field=FloatField())
    return list(
        Answer.objects.filter(organisation=organisation_id)
        .filter(Q(expires_on=None) | Q(expires_on__gte=on))
        .annotate(rank=SearchRank(vector, query) * same)
        .filter(rank__gt=0)
        .select_related("department")
        .order_by(F("rank").desc(), "title")[:size]
    )


def macros_for(person: Person, *, department_id: uuid.UUID | None, language: str = "") -> list[Macro]:
    """Macros that may be used in a conversation: everyone's, its department's and those of the person's own; in its
    language first."""
    departments = {*person.access.department_ids, *([department_id] if department_id else [])}
    rows = _macros(organisation=person.organisation_id, departments=list(departments))
    return sorted(rows, key=lambda macro: (macro.language not in (language, ""), macro.name.lower()))


@prepared
def _macros(organisation: Slot, departments: Slot) -> QuerySet[Macro]:
    rows = Macro.objects.filter(organisation=organisation)
    return rows.filter(Q(department=None) | Q(one_of("department_id", departments)))


def filled(text: str, *, customer: str, person: str) -> str:
    """A macro's text with its placeholders filled in. A customer without a name leaves no gap in front of a comma."""
    known = dict(zip(PLACEHOLDERS, (customer, person), strict=True))
    written = PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), text)
    return re.sub(r" +([,!.])", r"\1", written).lstrip(", ")


def placeholders_in(text: str) -> list[str]:
    """The names between double braces, in the order of a text."""
    return PLACEHOLDER.findall(text)


def answers_of(
    organisation_id: uuid.UUID,
    *,
    words: str = "",
    department_id: uuid.UUID | None = None,
    language: str = "",
    expired_on: dt.date | None = None,
) -> QuerySet[Answer]:
    """Every answer, narrowed by words in its title, tags or text, its department, its language; with `expired_on`
    only those that no longer held on that day."""
    rows = Answer.objects.filter(organisation=organisation_id).select_related("department", "owner")
    if query := tsquery(words):
        vector = words_of("title") + words_of("text") + SearchVector(Cast("tags", TextField()), config="simple")
        rows = rows.annotate(words=vector).filter(words=SearchQuery(query, config="simple", search_type="raw"))
    elif words.strip():
        return rows.none()
    if department_id:
        rows = rows.filter(department=department_id)
    if language:
        rows = rows.filter(language=language)
    return rows.filter(expires_on__lt=expired_on) if expired_on else rows


def macros_of(
    organisation_id: uuid.UUID, *, words: str = "", department_id: uuid.UUID | None = None
) -> QuerySet[Macro]:
    """Every macro, narrowed by words in its name or text and to what a department may use: its own and everyone's."""
    rows = Macro.objects.filter(organisation=organisation_id).select_related("department")
    for word in words.split():
        rows = rows.filter(Q(name__icontains=word) | Q(text__icontains=word))
    return rows.filter(Q(department=department_id) | Q(department=None)) if department_id else rows
