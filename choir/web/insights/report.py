"""The figures of a period as a document: the same tiles, charts and tables as on the page, each figure a link to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from choir.measurement.metric import Metric, Unit
from choir.web.charts.drawing import printed
from choir.web.insights.charting import CHARTS, Shown
from choir.web.insights.lens import Lens, zone_of
from choir.web.insights.tables import dimension_words, split_lines, tile
from choir.web.printing.setting import pdf_of

TEMPLATE = Path(__file__).parent / "report.typ"
WIDTH = 660


def report(request: HttpRequest, lens: Lens, metrics: Sequence[Metric], *, by: str = "department") -> bytes:
    """The PDF of these metrics under these filters."""
    origin = request.build_absolute_uri("/").rstrip("/")
    values = {
        "title": gettext("Figures"),
        "place": str(lens.workspace),
        "period": lens.period_words,
        "said": _said(lens),
        "language": get_language() or "en",
        "tiles": [_tile(lens, metric, origin) for metric in metrics],
        "charts": [_chart(chart.over(lens)) for chart in CHARTS.values()],
        "tables": [_table(lens, metric, by) for metric in metrics if metric.unit != Unit.COUNT],
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


def _tile(lens: Lens, metric: Metric, origin: str) -> dict[str, Any]:
    one = tile(lens, metric)
    change = one.change
    return {
        "title": metric.title,
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


def _table(lens: Lens, metric: Metric, by: str) -> dict[str, Any]:
    lines = split_lines(lens, metric, by)
    word = dimension_words()[by]
    is_lasting = metric.unit == Unit.SECONDS
    value = gettext("Half within") if is_lasting else metric.title
    slow = [gettext("9 of 10 within")] if is_lasting else []
    return {
        "title": f"{metric.title}: {word.lower()}",
        "headings": [word, value, *slow, gettext("Of")],
        "lines": [
            [line.word, str(line.said), *([str(line.slow)] if is_lasting else []), str(line.figure.n)] for line in lines
        ],
        "empty": gettext("Nothing in these days."),
    }
