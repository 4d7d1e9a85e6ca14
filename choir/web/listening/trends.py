"""Trends: share of voice, mood and topics over a period against the one before, from the volume."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from choir.listening.stream import by_day_and, voices
from choir.web.access import WorkspaceRequest
from choir.web.answers import answer
from choir.web.charts import shapes
from choir.web.charts.palette import hue
from choir.web.listening.filters import View, view_of
from choir.web.listening.frame import READS, frame
from choir.web.listening.stream import svg

GROUP_HUES = ("accent", "sales", "reputation", "advocacy", "insight", "talent", "compliance", "community")
MOODS = (("negative", "bad"), ("mixed", "warn"), ("neutral", "other"), ("positive", "good"), ("", "line-strong"))
TOPICS_SHOWN = 12


@require_safe
@READS
def trends(request: WorkspaceRequest) -> HttpResponse:
    """How much of what is said is whose, how it sounds, and what it is about."""
    view = _view(request)
    context = frame(
        request,
        "trends",
        view=view,
        form=view.form,
        voices=lambda: _voices(view),
        topics=lambda: _topics(view),
        has_queries=bool(view.queries),
        has_groups=any(one.group for one in view.queries),
        charts=[
            {"slug": slug, "title": title, "src": view.url("listening_trend", kwargs={"chart": slug})}
            for slug, title in (("voice", _("Share of voice by day")), ("mood", _("Mood by day")))
        ],
        shared=_shared(view),
    )
    response = answer(request, "listening/trends.html", context, parts=["trends-found"])
    response["HX-Push-Url"] = view.url("listening_trends")
    return response


@require_safe
@READS
def chart(request: WorkspaceRequest, chart: str) -> HttpResponse:
    """One chart as SVG."""
    drawings: dict[str, Callable[[View], dict[str, Any]]] = {"voice": _draw_voice, "mood": _draw_mood}
    if chart not in drawings:
        raise Http404(_("There is no such chart."))
    return svg(request, drawings[chart](_view(request)))


def _view(request: WorkspaceRequest) -> View:
    return view_of(request.person, request.workspace, request.GET.dict(), at=timezone.now())


def _narrowed(view: View) -> dict[str, Any]:
    """What the chosen query or group means to the volume."""
    narrowed: dict[str, Any] = {name: value for name, value in view.asked.values if name == "topic"}
    return narrowed | ({} if view.asked.query_ids is None else {"query__in": view.asked.query_ids})


def _shared(view: View) -> list[str]:
    """Groups of more than one query: what two of them find counts twice."""
    groups = [one.group for one in view.queries if one.group]
    return sorted({one for one in groups if groups.count(one) > 1})


def _voices(view: View) -> list[dict[str, Any]]:
    period, before = view.period, view.period.before
    now = voices(view.workspace.pk, period.start, period.end)
    earlier = {one.group: one.count for one in voices(view.workspace.pk, before.start, before.end)}
    all_now, all_before = sum(one.count for one in now), sum(earlier.values())
    rows = []
    for one in now:
        share = one.count / all_now if all_now else 0.0
        was = earlier.get(one.group, 0) / all_before if all_before else None
        rows.append(
            {
                "voice": one,
                "part": share,
                "share": round(share * 100),
                "moved": share - was if was is not None else None,
                "change": round((share - was) * 100) if was is not None else None,
                "unhappy": one.share_of("negative") or 0.0,
                "negative": _percent(one.share_of("negative")),
                "happy": one.share_of("positive") or 0.0,
                "positive": _percent(one.share_of("positive")),
                "url": view.url(query=f"group:{one.group}"),
                "negative_url": view.url(query=f"group:{one.group}", sentiment="negative"),
                "positive_url": view.url(query=f"group:{one.group}", sentiment="positive"),
            }
        )
    return rows


def _percent(share: float | None) -> int:
    return round((share or 0) * 100)


def _topics(view: View) -> list[dict[str, Any]]:
    """Topics by how much is said about them, against the period before."""
    now = _by_topic(view, view.period.start, view.period.end)
    before = _by_topic(view, view.period.before.start, view.period.before.end)
    ranked = sorted((topic for topic in now if topic), key=lambda topic: -now[topic])[:TOPICS_SHOWN]
    return [
        {
            "name": topic.replace("_", " ").capitalize(),
            "count": now[topic],
            "before": before.get(topic, 0),
            "moved": now[topic] / before[topic] - 1 if before.get(topic) else None,
            "change": round((now[topic] / before[topic] - 1) * 100) if before.get(topic) else None,
            "url": view.url(topic=topic),
        }
        for topic in ranked
    ]


def _by_topic(view: View, since: dt.datetime, until: dt.datetime) -> dict[str, int]:
    narrowed = {name: value for name, value in _narrowed(view).items() if name != "topic"}
    days = by_day_and(view.workspace.pk, "topic", since, until, view.period.zone, **narrowed)
    found: dict[str, int] = {}
    for topics in days.values():
        for topic, count in topics.items():
            found[topic] = found.get(topic, 0) + count
    return found


def _draw_voice(view: View) -> dict[str, Any]:
    groups = sorted({one.group for one in view.queries if one.group})
    colours = [(group, hue(GROUP_HUES[place % len(GROUP_HUES)])) for place, group in enumerate(groups)]
    names = {group: group for group in groups}
    return _draw(view, "query__group", names, colours, title=_("Mentions by group and day"))


def _draw_mood(view: View) -> dict[str, Any]:
    names = {
        "negative": _("Unhappy"), "mixed": _("Mixed"), "neutral": _("Neutral"), "positive": _("Happy"),
        "": _("Not read yet"),
    }  # fmt: skip
    colours = [(names[mood], hue(colour)) for mood, colour in MOODS]
    return _draw(view, "sentiment", names, colours, title=_("Mentions by mood and day"))


def _draw(
    view: View, split: str, names: dict[str, str], colours: list[tuple[str, str]], *, title: str
) -> dict[str, Any]:
    period = view.period
    days = by_day_and(view.workspace.pk, split, period.start, period.end, period.zone, **_narrowed(view))
    used = {names[key] for counts in days.values() for key in counts if key in names}
    rows = []
    for day in period.days:
        start = dt.datetime.combine(day, dt.time(), period.zone)
        only: dict[str, Any] = {
            "since": start.isoformat(),
            "until": (start + dt.timedelta(days=1)).isoformat(),
            "period": "",
        }
        for key, name in names.items():
            if name in used:
                count = days.get(day, {}).get(key, 0)
                rows.append(
                    {
                        "day": day.isoformat(),
                        "name": name,
                        "value": count,
                        "words": f"{format_date(day, 'D j M')}, {name}: {count}",
                        "url": view.url(**only, **_narrower(split, key)),
                    }
                )
    return shapes.stacked_days(rows, title=title, series=[one for one in colours if one[0] in used])


def _narrower(split: str, key: str) -> dict[str, Any]:
    return {"query": f"group:{key}"} if split == "query__group" else {"sentiment": key}
