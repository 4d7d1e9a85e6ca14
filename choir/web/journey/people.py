"""The people behind the journey's counts, as a list and as a file; and putting one customer's stage right."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST, require_safe

from choir.customers.models import Customer
from choir.inbox.queries.customers import visible_customers
from choir.journey.cohorts import known_in
from choir.journey.following import correct_stage
from choir.journey.models import Stage
from choir.journey.panorama import Listed, cells_of, listed
from choir.people.access import NotAllowedError
from choir.people.policy import Permission
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.files import FORMATS, as_file
from choir.web.journey.looking import READS, Look, frame, look
from choir.web.journey.wording import ORDER, WORDS

YEARS = range(1990, 2200)  # in which anybody can be known
SHOWN = 50
LONGEST = 10  # digits of a rank
SAID = {"start": _lazy("were: %s"), "end": _lazy("are: %s"), "left": _lazy("left from: %s")}
CORRECTS = requires(Permission.CONVERSATION_CORRECT)


@dataclass(frozen=True, slots=True)
class People:
    """Some customers of a panorama: how they were asked for, what they are called, how many they are, a page of them
    from behind a rank on, and all of them."""

    asked: dict[str, str]
    title: str
    count: int
    page: Callable[[int], list[Listed]]
    everybody: Callable[[], Iterable[Listed]]


@require_safe
@READS
def people(request: WorkspaceRequest) -> HttpResponse:
    """The people of one count, by name; those of all cells together are everybody, each once."""
    shown = look(request)
    found = _people(request, shown)
    sent = request.GET.get("after", "")
    after = int(sent) if sent.isdecimal() and len(sent) < LONGEST else -1
    page = found.page(after)
    more, page = len(page) > SHOWN, page[:SHOWN]
    customers = Customer.objects.in_bulk([one.customer for one in page])
    context = frame(
        shown, title=found.title, count=found.count,
        rows=[(customers[one.customer], WORDS.get(one.began, ""), WORDS.get(one.ended, ""))
              for one in page if one.customer in customers],
        next_url=shown.url("journey_people", **found.asked, after=str(page[-1].rank)) if more else "",
        first_url=shown.url("journey_people", **found.asked) if after >= 0 else "",
        exports=[(one.upper(), shown.url("journey_people_export", {"form": one}, **found.asked)) for one in FORMATS],
    )  # fmt: skip
    return answer(request, "journey/people.html", context)


@require_safe
@READS
def export_people(request: WorkspaceRequest, form: str) -> HttpResponseBase:
    """The same people as a file: their ids and stages, no names."""
    if form not in FORMATS:
        raise Http404("There is no such kind of file.")
    found = _people(request, look(request))
    rows = ({"customer": str(one.customer), "from": one.began, "to": one.ended} for one in found.everybody())
    return as_file(request, rows, form, name="journey-people")


def _people(request: WorkspaceRequest, shown: Look) -> People:
    month = _month(request.GET.get("month", ""))
    return _of_cohort(request, shown, month) if month else _of_cells(request, shown)


def _of_cells(request: WorkspaceRequest, shown: Look) -> People:
    """Those of a cell, a row or a column of the flow, or who left from a stage."""
    asked = {name: one for name in SAID if (one := request.GET.get(name, "")) in ORDER}
    cells = cells_of(shown.panorama, **asked)
    words = [str(SAID[name]) % str(WORDS[one]).lower() for name, one in asked.items()]
    return People(
        asked, _("Customers who %s") % ", ".join(words) if words else _("All customers"),
        sum(one.count for one in cells), lambda after: listed(cells, after=after, most=SHOWN + 1),
        lambda: listed(cells),
    )  # fmt: skip


def _of_cohort(request: WorkspaceRequest, shown: Look, month: dt.date) -> People:
    """Those first known in a month; of them those who ever came to a stage, or were heard of lately."""
    reached, lately = request.GET.get("reached", ""), request.GET.get("heard") == "lately"
    reached = reached if reached in Stage.values else ""
    known = known_in(
        request.workspace, month, zone=shown.period.zone, at=shown.period.end, reached=reached, lately=lately
    )
    words = [_("came in %s") % date_format(month, "F Y")]
    words += [_("ever came to: %s") % str(WORDS[reached]).lower()] if reached else []
    words += [_("were heard of lately")] if lately else []
    found = listed(cells_of(shown.panorama), only=frozenset(one.bytes for one in known))
    asked = {"month": f"{month:%Y-%m}", "reached": reached, "heard": "lately" if lately else ""}
    return People(
        asked, _("Customers who %s") % ", ".join(words), len(found),
        lambda after: [one for one in found if one.rank > after][: SHOWN + 1], lambda: found,
    )  # fmt: skip


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
