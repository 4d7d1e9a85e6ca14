"""How many people an hour of the week takes: what comes in, what is assumed, the formula; and the conversations."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from choir.governance.form import WEEKS, arrived, hour_of_week, period_of, staffed, volume_of
from choir.governance.staffing import HOURS_OF_WEEK, in_time, load_of
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.behind.listing import Behind, Row, behind
from choir.web.committee.form import DAYS, AssumedForm, assumed_in
from choir.web.committee.frame import READS, frame


@dataclass(frozen=True, slots=True)
class Source:
    """An hour of the week whose conversations are answered in the hour that is looked at."""

    words: str
    count: int
    url: str


@require_safe
@READS
def hour(request: WorkspaceRequest, hour: int) -> HttpResponse:
    """One open hour; assumptions stand in the address as on the page before."""
    at = timezone.now()
    assumed = assumed_in(AssumedForm(request.GET or None))
    found = staffed(request.workspace, volume_of(request.workspace, at=at), assumed)
    if hour not in found.worked:
        raise Http404(_("No team works in this hour."))
    one, terms = found.worked[hour], found.terms
    load = load_of(one.come, terms)
    shares = [
        in_time(people, load, handle_seconds=terms.handle_seconds, within_seconds=terms.within_seconds)
        for people in (one.people - 1, one.people)
    ]
    context = {
        "title": words_of(hour), "worked": one, "assumed": assumed, "load": load, "weeks": WEEKS,
        "sources": [Source(words_of(at), round(n * WEEKS), _arrived_url(request, at)) for at, n in one.hours],
        "count": round(sum(n for _, n in one.hours) * WEEKS), "promised": int(terms.within_seconds),
        "shares": shares, "back_url": _back(request),
    }  # fmt: skip
    return answer(request, "committee/hour.html", frame(request, "form", **context))


@require_safe
@READS
def arrivals(request: WorkspaceRequest) -> HttpResponseBase:
    """What came in and needed a reply, newest first; of one hour of the week where the address names one."""
    sent = request.GET.get("hour", "")
    hour = int(sent) if sent.isdecimal() and len(sent) < 4 and int(sent) < HOURS_OF_WEEK else None
    period = period_of(request.workspace, at=timezone.now())
    rows = [
        Row(pk, at)
        for pk, at in arrived(request.workspace, period)
        .order_by("-arrived_at", "-pk")
        .values_list("conversation_id", "arrived_at")
        if hour is None or hour_of_week(at, period.zone) == hour
    ]
    count = len(rows)
    told = ngettext(
        "%(n)s conversation that needed a reply in eight weeks: %(each)s a week.",
        "%(n)s conversations that needed a reply in eight weeks: %(each)s a week.",
        count,
    ) % {"n": count, "each": f"{count / WEEKS:.1f}"}
    shown = Behind(
        section="committee", back_words=_("Form and maturity"), back_url=_back(request),
        title=_("What came in") if hour is None else words_of(hour), told=told, rows=rows,
    )  # fmt: skip
    return behind(request, shown)


def words_of(hour: int) -> str:
    """“Mon, 9:00 to 10:00”"""
    return _("%(day)s, %(from)s:00 to %(to)s:00") % {"day": DAYS[hour // 24], "from": hour % 24, "to": hour % 24 + 1}


def _arrived_url(request: WorkspaceRequest, hour: int) -> str:
    return f"{reverse('committee_arrived', kwargs={'workspace': request.workspace.slug})}?hour={hour}"


def _back(request: WorkspaceRequest) -> str:
    return reverse("committee_form", kwargs={"workspace": request.workspace.slug})
