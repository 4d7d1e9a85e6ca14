"""Themes: what was found, what was made of it; terms: names to look for."""

from __future__ import annotations

import datetime as dt
import uuid
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from choir.inbox.models import Conversation, Message
from choir.listening.models import Wording
from choir.people.policy import Permission, Reach
from choir.triage.models import Term, Theme, ThemeSearch, ThemeState
from choir.triage.theming import (
    ThemeRefusedError,
    accept,
    ask_for_themes,
    dismiss,
    keep_term,
    merge,
    remove_term,
    rename,
)
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.themes.forms import DecisionForm, TermForm

COUNTED = dt.timedelta(days=28)
SHOWN_EXAMPLES = 3


@requires(Permission.FIGURES_READ)
def themes(request: WorkspaceRequest) -> HttpResponse:
    """What waits for a decision with examples, and what labels mentions already."""
    return _page(request)


@require_POST
@requires(Permission.THEME_DECIDE, at_least=Reach.WORKSPACE)
def search(request: WorkspaceRequest) -> HttpResponse:
    """Have the newest mentions looked through now."""
    ask_for_themes(request.workspace, by=request.person, at=timezone.now())
    messages.success(
        request, _("Choir is looking through the newest mentions. What it finds appears here in a minute.")
    )
    return redirect("themes", workspace=request.workspace.slug)


@require_POST
@requires(Permission.THEME_DECIDE, at_least=Reach.WORKSPACE)
def decision(request: WorkspaceRequest, theme: uuid.UUID) -> HttpResponse:
    """Accept, rename, merge or dismiss one."""
    found = get_object_or_404(Theme, pk=theme, workspace=request.workspace)
    form = DecisionForm(request.POST, workspace=request.workspace)
    if not form.is_valid():
        return _page(request, refused=_("That is not something a theme can become. Choose one of the buttons."))
    told, by, at = form.cleaned_data, request.person, timezone.now()
    try:
        if told["what"] == "merge":
            if told["into"] is None:
                return _page(request, refused=_("Choose the theme that it belongs to."))
            merge(found, into=told["into"], by=by, at=at)
            messages.success(request, _("“%(name)s” now counts as “%(into)s”.") % {"name": found, "into": told["into"]})
        elif told["what"] == "dismiss":
            dismiss(found, by=by, at=at)
            messages.success(request, _("“%(name)s” is dismissed and will not be proposed again.") % {"name": found})
        else:
            (accept if told["what"] == "accept" else rename)(found, name=told["name"], by=by, at=at)
            messages.success(request, _("Mentions close to it carry “%(name)s” from now on.") % {"name": found})
    except ThemeRefusedError as refused:
        return _page(request, refused=str(refused))
    return redirect("themes", workspace=request.workspace.slug)


@requires(Permission.FIGURES_READ)
def terms(request: WorkspaceRequest) -> HttpResponse:
    """The workspace's own names; whoever may decide on themes adds to them."""
    may_decide = _may_decide(request)
    form = TermForm(request.POST or None) if may_decide else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            keep_term(form.term, workspace=request.workspace, by=request.person, at=timezone.now())
            messages.success(request, _("New mentions are looked through for it from now on."))
            return redirect("themes_terms", workspace=request.workspace.slug)
        except ThemeRefusedError as refused:
            form.add_error("name", str(refused))
    context = {
        "section": "insights", "tab": "terms", "form": form, "may_decide": may_decide,
        "terms": Term.objects.filter(workspace=request.workspace),
    }  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form is not None and form.errors else HTTPStatus.OK
    return answer(request, "themes/terms.html", context, status=status)


@require_POST
@requires(Permission.THEME_DECIDE, at_least=Reach.WORKSPACE)
def removal(request: WorkspaceRequest, term: uuid.UUID) -> HttpResponse:
    """Look for a term no longer."""
    found = get_object_or_404(Term, pk=term, workspace=request.workspace)
    remove_term(found, by=request.person, at=timezone.now())
    messages.success(request, _("“%(name)s” is looked for no longer.") % {"name": found})
    return redirect("themes_terms", workspace=request.workspace.slug)


def _may_decide(request: WorkspaceRequest) -> bool:
    return request.person.access.reach(Permission.THEME_DECIDE, request.workspace.pk) is Reach.WORKSPACE


def _page(request: WorkspaceRequest, *, refused: str = "") -> HttpResponse:
    rows = Theme.objects.filter(workspace=request.workspace)
    zone = ZoneInfo(request.person.time_zone)
    since = timezone.now().astimezone(zone).date() - COUNTED
    recent = Conversation.objects.visible_to(request.person).filter(
        reading__theme=OuterRef("pk"), workspace=request.workspace,
        last_message_at__gte=dt.datetime.combine(since, dt.time(), zone),
    )  # fmt: skip
    counted = Subquery(recent.order_by().values("reading__theme").annotate(n=Count("pk")).values("n"))
    proposed = list(rows.proposed())
    said = _examples(request, [pk for theme in proposed for pk in theme.examples])
    inbox = reverse("inbox", kwargs={"workspace": request.workspace.slug})
    context: dict[str, Any] = {
        "section": "insights", "tab": "themes", "refused": refused, "may_decide": _may_decide(request),
        "search": ThemeSearch.objects.filter(workspace=request.workspace).first(),
        "proposed": [
            (one, [said[pk] for pk in one.examples if pk in said][:SHOWN_EXAMPLES]) for one in proposed
        ],
        "accepted": [
            (one, f"{inbox}?view=all&theme={one.pk}&since={since}")
            for one in rows.accepted().annotate(conversations_count=Coalesce(counted, 0))
        ],
        "dismissed_count": rows.filter(state=ThemeState.DISMISSED).count(),
    }  # fmt: skip
    return answer(
        request, "themes/themes.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    )


def _examples(request: WorkspaceRequest, mention_ids: list[str]) -> dict[str, str]:
    """What was said, only where the person may read the conversation, or listens to what was said in public."""
    seen = Conversation.objects.visible_to(request.person).filter(workspace=request.workspace)
    rows = Message.objects.filter(mention_id__in=mention_ids, conversation__in=seen)
    said = {str(pk): text for pk, text in rows.values_list("mention_id", "text")}
    if request.person.access.reach(Permission.LISTENING_READ, request.workspace.pk) is Reach.WORKSPACE:
        public = Wording.objects.filter(workspace=request.workspace, pk__in=[uuid.UUID(one) for one in mention_ids])
        said |= {str(pk): text for pk, text in public.values_list("pk", "mention__text")}
    return said
