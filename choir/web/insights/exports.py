"""Exports: each table, and the rows behind each figure, as CSV, JSON and Parquet, streamed; a figure for programs.

They hold ids, times and values, no customer's name and none of their words: whoever may read those opens the
conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse

from choir.measurement.figures import Figure, by_day, by_day_and
from choir.measurement.metric import Metric
from choir.measurement.metrics import catalogue
from choir.web.files import as_file
from choir.web.insights.kept import kept
from choir.web.insights.lens import Lens
from choir.web.insights.opening import identified
from choir.web.insights.pairs import pairs
from choir.web.insights.rowing import every
from choir.web.insights.spending import spending
from choir.web.insights.tables import Line, lines, tile


def export_rows(request: HttpRequest, lens: Lens, metric: Metric, form: str) -> StreamingHttpResponse:
    """The rows behind the figure."""
    origin = request.build_absolute_uri("/").rstrip("/")
    rows = (_row(lens, metric, one, origin) for one in every(lens, metric, request.GET.dict()))
    return as_file(request, rows, form, name=f"{metric.slug}-rows", about=_about(lens, metric))


def export_table(request: HttpRequest, lens: Lens, metric: Metric, by: str, form: str) -> StreamingHttpResponse:
    """The table by day or by a dimension, or one that only this metric has."""
    own = TABLES.get((metric.slug, by))
    rows = own(lens) if own else (_line(one, by) for one in lines(lens, metric, by))
    return as_file(request, rows, form, name=f"{metric.slug}-by-{by}", about=_about(lens, metric))


def figure_for_programs(lens: Lens, metric: Metric) -> dict[str, Any]:
    """One figure as JSON: what it is, its value, the period before, and its days."""
    shown = tile(lens, metric)
    whole = {one.name: one.amount for one in spending(lens, shown)}
    days = kept(lens, metric, "day", lambda: by_day(metric, lens.asked))
    return {
        **_about(lens, metric),
        "is_small": shown.now.is_small,
        **({"whole": whole} if whole else {}),
        "before": {"value": shown.before.value, "p90": shown.before.p90, "n": shown.before.n},
        "days": [{"day": day.isoformat(), **_numbers(found)} for day, found in days.items()],
        "counted_at": lens.counted_at.isoformat() if lens.counted_at else None,
    }


def _about(lens: Lens, metric: Metric) -> dict[str, Any]:
    total, period = tile(lens, metric).now, lens.asked.period
    return {
        "metric": metric.slug,
        "definition": metric.definition,
        "formula": metric.formula,
        "unit": str(metric.unit),
        "first_day": period.first.isoformat(),
        "last_day": period.last.isoformat(),
        "until": period.end.isoformat(),
        "time_zone": str(period.zone),
        "hours": str(lens.asked.hours) if metric.has_hours else None,
        "filters": dict(lens.chosen),
        "value": total.value,
        "p90": total.p90,
        "n": total.n,
    }


def _row(lens: Lens, metric: Metric, one: Mapping[str, Any], origin: str) -> dict[str, Any]:
    known, ids = lens.names, identified(lens, metric, one)
    address = ids.pop("address")
    return {
        "at": one["row_at"].astimezone(lens.asked.period.zone).isoformat(),
        **ids,
        "value": one.get("row_value", one.get("row_met", 1)),
        "department": known.word("department", one["row_department"]),
        "objective": known.word("objective", one["row_objective"]),
        "channel": known.word("channel", one["row_channel"]),
        "language": one["row_language"],
        "address": origin + address,
    }


def _line(one: Line, by: str) -> dict[str, Any]:
    key = one.key.isoformat() if by == "day" else one.word
    return {by: key, **_numbers(one.figure)}


def _numbers(found: Figure) -> dict[str, Any]:
    return {"value": found.value, "p90": found.p90, "n": found.n}


def _kinds(lens: Lens) -> Iterator[dict[str, Any]]:
    """The whole cost by what it was for."""
    return ({"kind": one.name, "value": one.amount} for one in spending(lens, tile(lens, catalogue()["cost"])))


def _pairs(lens: Lens) -> Iterator[dict[str, Any]]:
    """Who handed over to whom."""
    found = pairs(lens, at_most=None)
    return ({"from": one.giver, "to": one.taker, "value": one.count, "came_back": one.back} for one in found)


def _days_and_objectives(lens: Lens) -> Iterator[dict[str, Any]]:
    """Conversations of each day by objective."""
    for day, figures in by_day_and(catalogue()["conversations"], lens.asked, "objective").items():
        for key, found in figures.items():
            yield {"day": day.isoformat(), "objective": lens.names.word("objective", key), "value": found.n}


TABLES: Mapping[tuple[str, str], Callable[[Lens], Iterator[dict[str, Any]]]] = {
    ("cost", "kind"): _kinds,
    ("handovers", "pair"): _pairs,
    ("conversations", "day-objective"): _days_and_objectives,
}
"""Tables that are by something else than a day or a dimension, by metric and name."""
