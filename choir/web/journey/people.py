"""The people behind the journey's counts, as a list and as a file; and putting one customer's stage right."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from choir.alphabet import leaf
from choir.inbox.queries.customers import visible_customers
from choir.journey.cohorts import known_in
from choir.journey.following import correct_stage
from choir.journey.models import Stage
from choir.journey.queries import GONE, UNTOLD, placed
from choir.people.access import NotAllowedError
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.files import FORMATS, as_file
from choir.web.journey.looking import READS, Look, frame, look
from choir.web.journey.wording import ORDER, WORDS

YEARS = range(1990, 2200)  # in which anybody can be known
OF_COHORTS = (*Stage.values, "lately")
CORRECTS = requires(Permission.CONVERSATION_CORRECT)


@require_safe
@READS
def people(request: WorkspaceRequest) -> HttpResponse:
    """The people of one cell of the flow, by name; together they are everybody, each once."""
    shown = look(request)
    found, asked, title = _people(request, shown)
    after = request.GET.get("after", "")
    page = leaf(found, by="name", after=_id(after))
    context = frame(
        shown, title=title, count=found.count(),
        rows=[(one, WORDS.get(one.began, ""), WORDS.get(one.ended, "")) for one in page.rows],
        next_url=shown.url("journey_people", **asked, after=str(page.after)) if page.after else "",
        first_url=shown.url("journey_people", **asked) if after else "",
        exports=[(one.upper(), shown.url("journey_people_export", {"form": one}, **asked)) for one in FORMATS],
    )  # fmt: skip
    return answer(request, "journey/people.html", context)


@require_safe
@READS
def export_people(request: WorkspaceRequest, form: str) -> HttpResponseBase:
    """The same people as a file: their ids and stages, no names."""
    if form not in FORMATS:
        raise Http404("There is no such kind of file.")
    found, _asked, _title = _people(request, look(request))
    return as_file(request, _lines(found), form, name="journey-people")


def _lines(found: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    for pk, began, ended, known in found.order_by("pk").values_list("pk", "began", "ended", "created_at").iterator():
        yield {"customer": str(pk), "from": began, "to": ended, "known_since": known.isoformat()}


def _people(request: WorkspaceRequest, shown: Look) -> tuple[QuerySet[Any], dict[str, str], str]:
    found: QuerySet[Any] = placed(request.workspace, shown.period)
    asked = {name: one for name in ("start", "end", "left") if (one := request.GET.get(name, "")) in ORDER}
    words = []
    if month := _month(request.GET.get("month", "")):
        asked |= {name: one for name in ("reached", "heard") if (one := request.GET.get(name, "")) in OF_COHORTS}
        asked["month"] = f"{month:%Y-%m}"
        found = found.filter(
            pk__in=known_in(
                request.workspace, month, zone=shown.period.zone, at=shown.period.end,
                reached=asked.get("reached", ""), lately="heard" in asked,
            )
        )  # fmt: skip
        words.append(_("came in %s") % date_format(month, "F Y"))
        words += [_("ever came to: %s") % str(WORDS[asked["reached"]]).lower()] if "reached" in asked else []
        words += [_("were heard of lately")] if "heard" in asked else []
    if start := asked.get("start"):
        found = found.filter(began=start)
        words.append(_("were: %s") % str(WORDS[start]).lower())
    if end := asked.get("end"):
        found = found.filter(ended=end)
        words.append(_("are: %s") % str(WORDS[end]).lower())
    if left := asked.get("left"):
        found = found.filter(ended=GONE, ended_stage="" if left == UNTOLD else left).exclude(began=GONE)
        words.append(_("left from: %s") % str(WORDS[left]).lower())
    return found, asked, _("Customers who %s") % ", ".join(words) if words else _("All customers")


@require_POST
@CORRECTS
def stage(request: WorkspaceRequest, customer: uuid.UUID) -> HttpResponse:
    """Puts a customer's stage right."""
    found = get_object_or_404(visible_customers(request.person, request.workspace.pk), pk=customer)
    wanted, because = request.POST.get("stage", ""), request.POST.get("because", "").strip()[:500]
    back = redirect("customer", workspace=request.workspace.slug, customer=found.pk)
    if wanted not in Stage.values or not because:
        messages.error(request, _("Choose a stage, and say why: others will want to know."))
        back.status_code = HTTPStatus.FOUND
        return back
    try:
        correct_stage(found, stage=wanted, because=because, by=request.person, at=timezone.now())
    except NotAllowedError as refused:
        raise PermissionDenied(str(refused)) from None
    messages.success(request, _("They are at “%s” now, until they say or do something else.") % WORDS[wanted])
    return back


def _month(text: str) -> dt.date | None:
    try:
        found = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
