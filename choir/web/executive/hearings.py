"""Customers to hear: this week's ten and why, one of them, and what a leader does with one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from choir.executive import actions
from choir.executive.models import Attention, Brief, Hearing
from choir.executive.outcome import Came, came_of, starred_by
from choir.inbox.actions import NotPossibleError
from choir.inbox.models import Conversation, Direction, Message
from choir.inbox.showing import excerpt
from choir.people.policy import Permission, Reach
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.executive.forms import QuestionForm, WishForm
from choir.web.executive.frame import brief_of, frame
from choir.web.executive.showing import week_words
from choir.web.inbox.panel import STAGES
from choir.web.inbox.timeline import Piece, told_apart

HEARS = requires(Permission.CUSTOMER_HEAR, at_least=Reach.WORKSPACE)
MOST_STARRED = 50
NEWEST = 30


@dataclass(frozen=True, slots=True)
class ShownHearing:
    """One customer with what they said first and last, why they were chosen, what this person did with it and what came
    of it."""

    hearing: Hearing
    words: str
    later: str
    language: str
    stage: str
    attention: Attention | None
    came: Came


@dataclass(frozen=True, slots=True)
class Said:
    """One message as a leader reads it, personal data hidden until it is asked for."""

    message: Message
    pieces: list[Piece]


@require_safe
@HEARS
def hearings(request: WorkspaceRequest, day: str = "") -> HttpResponse:
    """The ten of a week; `?starred` those that the person keeps, of all weeks."""
    is_starred = "starred" in request.GET
    rows = _readable(request)
    brief = None
    if is_starred:
        kept = rows.filter(starred_by(request.person, request.workspace.pk)).order_by("-brief__last_on", "place")
        rows = kept[:MOST_STARRED]
    else:
        brief = brief_of(request, day)
        rows = rows.filter(brief=brief).order_by("place")
    context = frame(
        request, "hearings", hearings=shown(list(rows), request), brief=brief, is_starred=is_starred,
        week=week_words(brief) if brief else "",
    )  # fmt: skip
    return answer(request, "executive/hearings.html", context)


@require_safe
@HEARS
def hearing(request: WorkspaceRequest, hearing: uuid.UUID) -> HttpResponse:
    """One customer: their words and ours, and what came of it. Opening it is reading it."""
    return _page(request, _one(request, hearing))


@require_POST
@HEARS
def starring(request: WorkspaceRequest, hearing: uuid.UUID) -> HttpResponse:
    """Keeps it with a star (`starred=yes`), or no longer."""
    found = _one(request, hearing)
    actions.star(found, is_starred=request.POST.get("starred") == "yes", by=request.person, at=timezone.now())
    if request.POST.get("from") == "list":
        return redirect("executive_hearings", workspace=request.workspace.slug)
    return _back(request, found)


@require_POST
@HEARS
def question(request: WorkspaceRequest, hearing: uuid.UUID) -> HttpResponse:
    """Asks a department about it."""
    found = _one(request, hearing)
    form = QuestionForm(request.POST, workspace=request.workspace)
    if not form.is_valid():
        return _page(request, found, question=form)
    told = form.cleaned_data
    actions.put_question(
        found, department=told["department"], question=told["question"], by=request.person, at=timezone.now()
    )
    messages.success(request, _("%s is asked. The answer will be here, within a day.") % told["department"])
    return _back(request, found)


@require_POST
@HEARS
def drafting(request: WorkspaceRequest, hearing: uuid.UUID) -> HttpResponse:
    """Asks the owning team to draft an answer in the person's name."""
    found = _one(request, hearing)
    form = WishForm(request.POST)
    if not form.is_valid():
        return _page(request, found, wish=form)
    try:
        consult = actions.want_draft(found, wish=form.cleaned_data["wish"], by=request.person, at=timezone.now())
    except NotPossibleError as refused:
        form.add_error(None, str(refused))
        return _page(request, found, wish=form)
    messages.success(request, _("%s drafts it. You read, change and send it yourself.") % consult.department)
    return _back(request, found)


@require_POST
@HEARS
def draft(request: WorkspaceRequest, hearing: uuid.UUID) -> HttpResponse:
    """Puts the team's draft into the person's composer, and goes there."""
    found = _one(request, hearing)
    try:
        actions.take_draft(found, by=request.person, at=timezone.now())
    except NotPossibleError as refused:
        messages.error(request, str(refused))
        return _back(request, found)
    return redirect("conversation", workspace=request.workspace.slug, conversation=found.conversation_id)


def shown(rows: Sequence[Hearing], request: WorkspaceRequest) -> list[ShownHearing]:
    """Hearings as a list shows them: eight queries however many there are."""
    kept = Attention.objects.filter(hearing__in=rows, person=request.person).select_related("drafting")
    attention = {one.hearing_id: one for one in kept}
    said = Message.objects.filter(
        conversation__in=[one.conversation_id for one in rows], direction=Direction.INBOUND, removed_at=None
    ).order_by("conversation_id", "at", "id")  # fmt: skip
    words = dict(said.distinct("conversation_id").values_list("conversation_id", "text"))
    came, stages = came_of(rows), dict(STAGES)
    found = []
    for one in rows:
        first, last = words.get(one.conversation_id, ""), one.conversation.excerpt
        stage = str(stages.get(one.facets.get("stage", ""), ""))
        later = last if first and excerpt(first) != last else ""
        language = str(one.facets.get("language", ""))
        found.append(ShownHearing(one, first or last, later, language, stage, attention.get(one.pk), came[one.pk]))
    return found


def heard_with(brief: Brief, request: WorkspaceRequest) -> list[ShownHearing]:
    """The customers of a brief, for whoever may hear them."""
    if not request.person.access.allows(Permission.CUSTOMER_HEAR, workspace_id=request.workspace.pk):
        return []
    return shown(list(_readable(request).filter(brief=brief).order_by("place")), request)


def _page(
    request: WorkspaceRequest, found: Hearing, *, question: QuestionForm | None = None, wish: WishForm | None = None
) -> HttpResponse:
    if request.method == "GET":
        actions.read(found, by=request.person, at=timezone.now())
    conversation = found.conversation
    rows = conversation.messages.select_related("person").order_by("-at", "-id")[:NEWEST]
    said = [Said(one, told_apart(one.text) or [Piece(one.text)]) for one in reversed(rows)]
    first = {"department": conversation.department_id}
    can_answer = conversation.allows(request.person, Permission.CONVERSATION_ANSWER)
    context: dict[str, Any] = frame(
        request, "hearings", one=shown([found], request)[0], said=said, can_answer=can_answer,
        is_longer=conversation.messages_count > NEWEST,
        question_form=question or QuestionForm(workspace=request.workspace, initial=first),
        wish_form=wish or WishForm(),
    )  # fmt: skip
    is_bad = bool((question and question.errors) or (wish and wish.errors))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_bad else HTTPStatus.OK
    return answer(request, "executive/hearing.html", context, status=status)


def _readable(request: WorkspaceRequest) -> QuerySet[Hearing]:
    """Those whose conversations the person may read."""
    readable = Conversation.objects.visible_to(request.person).filter(workspace=request.workspace)
    rows = Hearing.objects.filter(Q(conversation__in=readable.values("pk")), workspace=request.workspace)
    return rows.select_related(
        "brief", "conversation__customer", "conversation__channel", "conversation__objective",
        "conversation__department", "conversation__assignee",
    )  # fmt: skip


def _one(request: WorkspaceRequest, pk: uuid.UUID) -> Hearing:
    return get_object_or_404(_readable(request), pk=pk)


def _back(request: WorkspaceRequest, found: Hearing) -> HttpResponse:
    return redirect("executive_hearing", workspace=request.workspace.slug, hearing=found.pk)
