"""What the organisation already knows how to say: answers that fit a text, macros that fit a conversation."""

from __future__ import annotations

import datetime as dt
import re
import uuid

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import Case, F, FloatField, Q, TextField, Value, When
from django.db.models.functions import Cast

from choir.knowledge.models import Answer, Macro
from choir.people.models import Person

WORD = re.compile(r"\w{4,}")
WORDS_READ = 40


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
    rows = Macro.objects.filter(organisation=person.organisation_id).filter(
        Q(department=None) | Q(department_id__in=departments)
    )
    return sorted(rows, key=lambda macro: (macro.language not in (language, ""), macro.name.lower()))


def filled(text: str, *, customer: str, person: str) -> str:
    """A macro's text with its placeholders filled in. A customer without a name leaves no gap in front of a comma."""
    known = {"customer.name": customer, "person.name": person}
    written = re.sub(r"\{\{\s*([\w.]+)\s*\}\}", lambda found: known.get(found[1], found[0]), text)
    return re.sub(r" +([,!.])", r"\1", written).lstrip(", ")
