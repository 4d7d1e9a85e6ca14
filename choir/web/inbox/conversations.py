"""One conversation: its page, its messages further back, and what stands beside it."""

from __future__ import annotations

import uuid
from functools import cache as cached
from functools import partial
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone

from choir.inbox.models import Conversation
from choir.inbox.queries import thread
from choir.inbox.queries.listing import place_from
from choir.inbox.queries.seeing import sight_of
from choir.knowledge.queries import answers_for
from choir.media.queries import by_message
from choir.outbound.queries import approvals_in, deliveries_of
from choir.people.models import Person
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.inbox.addresses import is_id
from choir.web.inbox.asked import Asked, asked
from choir.web.inbox.composer import composer_context
from choir.web.inbox.contents import Contents, contents_of
from choir.web.inbox.lists import conversation_url, lazily, list_url
from choir.web.inbox.network_standing import standings
from choir.web.inbox.panel import panel_context, reading_facts
from choir.web.inbox.reasons import linked_reason
from choir.web.inbox.timeline import Turn, turns

PARTS = ("conversation", "earlier", "news")


def find(request: WorkspaceRequest, conversation: uuid.UUID) -> Conversation:
    """The conversation, if the person may see it; otherwise there is none."""
    found = thread.find.first(pk=conversation, workspace=request.workspace.pk, **sight_of(request.person))
    if found is None:
        raise Http404("There is no such conversation for you.")
    found.workspace = request.workspace
    return found


@requires(Permission.CONVERSATION_READ)
def conversation(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """The conversation and, on a whole page, the list beside it."""
    found = find(request, conversation)
    wish = asked(request.GET, request.workspace, request.person)
    context = {**lazily(wish, found), **conversation_context(request, found, wish)}
    return answer(request, "inbox/conversation_page.html", context, parts=PARTS)


@requires(Permission.CONVERSATION_READ)
def answers(request: WorkspaceRequest, conversation: uuid.UUID) -> HttpResponse:
    """What knowledge has on the customer's words, or on words looked for."""
    found = find(request, conversation)
    words = request.GET.get("words", "")
    if not words:
        last = found.messages.filter(direction="inbound").order_by("-at", "-id").first()
        words = last.text if last else found.excerpt
    fitting = answers_for(
        words,
        organisation_id=request.workspace.organisation_id,
        language=found.language,
        on=timezone.localdate(),
    )
    context = {"answers": fitting, "conversation": found, "words": request.GET.get("words", "")}
    return answer(request, "inbox/answers_page.html", {"section": "inbox", **context}, parts=["answers"])


def conversation_context(
    request: WorkspaceRequest, found: Conversation, wish: Asked, **composer: Any
) -> dict[str, Any]:
    """Everything the conversation's pane and the customer's pane show. The composer and the customer are worked out
    only where they are drawn."""
    now = timezone.now()
    before, holding = place_from(request.GET.get("before", "")), request.GET.get("message", "")
    window = thread.window(found, before=before, holding=uuid.UUID(holding) if is_id(holding) else None)
    has = contents_of(found, request.person, window.messages)
    thread.visited(found, request.person, looked_at=has.looked_at, at=now)
    base, may = base_url(found), _allowed(found, request)
    assignment = thread.present_assignment(found)
    return {
        "section": "inbox",
        "showing": request.GET.get("showing", "conversation"),
        "wish": wish,
        "list_url": list_url(wish.workspace),
        "conversation": found,
        "customer": str(found.customer),
        "assignee": found.assignee.name if found.assignee else "",
        "query": wish.query,
        "base": base,
        "here": conversation_url(found, wish),
        "now": now,
        "turns": _turns(found, window, has, person=request.person, may_moderate=may["moderate"]),
        "earlier_url": f"{base}?{wish.query}&before={_quoted(window.before)}" if window.before else "",
        "is_past": window.after is not None,
        "assignment": assignment,
        "reason": linked_reason(assignment, found, may_correct=may["correct"]),
        "facts": reading_facts(found),
        "labels": thread.labels_on(found) if has.labels else (),
        "clocks": thread.running_clocks(found) if has.clocks else (),
        "approvals": _approvals(found, request) if has.approvals else (),
        "may": may,
        "composer": cached(lambda: composer_context(request, found, wish, has, may_answer=may["answer"], **composer)),
        "panel": cached(lambda: panel_context(found, request.person, wish, has_others=has.others)),
    }


def _turns(
    found: Conversation, window: thread.Window, has: Contents, *, person: Person, may_moderate: bool
) -> list[Turn]:
    """The thread: what was said in the window, and all that happened meanwhile."""
    shown = window.messages
    return turns(
        shown,
        thread.notes_in(window.stretch) if has.notes else (),
        thread.consults_in(window.stretch) if has.consults else (),
        thread.events_in(window.stretch),
        reading=found.reading,
        deliveries=deliveries_of(shown) if has.deliveries else {},
        attachments=by_message(shown) if has.attachments else {},
        standings=standings(found, shown, has, person=person, may_moderate=may_moderate),
    )


def base_url(found: Conversation) -> str:
    """The conversation's address, without the list beside it."""
    return reverse("conversation", args=[found.workspace.slug, found.pk])


def _allowed(found: Conversation, request: WorkspaceRequest) -> dict[str, bool]:
    """What the person may do here; actions refuse what is not allowed whatever a page shows."""
    wanted = {
        "answer": Permission.CONVERSATION_ANSWER,
        "assign": Permission.CONVERSATION_ASSIGN,
        "note": Permission.CONVERSATION_NOTE,
        "correct": Permission.CONVERSATION_CORRECT,
        "moderate": Permission.CONVERSATION_MODERATE,
        "keep": Permission.KNOWLEDGE_WRITE,
    }
    allows = partial(request.person.access.allows, workspace_id=found.workspace_id, department_id=found.department_id)
    own = cached(lambda: found.is_own(request.person))  # asked only where the person's roles do not suffice
    return {name: allows(permission) or (allows(permission, own=True) and own()) for name, permission in wanted.items()}


def _approvals(found: Conversation, request: WorkspaceRequest) -> list[dict[str, Any]]:
    """Answers that wait for a yes, and whether this person may say it."""
    rows = approvals_in(found)
    may = found.allows(request.person, Permission.APPROVAL_DECIDE)
    return [
        {
            "approval": row,
            "yes": sum(vote.is_yes for vote in row.votes.all()),
            "is_mine": row.author_id == request.person.pk,
            "may_decide": may
            and row.author_id != request.person.pk
            and request.person.pk not in {vote.person_id for vote in row.votes.all()},
        }
        for row in rows
    ]


def _quoted(place: object) -> str:
    return quote(str(place))
