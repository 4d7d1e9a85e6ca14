"""Answers and macros as files, a row each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponseBase
from django.utils import timezone

from choir.knowledge.queries import answers_of, macros_of
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.files import FORMATS, as_file
from choir.web.knowledge.forms import KnowledgeFilter

CHUNK = 500


@requires(Permission.KNOWLEDGE_READ)
def answers_file(request: WorkspaceRequest, form: str) -> HttpResponseBase:
    """The answers that the list's filters leave."""
    asked, department = _asked(request, form)
    rows = answers_of(
        request.workspace.organisation_id,
        words=asked.get("q", ""),
        department_id=department,
        expired_on=timezone.localdate() if asked.get("expired") else None,
    )

    def lines() -> Iterator[dict[str, Any]]:
        for one in rows.order_by("title", "pk").iterator(chunk_size=CHUNK):
            yield {
                "id": str(one.pk),
                "title": one.title,
                "text": one.text,
                "language": one.language,
                "department": one.department.name,
                "owner": one.owner.name if one.owner else "",
                "expires_on": one.expires_on.isoformat() if one.expires_on else "",
                "tags": ", ".join(one.tags),
                "created_at": one.created_at.isoformat(),
            }

    return as_file(request, lines(), form, name="answers")


@requires(Permission.KNOWLEDGE_READ)
def macros_file(request: WorkspaceRequest, form: str) -> HttpResponseBase:
    """The macros that the list's filters leave."""
    asked, department = _asked(request, form)
    rows = macros_of(request.workspace.organisation_id, words=asked.get("q", ""), department_id=department)

    def lines() -> Iterator[dict[str, Any]]:
        for one in rows.order_by("name", "pk").iterator(chunk_size=CHUNK):
            yield {
                "id": str(one.pk),
                "name": one.name,
                "text": one.text,
                "language": one.language,
                "department": one.department.name if one.department else "",
                "labels": ", ".join(one.labels),
                "resolves": one.resolves,
            }

    return as_file(request, lines(), form, name="macros")


def _asked(request: WorkspaceRequest, form: str) -> tuple[dict[str, Any], Any]:
    if form not in FORMATS:
        raise Http404(f"There is no {form} file; there are {', '.join(FORMATS)}.")
    asked = KnowledgeFilter(request.GET.dict(), organisation=request.workspace.organisation).asked
    department = asked.get("department")
    return asked, department.pk if department else None
