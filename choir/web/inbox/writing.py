"""What is written: replies, notes, questions, drafts, macros."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from choir.inbox import actions, consulting
from choir.inbox.models import Conversation
from choir.knowledge.models import Answer, Macro
from choir.knowledge.queries import filled
from choir.knowledge.reusing import take
from choir.outbound import actions as outbound
from choir.outbound.models import Approval
from choir.outbound.refusals import RefusedError, StaleReply
from choir.people.models import Department, Membership, Person
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.inbox.acting import attempt, back, list_of, onwards
from choir.web.inbox.addresses import is_id, number
from choir.web.inbox.attaching import describe, take_along
from choir.web.inbox.composer import KINDS
from choir.web.inbox.conversations import PARTS, conversation_context, find
from choir.web.inbox.lists import list_context

MENTION = re.compile(r"@([^\W\d_][\w.\-]*(?: [^\W\d_][\w.\-]*)?)")


@requires(Permission.CONVERSATION_ANSWER)
@require_POST
def reply(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Answer the customer; with `then=resolve` the conversation is done and the next one opens."""
    found, wish = find(request, conversation), list_of(request)
    text = request.POST.get("text", "")
    try:
        take_along(request, found)
        sent = outbound.send(
            found,
            text=text,
            seen_revision=number(request.POST.get("revision"), otherwise=-1),
            token=request.POST.get("token", "")[:64],
            by=request.person,
            at=timezone.now(),
        )
    except RefusedError as refusal:
        return _refused(request, found, "reply", refusal)
    if isinstance(sent, Approval):
        messages.info(request, _("It waits for approval; nothing is sent before."))
        return back(request, found, wish)
    if request.POST.get("then") == "resolve" and attempt(request, actions.resolve, found):
        messages.success(request, _("Sent and resolved."))
        return onwards(request, found, wish)
    return back(request, found, wish)


@requires(Permission.CONVERSATION_NOTE)
@require_POST
def notes(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Leave a note for colleagues. `@Name` brings somebody in."""
    found = find(request, conversation)
    text = request.POST.get("text", "")
    if attempt(request, actions.add_note, found, text=text, mentioned=named_in(text, request.person)):
        outbound.discard_draft(found, kind="note", by=request.person)
        return back(request, found)
    return _again(request, found, "note")


@requires(Permission.CONVERSATION_NOTE)
@require_POST
def consults(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Ask a department, or a person (who counts with their own department), with a time by which the answer is
    needed."""
    found = find(request, conversation)
    department, expert = _asked(request)
    if department is None:
        messages.error(request, _("Choose whom to ask."))
        return _again(request, found, "consult")
    minutes = min(max(number(request.POST.get("answer_by"), otherwise=120), 5), 60 * 24 * 30)
    told: dict[str, Any] = {
        "department": department,
        "expert": expert,
        "question": request.POST.get("text", ""),
        "answer_by": timezone.now() + dt.timedelta(minutes=minutes),
    }
    if attempt(request, consulting.ask, found, **told):
        outbound.discard_draft(found, kind="consult", by=request.person)
        return back(request, found)
    return _again(request, found, "consult")


def _asked(request: WorkspaceRequest) -> tuple[Department | None, Person | None]:
    """The department a question goes to, and the person if one was chosen. A person of another department than the
    chosen one is asked all the same: they were chosen by name."""
    asked_of, chosen = request.POST.get("department", ""), request.POST.get("expert", "")
    departments = Department.objects.filter(organisation=request.person.organisation_id)
    department = departments.filter(pk=asked_of).first() if is_id(asked_of) else None
    if not is_id(chosen):
        return department, None
    worked_in = Membership.objects.filter(
        person__pk=chosen, person__is_active=True, team__department__organisation=request.person.organisation_id
    ).select_related("person", "team__department")
    memberships = sorted(worked_in, key=lambda one: one.team.department_id != (department.pk if department else None))
    return (memberships[0].team.department, memberships[0].person) if memberships else (department, None)


@requires(Permission.CONVERSATION_NOTE)
@require_POST
def draft(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Keep what is being typed. Answers with the words that say so."""
    found = find(request, conversation)
    kind = request.POST.get("kind", "reply")
    now = timezone.now()
    describe(request, found)
    saved = outbound.save_draft(
        found,
        kind=kind if kind in KINDS else "reply",
        text=request.POST.get("text", ""),
        seen_revision=max(0, number(request.POST.get("revision"), otherwise=0)),
        by=request.person,
        at=now,
        token=request.POST.get("token", "")[:64] if kind == "reply" else "",
    )
    return render(request, "inbox/draft_state.html", {"saved_at": saved.saved_at if saved else None})


@requires(Permission.CONVERSATION_ANSWER)
@require_POST
def macro(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Put a macro's text, its placeholders filled, where the composer's text is, and its labels on."""
    found = find(request, conversation)
    chosen = request.POST.get("macro", "")
    macros = Macro.objects.filter(organisation=request.workspace.organisation_id)
    using = get_object_or_404(macros, Q(pk=chosen) if is_id(chosen) else Q(pk=None))
    typed = re.sub(r"(?:^|\s)/[^\s/]*$", "", request.POST.get("text", "")).strip()
    words = filled(using.text, customer=found.customer.name.split(" ")[0], person=request.person.name.split(" ")[0])
    for name in using.labels:
        attempt(request, actions.put_label, found, name=name)
    text = f"{typed}\n\n{words}" if typed else words
    take(found, macro=using, by=request.person, at=timezone.now())
    outbound.save_draft(
        found,
        kind="reply",
        text=text,
        seen_revision=max(0, number(request.POST.get("revision"), otherwise=0)),
        by=request.person,
        at=timezone.now(),
    )
    if using.resolves:
        messages.info(request, _("This macro usually ends with “Send and resolve”."))
    return back(request, found)


@requires(Permission.CONVERSATION_ANSWER)
@require_POST
def reuse(request: WorkspaceRequest, conversation: uuid.UUID, answer: uuid.UUID) -> HttpResponse:
    """An answer from knowledge was put into the reply; the browser did that, this notes it."""
    found = find(request, conversation)
    taken = get_object_or_404(Answer, pk=answer, organisation=request.workspace.organisation_id)
    take(found, answer=taken, by=request.person, at=timezone.now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def named_in(text: str, person: Person) -> list[Person]:
    """Colleagues named with @ in a text: by their name, its first word, or the beginning of their address."""
    wanted = {found.strip().lower() for found in MENTION.findall(text)}
    if not wanted:
        return []
    wanted |= {name.split(" ")[0] for name in wanted}
    colleagues = Person.objects.filter(organisation=person.organisation_id, is_active=True).exclude(pk=person.pk)
    return [
        one
        for one in colleagues
        if {one.name.lower(), one.name.lower().split(" ")[0], one.email.split("@")[0].lower()} & wanted
    ]


def _refused(request: WorkspaceRequest, found: Conversation, kind: str, refusal: RefusedError) -> HttpResponse:
    """The composer again with the text kept, and what stands against it. A stale reply shows what changed and may
    then be sent: its writer has seen it."""
    warnings = []
    if isinstance(refusal, StaleReply):
        warnings = [{"level": "warn", "text": str(change)} for change in refusal.changes]
        warnings.append({"level": "warn", "text": _("Nothing was sent. Your text is kept: look, then send it again.")})
        return _again(request, found, kind, warnings=warnings, status=409)
    return _again(request, found, kind, errors=[str(refusal)])


def _again(
    request: WorkspaceRequest, found: Conversation, kind: str, *, status: int = 422, **composer: Any
) -> HttpResponse:
    """The conversation with what was typed still in the composer."""
    found = find(request, found.pk)
    wish = list_of(request)
    typed = {"kind": kind, "text": request.POST.get("text", ""), "token": request.POST.get("token", ""), **composer}
    context = {**list_context(wish, found), **conversation_context(request, found, wish, **typed)}
    return answer(request, "inbox/conversation_page.html", context, parts=PARTS, status=status)
