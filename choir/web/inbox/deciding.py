"""What is decided about a conversation: who has it, where it stands, how it was understood, what it is called.

Each verb is a noun. GET asks (a dialog to htmx, a page without JavaScript), POST does it."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from choir.inbox import actions, assigning
from choir.inbox.models import Conversation, Label, State
from choir.inbox.queries.listing import place_of
from choir.people.models import Department
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.inbox.acting import attempt, back, list_of, onwards
from choir.web.inbox.addresses import is_id
from choir.web.inbox.choices import colleagues, snooze_choices, snooze_until
from choir.web.inbox.conversations import base_url, find


@requires(Permission.CONVERSATION_ANSWER)
@require_POST
def resolution(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Done: the next conversation opens. With `is=noted` it needs no reply; with `is=open` it is opened again."""
    found, wish = find(request, conversation), list_of(request)
    place = place_of(found, wish.order)
    wanted = request.POST.get("is", "resolved")
    if wanted == "open":
        attempt(request, actions.reopen, found, because=request.POST.get("because", ""))
        return back(request, found, wish)
    act = actions.note_only if wanted == "noted" else actions.resolve
    if not attempt(request, act, found):
        return back(request, found, wish)
    messages.success(request, _("Noted: no reply is needed.") if wanted == "noted" else _("Resolved."))
    return onwards(request, found, wish, place)


@requires(Permission.CONVERSATION_ANSWER)
def snooze(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Out of sight until a time."""
    found, wish = find(request, conversation), list_of(request)
    now = timezone.now()
    if request.method == "POST":
        until = snooze_until(request.POST, request.person, now=now)
        if until is None:
            error = _("Choose a time that is still to come.")
            return ask(request, found, "snooze", {"choices": snooze_choices(request.person, now=now)}, error=error)
        place = place_of(found, wish.order)
        if attempt(request, actions.snooze, found, until=until):
            return onwards(request, found, wish, place)
        return back(request, found, wish)
    return ask(request, found, "snooze", {"choices": snooze_choices(request.person, now=now)})


@requires(Permission.CONVERSATION_ASSIGN)
def assignment(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Give it to a person (`to=me`, an id) or back to the team (`to=` empty)."""
    found = find(request, conversation)
    if request.method == "POST" and "to" in request.POST:
        chosen = request.POST["to"]
        people = {str(one.person.pk): one.person for one in colleagues(found)}
        to = request.person if chosen == "me" else people.get(chosen)
        if to is None and chosen:
            error = _("Choose somebody of the department that has it.")
            return ask(request, found, "assignment", {"people": colleagues(found)}, error=error)
        attempt(request, assigning.assign, found, to=to)
        return back(request, found)
    return ask(request, found, "assignment", {"people": colleagues(found)})


@requires(Permission.CONVERSATION_ASSIGN)
def handover(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Give it to another department, with a reason."""
    found, wish = find(request, conversation), list_of(request)
    departments = Department.objects.filter(organisation=request.workspace.organisation_id)
    shown = {"departments": departments.exclude(pk=found.department_id or uuid.UUID(int=0))}
    if request.method != "POST":
        return ask(request, found, "handover", shown)
    chosen, because = request.POST.get("to", ""), request.POST.get("because", "").strip()
    to = next((one for one in departments if str(one.pk) == chosen), None)
    if to is None or not because:
        error = _("Choose a department.") if to is None else _("Say why in a sentence: they read it first.")
        return ask(request, found, "handover", {**shown, "to": chosen, "because": because}, error=error)
    place = place_of(found, wish.order)
    if attempt(request, assigning.hand_over, found, to=to, because=because):
        messages.success(request, _("%(department)s has it now.") % {"department": to.name})
        return onwards(request, found, wish, place)
    return back(request, found, wish)


@requires(Permission.CONVERSATION_NOTE)
def labels(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """Put a label on it (`name`), or take one off (`take`, an id)."""
    found = find(request, conversation)
    if request.method != "POST":
        put = set(found.labellings.values_list("label__name", flat=True))
        known = Label.objects.filter(workspace=request.workspace)[:200]
        return ask(request, found, "labels", {"known": [one for one in known if one.name not in put], "put": put})
    if taken := request.POST.get("take", ""):
        rows = Label.objects.filter(workspace=request.workspace)
        attempt(request, actions.take_label, found, label=get_object_or_404(rows, pk=taken if is_id(taken) else None))
    else:
        for name in request.POST.getlist("name"):
            if name.strip():
                attempt(request, actions.put_label, found, name=name)
    return back(request, found)


def ask(
    request: WorkspaceRequest,
    found: Conversation,
    noun: str,
    context: dict[str, Any],
    *,
    form: str = "",
    error: str = "",
) -> HttpResponse:
    """The form behind a noun (`form`, where it is not called like it): a dialog over the page, or without JavaScript a
    page. With an error: once more, 422."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    wish = list_of(request)
    shown = {
        "section": "inbox",
        "conversation": found,
        "noun": noun,
        "form": f"inbox/ask/{form or noun}.html",
        "action": f"{base_url(found)}{noun}?{wish.query}",
        "back_url": f"{base_url(found)}?{wish.query}",
        "error": error,
        "is_open": found.state == State.OPEN,
        **context,
    }
    response = answer(request, "inbox/ask/page.html", shown, parts=["asking", "conversation"], status=status)
    if error:
        response["HX-Retarget"], response["HX-Reswap"], response["HX-Push-Url"] = "#asking", "innerHTML", "false"
    return response
