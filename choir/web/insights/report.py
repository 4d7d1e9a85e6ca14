"""The figures of a period as a document: the same tiles, charts and tables as on the page, each figure a link to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from choir.measurement.metric import Metric
from choir.web.charts.drawing import printed
from choir.web.insights.charting import Shown
from choir.web.insights.lens import Lens, zone_of
from choir.web.insights.overview import charts, sections
from choir.web.insights.tables import Line, Tile, dimension_words, split_lines
from choir.web.printing.setting import pdf_of

TEMPLATE = Path(__file__).parent / "report.typ"
WIDTH = 660
IN_TABLE = (
    "conversations", "first_response", "sla_attainment", "resolution", "response_rate", "one_touch", "reopen_rate",
)  # fmt: skip


def report(request: HttpRequest, lens: Lens, *, by: str = "department") -> bytes:
    """The PDF of the overview under these filters."""
    shown = sections(lens)
    metrics = [tile.metric for section in shown for tile in section.tiles]
    origin = request.build_absolute_uri("/").rstrip("/")
    values = {
        "title": gettext("Figures"),
        "place": str(lens.workspace),
        "period": lens.period_words,
        "said": _said(lens),
        "language": get_language() or "en",
        "sections": [{"title": str(one.title), "tiles": [_tile(tile, origin) for tile in one.tiles]} for one in shown],
        "charts": [_chart(one) for one in charts(lens, shown)],
        "tables": [_table(lens, [one for one in metrics if one.slug in IN_TABLE], by)],
        "defined": gettext("What is counted, and how"),
        "definitions": [{"title": one.title, "definition": one.definition, "formula": one.formula} for one in metrics],
    }
    return pdf_of(TEMPLATE, values)


def _said(lens: Lens) -> str:
    """What the figures are of: filters, hours, and up to when the record is counted."""
    parts = [word for _, word in lens.narrowed_words]
    parts.append(gettext("business hours") if lens.asked.hours == "business" else gettext("all hours"))
    if lens.counted_at is not None:
        moment = lens.counted_at.astimezone(zone_of(lens.person))
        parts.append(gettext("counted up to %s") % date_format(moment, "j F Y, H:i T"))
    return " · ".join(parts)


def _tile(one: Tile, origin: str) -> dict[str, Any]:
    change = one.change
    return {
        "title": one.metric.title,
        "figure": one.said.figure,
        "unit": one.said.unit,
        "url": origin + one.url,
        "change": change.words if change else gettext("nothing to compare with"),
        "is": change.is_ if change else "",
        "note": one.note,
        "few": gettext("Few: chance moves it") if one.is_small else "",
    }


def _chart(shown: Shown) -> dict[str, Any]:
    return {
        "title": str(shown.chart.title),
        "sentence": str(shown.chart.sentence),
        "words": str(shown.spec.get("description", shown.chart.title)),
        "svg": printed({name: value for name, value in shown.spec.items() if name != "description"}, WIDTH),
    }


def _table(lens: Lens, metrics: Sequence[Metric], by: str) -> dict[str, Any]:
    """Each department (team, channel…) with its figures; a star where few rows are behind one."""
    columns = [{line.word: line for line in split_lines(lens, metric, by)} for metric in metrics]
    words = list(dict.fromkeys(word for column in columns for word in column))
    word = dimension_words()[by]
    return {
        "title": gettext("By %s") % word.lower(),
        "headings": [word, *(metric.title for metric in metrics)],
        "lines": [[one, *(_cell(column.get(one)) for column in columns)] for one in words],
        "empty": gettext("Nothing in these days."),
        "few": gettext("* Few: chance moves it. Durations: half within.") if words else "",
    }


def _cell(line: Line | None) -> str:
    if line is None:
        return "–"
    return f"{line.said}{' *' if line.figure.is_small and line.tells_rows else ''}"
