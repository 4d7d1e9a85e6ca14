"""What is done to several conversations at once. What still has to be asked (to whom, until when) is asked on a form
that carries the chosen ones along."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from choir.inbox import actions, assigning
from choir.inbox.models import Conversation, Label
from choir.people.access import NotAllowedError
from choir.people.models import Department, Person
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.inbox.acting import REFUSALS, list_of
from choir.web.inbox.addresses import is_id
from choir.web.inbox.choices import snooze_choices, snooze_until
from choir.web.inbox.lists import forget_counts, list_url

MOST = 200


@requires(Permission.CONVERSATION_READ)
@require_POST
def bulk(request: WorkspaceRequest) -> HttpResponse:
    """Do one thing (`do`) to the chosen conversations; those it may not be done to are counted and told."""
    ids = [value for value in request.POST.getlist("chosen")[:MOST] if is_id(value)]
    visible = Conversation.objects.visible_to(request.person).filter(workspace=request.workspace)
    chosen = list(visible.filter(pk__in=ids).select_related("department"))
    wish = list_of(request)
    back_url = f"{list_url(wish.workspace)}?{wish.query}"
    if not chosen:
        messages.info(request, _("Nothing was chosen. Tick some conversations first."))
        return HttpResponseRedirect(back_url)
    do = request.POST.get("do", "")
    act = _action(request, do)
    if act is None:
        asking = {"section": "inbox", "chosen": chosen, "do": do, "back_url": back_url, **_to_ask(request, do)}
        asking |= {"action": f"{request.path}?{wish.query}", "form": f"inbox/ask/bulk_{do}.html"}
        if do not in ASKED:
            return HttpResponseRedirect(back_url)
        return answer(request, "inbox/ask/page.html", asking, parts=["asking"])
    forget_counts(request.person, request.workspace)
    _tell(request, *_do_each(chosen, act))
    return HttpResponseRedirect(back_url)


ASKED = {"assign", "hand_over", "label", "snooze"}


def _action(request: WorkspaceRequest, do: str) -> Callable[[Conversation], Any] | None:
    """What is to be done to each, or None while something still has to be asked."""
    by, at, stated = request.person, timezone.now(), request.POST
    to, because, name = stated.get("to", ""), stated.get("because", "").strip(), stated.get("name", "").strip()
    if do == "resolve":
        return lambda row: actions.resolve(row, by=by, at=at)
    if do == "take":
        return lambda row: assigning.assign(row, to=by, by=by, at=at)
    if do == "label" and name:
        return lambda row: actions.put_label(row, name=name, by=by, at=at)
    if do == "snooze" and (until := snooze_until(stated, by, now=at)):
        return lambda row: actions.snooze(row, until=until, by=by, at=at)
    return _giving(request, do, to=_id(to), because=because, by=by, at=at)


def _giving(
    request: WorkspaceRequest, do: str, *, to: uuid.UUID, because: str, by: Person, at: dt.datetime
) -> Callable[[Conversation], Any] | None:
    """Giving them to somebody, once it is said to whom (and, to another department, why)."""
    organisation = request.workspace.organisation_id
    if do == "assign" and (person := Person.objects.filter(organisation=organisation, pk=to).first()):
        return lambda row: assigning.assign(row, to=person, by=by, at=at)
    department = Department.objects.filter(organisation=organisation, pk=to).first()
    if do == "hand_over" and department and because:
        return lambda row: assigning.hand_over(row, to=department, because=because, by=by, at=at)
    return None


def _id(stated: str) -> uuid.UUID:
    """An id from a form; anything else names nothing."""
    return uuid.UUID(stated) if is_id(stated) else uuid.UUID(int=0)


def _to_ask(request: WorkspaceRequest, do: str) -> dict[str, Any]:
    """What the form behind a bulk action offers."""
    organisation = request.workspace.organisation_id
    if do == "assign":
        departments = request.person.access.department_ids
        people = Person.objects.filter(organisation=organisation, is_active=True)
        return {"people": people.filter(memberships__team__department__in=departments).distinct()}
    if do == "hand_over":
        return {"departments": Department.objects.filter(organisation=organisation)}
    if do == "label":
        return {"known": Label.objects.filter(workspace=request.workspace)[:200]}
    return {"choices": snooze_choices(request.person, now=timezone.now())}


def _do_each(chosen: list[Conversation], act: Callable[[Conversation], Any]) -> tuple[int, list[str]]:
    """How many were done, and why the others were not."""
    done, refused = 0, []
    for conversation in chosen:
        try:
            act(conversation)
            done += 1
        except (*REFUSALS, NotAllowedError) as refusal:
            refused.append(str(refusal))
    return done, refused


def _tell(request: WorkspaceRequest, done: int, refused: list[str]) -> None:
    if done:
        words = ngettext("Done for %(count)d conversation.", "Done for %(count)d conversations.", done)
        messages.success(request, words % {"count": done})
    if refused:
        words = ngettext("Not for %(count)d: %(why)s", "Not for %(count)d, for instance: %(why)s", len(refused))
        messages.warning(request, words % {"count": len(refused), "why": refused[0]})
