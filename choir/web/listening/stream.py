"""The stream: what was heard in public, newest first, with its volume and spikes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from choir.flow.take_up import taken_up_among
from choir.inbox.models import Conversation, Message, State
from choir.listening.models import Mention, Spike, Wording
from choir.listening.stream import NEWS_AT_MOST, Place, by_day, copies_of, news, page, place_from, queries_of
from choir.triage.models import Reading
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.charts import shapes
from choir.web.charts.drawing import drawn
from choir.web.charts.palette import hue
from choir.web.listening.filters import View, view_of
from choir.web.listening.frame import READS, frame


@require_safe
@READS
def stream(request: WorkspaceRequest) -> HttpResponse:
    """Mentions under the filters of the address, page by page; with `top`, only whether there are newer ones."""
    view = view_of(request.person, request.workspace, request.GET.dict(), at=timezone.now())
    top = place_from(request.GET.get("top", ""))
    if top is not None and request.htmx:
        return answer(request, "listening/stream.html", {"news": _news(view, top), "view": view}, parts=["stream-news"])
    context = frame(request, "stream", view=view, form=view.form, **_list(request, view))
    context |= {"days": lambda: _days(view), "running": lambda: _running(view)}
    response = answer(request, "listening/stream.html", context, parts=["stream-rows"])
    response["HX-Push-Url"] = view.url()
    return response


def _news(view: View, top: Place) -> str:
    count = news(view.asked, before=top)
    if not count:
        return ""
    shown = f"{NEWS_AT_MOST}+" if count > NEWS_AT_MOST else str(count)
    return ngettext("%s new mention", "%s new mentions", count) % shown


def _list(request: WorkspaceRequest, view: View) -> dict[str, Any]:
    after = place_from(request.GET.get("after", ""))
    found = page(view.asked, after=after)
    first = found.rows[0] if found.rows and after is None else None
    return {
        "rows": rows_of(request, found.rows, view),
        "top": Place(first.posted_at, first.mention_id) if first else "",
        "newest_url": view.url() if after is not None else "",
        "older_url": view.url(after=found.after) if found.after else "",
        "volume_url": view.url("listening_volume"),
        "exports": [(form.upper(), view.url("listening_file", kwargs={"form": form})) for form in ("csv", "json")],
        "is_narrowed": bool(set(view.chosen) - {"period"}),
    }


def rows_of(request: WorkspaceRequest, wordings: list[Wording], view: View | None = None) -> list[dict[str, Any]]:
    """What a row shows: the mention, its author, the queries that found it, its conversation as far as the person may
    see it, and how many copies it stands for. Six queries, however many rows."""
    ids = [one.mention_id for one in wordings]
    conversations, states, taken = _conversations(request, ids)
    found = queries_of(ids)
    copies = copies_of(view.asked, (one.family for one in wordings)) if view and view.asked.is_folded else {}
    readings = dict(Reading.objects.filter(mention__in=ids, is_current=True).values_list("mention", "needs_reply"))
    return [
        {
            "wording": one,
            "mention": one.mention,
            "author": one.mention.identity,
            "queries": found[one.mention_id],
            "conversation": conversations.get(one.mention_id),
            "state": states.get(one.mention_id, ""),
            "is_work": states.get(one.mention_id) in (State.OPEN, State.SNOOZED, State.ARRIVING),
            "is_taken_up": states.get(one.mention_id) == State.OPEN and one.mention_id in taken,
            "needs_reply": readings.get(one.mention_id, False),
            "copies": copies.get(one.family, 1) - 1 if one.family else 0,
            "copies_url": _copies_url(view, one) if view and one.family else "",
        }
        for one in wordings
    ]


def _copies_url(view: View, wording: Wording) -> str:
    return view.url(copies="on", family=str(wording.family))


def _conversations(
    request: WorkspaceRequest, ids: list[Any]
) -> tuple[dict[Any, Conversation], dict[Any, str], set[Any]]:
    """Each mention's conversation where the person may see it, and in any case its state; and the mentions that were
    taken up from listening."""
    said = Message.objects.filter(mention__in=ids, workspace=request.workspace)
    known = dict(said.values_list("mention", "conversation"))
    states = dict(said.values_list("mention", "conversation__state"))
    visible = Conversation.objects.visible_to(request.person).filter(pk__in=known.values())
    rows = visible.select_related("department", "assignee").in_bulk()
    taken = set(taken_up_among(known.values()))
    return (
        {mention: rows[one] for mention, one in known.items() if one in rows},
        states,
        {mention for mention, one in known.items() if one in taken},
    )


def _running(view: View) -> list[Spike]:
    """Spikes that run now or were told in the last day, of the queries looked at."""
    rows = Spike.objects.filter(workspace=view.workspace, found_at__gte=timezone.now() - dt.timedelta(days=1))
    if view.asked.query_ids is not None:
        rows = rows.filter(query__in=view.asked.query_ids)
    return list(rows.unseen().select_related("query", "department").order_by("-began_at")[:3])


def _spikes_by_day(view: View) -> dict[dt.date, Spike]:
    rows = Spike.objects.filter(workspace=view.workspace, began_at__gte=view.asked.since, began_at__lt=view.asked.until)
    if view.asked.query_ids is not None:
        rows = rows.filter(query__in=view.asked.query_ids)
    zone = view.period.zone
    return {one.began_at.astimezone(zone).date(): one for one in rows.select_related("query").order_by("chance")[::-1]}


def _days(view: View) -> list[dict[str, Any]]:
    """Each day of the period: how many, what spiked, and the day's own stream."""
    counts, spikes = by_day(view.asked, view.period.zone), _spikes_by_day(view)
    days = []
    for day in view.period.days:
        count, spike = counts.get(day, 0), spikes.get(day)
        words = f"{format_date(day, 'D j M')}: {count}"
        if spike is not None:
            words += ". " + _("Spike: %(query)s, %(count)s instead of about %(expected)s") % {
                "query": spike.query.name, "count": spike.count, "expected": round(spike.expected),
            }  # fmt: skip
        start = dt.datetime.combine(day, dt.time(), view.period.zone)
        url = view.url(since=start.isoformat(), until=(start + dt.timedelta(days=1)).isoformat(), period="")
        days.append({"day": day, "count": count, "spike": spike, "words": words, "url": url})
    return days


@require_safe
@READS
def volume(request: WorkspaceRequest) -> HttpResponse:
    """The volume by day as SVG, days with a spike marked; `width` is the room it has in pixels."""
    view = view_of(request.person, request.workspace, request.GET.dict(), at=timezone.now())
    usual, spiking = _("Mentions"), _("Day with a spike")
    rows = [
        {
            "day": one["day"].isoformat(),
            "name": spiking if one["spike"] else usual,
            "value": one["count"],
            "words": one["words"],
            "url": one["url"],
        }
        for one in _days(view)
    ]
    series = [(usual, hue("accent"))] + ([(spiking, hue("bad"))] if any(one["name"] == spiking for one in rows) else [])
    spec = shapes.stacked_days(rows, title=_("Mentions by day"), series=series)
    return svg(request, spec)


def svg(request: WorkspaceRequest, spec: dict[str, Any]) -> HttpResponse:
    """A chart as it is put into a page."""
    width = request.GET.get("width", "")
    response = HttpResponse(drawn(spec, int(width[:5]) if width.isdecimal() else 0), content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=60"
    return response


def mention_of(request: WorkspaceRequest, mention: Any) -> Mention | None:
    """A mention that the stream shows; None for one that it does not."""
    rows = Wording.objects.filter(workspace=request.workspace, pk=mention).select_related("mention")
    found = rows.first()
    return found.mention if found is not None else None
