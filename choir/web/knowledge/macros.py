"""Macros: the list, and writing them."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from choir.alphabet import PAGE_SIZE, leaf
from choir.knowledge.actions import KnowledgeRefusedError, add_macro, change_macro
from choir.knowledge.models import Macro
from choir.knowledge.queries import filled, macros_of
from choir.people.policy import Permission, Reach
from choir.routing.choose import language_name
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.knowledge.forms import MEANINGS, KnowledgeFilter, MacroForm, macro_values
from choir.web.knowledge.frame import frame
from choir.web.taking import at_once


@requires(Permission.KNOWLEDGE_READ)
def macros(request: WorkspaceRequest) -> HttpResponse:
    """Macros by name, narrowed by words and to what a department may use."""
    form = KnowledgeFilter(request.GET.dict(), organisation=request.workspace.organisation)
    asked = form.asked
    department = asked.get("department")
    rows = macros_of(
        request.workspace.organisation_id,
        words=asked.get("q", ""),
        department_id=department.pk if department else None,
    )
    shown = leaf(rows, by="name", after=asked.get("after"), size=at_once(request, PAGE_SIZE))
    context = frame(
        request,
        "macros",
        form=form,
        query=urlencode(form.kept),
        rows=[{"macro": one, "language": language_name(one.language) if one.language else ""} for one in shown.rows],
        first_url=f"?{urlencode(form.kept)}" if asked.get("after") else "",
        next_url=f"?{urlencode(form.kept | {'after': str(shown.after)})}" if shown.after else "",
    )
    return answer(request, "knowledge/macros.html", context, parts=["macro-list"])


@requires(Permission.KNOWLEDGE_WRITE, at_least=Reach.WORKSPACE)
def new_macro(request: WorkspaceRequest) -> HttpResponse:
    """A form for a new macro; a valid POST keeps it."""
    return _written(request, None, {"language": "", "department": None})


@requires(Permission.KNOWLEDGE_READ)
def one_macro(request: WorkspaceRequest, macro: uuid.UUID) -> HttpResponse:
    """One macro as it would read; whoever may write changes it with a valid POST."""
    rows = Macro.objects.select_related("department").filter(organisation=request.workspace.organisation_id)
    found = get_object_or_404(rows, pk=macro)
    if request.method == "POST" and not frame(request, "macros")["may_write"]:
        raise PermissionDenied("Your roles let you read macros, not change them.")
    return _written(request, found, macro_values(found))


def _written(request: WorkspaceRequest, found: Macro | None, values: dict[str, object]) -> HttpResponse:
    organisation, languages = request.workspace.organisation, {*request.workspace.languages, str(values["language"])}
    typed = request.POST if request.method == "POST" else None
    form = MacroForm(typed, initial=values, organisation=organisation, languages=languages)
    if typed is not None and form.is_valid():
        try:
            if found is None:
                add_macro(request.workspace, told=form.told, by=request.person, at=timezone.now())
            else:
                change_macro(found, told=form.told, workspace=request.workspace, by=request.person, at=timezone.now())
        except KnowledgeRefusedError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The macro is kept."))
            return redirect("knowledge_macros", workspace=request.workspace.slug)
    text = form["text"].value() or ""
    context = frame(
        request,
        "macros",
        form=form,
        macro=found,
        meanings=[(f"{{{{{name}}}}}", meaning) for name, meaning in MEANINGS.items()],
        reads=filled(text, customer="Maya", person=request.person.name.split(" ")[0]),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return answer(request, "knowledge/macro.html", context, status=status)
