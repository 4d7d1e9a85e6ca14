"""The conversations behind how often triage was right: worked on by people, and put right or not."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import suppress
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from choir.flow.accuracy import PLACES, worked_on
from choir.inbox.models import Conversation
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.learning.reading import FIELDS
from choir.web.learning.views import LOOKS_BACK, field_of, figures_read
from choir.web.taking import at_once

PAGE = 50
SIDES = {"right": _("Right at once"), "wrong": _("Put right")}


@require_safe
@figures_read
def rows(request: WorkspaceRequest) -> HttpResponse:
    """They of one field, of a week or a place, all or one side, the newest first; words only for whoever may read."""
    asked = {name: value[:60] for name in (*PLACES, "week", "side") if (value := request.GET.get(name, ""))}
    field, side = field_of(request), asked.get("side", "")
    found = worked_on(
        request.workspace, field, since=timezone.now() - LOOKS_BACK, week=_day(asked.get("week", "")),
        **{name: asked[name] for name in PLACES if name in asked},
    )  # fmt: skip
    if side in SIDES:
        found = found.filter(is_wrong=side == "wrong")
    count, size = found.count(), at_once(request, PAGE)
    shown = found.select_related("customer", "department", "objective").order_by("-pk")
    with suppress(ValueError):
        shown = shown.filter(pk__lt=uuid.UUID(request.GET.get("older", "")))
    listed = list(shown[: size + 1])
    readable = Conversation.objects.visible_to(request.person).filter(pk__in=[one.pk for one in listed])
    kept = {"field": field, **asked}
    older = f"?{urlencode(kept | {'older': str(listed[size - 1].pk)})}" if len(listed) > size else ""
    context = {
        "section": "insights", "field": field, "title": FIELDS[field], "count": count, "rows": listed[:size],
        "readable": set(readable.values_list("pk", flat=True)), "older_url": older,
        "sides": [(words, f"?{urlencode(kept | {'side': name})}", name == side)
                  for name, words in (("", _("All")), *SIDES.items())],
    }  # fmt: skip
    return answer(request, "learning/rows.html", context)


def _day(text: str) -> dt.date | None:
    with suppress(ValueError):
        return dt.date.fromisoformat(text)
    return None
