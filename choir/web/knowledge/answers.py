"""Answers: the list, one of them, and writing them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from choir.alphabet import PAGE_SIZE, leaf
from choir.inbox.models import Conversation
from choir.knowledge.actions import add_answer, change_answer
from choir.knowledge.models import Answer
from choir.knowledge.queries import answers_of
from choir.people.policy import Permission, Reach
from choir.routing.choose import language_name
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer as answered
from choir.web.knowledge.forms import AnswerForm, KnowledgeFilter, answer_values
from choir.web.knowledge.frame import frame
from choir.web.taking import at_once

READS = requires(Permission.KNOWLEDGE_READ)
WRITES = requires(Permission.KNOWLEDGE_WRITE, at_least=Reach.WORKSPACE)
USUALLY_HOLDS = dt.timedelta(days=365)
SOON = dt.timedelta(days=30)


@READS
def answers(request: WorkspaceRequest) -> HttpResponse:
    """Answers by title, narrowed by words, department and whether they still hold."""
    form = KnowledgeFilter(request.GET.dict(), organisation=request.workspace.organisation)
    today, asked = timezone.localdate(), form.asked
    department = asked.get("department")
    rows = answers_of(
        request.workspace.organisation_id,
        words=asked.get("q", ""),
        department_id=department.pk if department else None,
        expired_on=today if asked.get("expired") else None,
    )
    shown = leaf(rows, by="title", after=asked.get("after"), size=at_once(request, PAGE_SIZE))
    context = frame(
        request,
        "answers",
        form=form,
        query=urlencode(form.kept),
        rows=shown.rows,
        today=today,
        soon=today + SOON,
        expired_count=answers_of(request.workspace.organisation_id, expired_on=today).count(),
        first_url=f"?{urlencode(form.kept)}" if asked.get("after") else "",
        next_url=f"?{urlencode(form.kept | {'after': str(shown.after)})}" if shown.after else "",
    )
    return answered(request, "knowledge/answers.html", context, parts=["answer-list"])


@READS
def one_answer(request: WorkspaceRequest, answer: uuid.UUID) -> HttpResponse:
    """One answer, whose it is, how long it holds, and where it came from if the person may see that."""
    shown = _find(request, answer)
    source = shown.consult.conversation_id if shown.consult else None
    may_see = source and Conversation.objects.visible_to(request.person).filter(pk=source).exists()
    today = timezone.localdate()
    context = frame(
        request,
        "answers",
        answer=shown,
        spoken=language_name(shown.language) if shown.language else "",
        today=today,
        soon=today + SOON,
        source=source if may_see else None,
    )
    return answered(request, "knowledge/answer.html", context)


@WRITES
def new_answer(request: WorkspaceRequest) -> HttpResponse:
    """A form for a new answer; a valid POST keeps it."""
    begun = {
        "owner": request.person.pk,
        "department": min(request.person.access.department_ids, default=None),
        "expires_on": timezone.localdate() + USUALLY_HOLDS,
    }
    form = _form(request, begun)
    if request.method == "POST" and form.is_valid():
        made = add_answer(request.workspace, told=form.told, by=request.person, at=timezone.now())
        messages.success(request, _("Kept. It is offered beside replies from now on."))
        return redirect("knowledge_answer", workspace=request.workspace.slug, answer=made.pk)
    return _asking(request, form)


@WRITES
def wording(request: WorkspaceRequest, answer: uuid.UUID) -> HttpResponse:
    """An answer's form; a valid POST changes it."""
    changed = _find(request, answer)
    form = _form(request, answer_values(changed))
    if request.method == "POST" and form.is_valid():
        told = form.told
        change_answer(changed, told=told, workspace=request.workspace, by=request.person, at=timezone.now())
        messages.success(request, _("The answer is changed."))
        return redirect("knowledge_answer", workspace=request.workspace.slug, answer=changed.pk)
    return _asking(request, form, changed)


def _find(request: WorkspaceRequest, answer: uuid.UUID) -> Answer:
    rows = Answer.objects.select_related("department", "owner", "consult")
    return get_object_or_404(rows, pk=answer, organisation=request.workspace.organisation_id)


def _form(request: WorkspaceRequest, values: Mapping[str, object]) -> AnswerForm:
    organisation, languages = (
        request.workspace.organisation,
        {*request.workspace.languages, str(values.get("language", ""))},
    )
    typed = request.POST if request.method == "POST" else None
    return AnswerForm(typed, initial=values, organisation=organisation, languages=languages)


def _asking(request: WorkspaceRequest, form: AnswerForm, changed: Answer | None = None) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = frame(request, "answers", form=form, answer=changed)
    return answered(request, "knowledge/answer_wording.html", context, status=status)
