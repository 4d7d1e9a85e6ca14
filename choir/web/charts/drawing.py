"""From a declared chart to SVG that stands in a page: no inline style, colours by name, marks that are links.

Drawing takes tens of milliseconds, so a drawing is kept by what it shows. The marks' links are left out of the tab
order: a chart has hundreds, and the table beside it has the same numbers and links.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import vl_convert
from django.core.cache import caches
from django.utils.html import escape

from choir.web.charts.palette import by_name, hue, in_ink
from choir.web.printing.ink import ink

NARROWEST, WIDEST, STEP = 240, 1200, 40
DEFAULT_WIDTH = 640
KEPT_SECONDS = 24 * 3600
VEGA_LITE = "6.1"
ELSEWHERE = "https://vega.github.io/vega-datasets/"
"""Where the drawing library takes addresses without a host to be; ours are of this installation."""

_OPENING = re.compile(r"<svg [^>]*?(width=\"[^\"]*\" height=\"[^\"]*\" viewBox=\"[^\"]*\")[^>]*>")

LOOK: dict[str, Any] = {
    "background": None,
    "font": "system-ui",
    "view": {"stroke": None},
    "axis": {
        "labelColor": hue("text-quiet"), "titleColor": hue("text-quiet"), "gridColor": hue("line"),
        "domainColor": hue("line-strong"), "tickColor": hue("line-strong"), "labelFontSize": 11,
        "titleFontSize": 11, "titleFontWeight": "normal", "domain": False, "ticks": False, "labelPadding": 6,
    },
    "axisX": {"grid": False, "domain": True},
    "legend": {
        "labelColor": hue("text"), "titleColor": hue("text-quiet"), "labelFontSize": 11, "symbolType": "square",
        "symbolSize": 90, "symbolStrokeWidth": 0, "orient": "top", "title": None, "labelLimit": 200,
        "columnPadding": 12, "rowPadding": 2,
    },
}  # fmt: skip


def drawn(spec: dict[str, Any], width: int = 0) -> str:
    """The chart as an SVG element, as wide as there is room (pixels, in steps; 0: a usual width)."""
    whole = json.dumps({**spec, "width": width_of(width)}, sort_keys=True, default=str)
    key = f"chart:{hashlib.sha256(whole.encode()).hexdigest()}"
    kept: str | None = caches["local"].get(key)
    if kept is None:
        kept = _draw(json.loads(whole))
        caches["local"].set(key, kept, KEPT_SECONDS)
    return kept


def width_of(width: int) -> int:
    """How wide a drawing is made for so much room (pixels; 0: a usual width)."""
    return min(max((width or DEFAULT_WIDTH) // STEP * STEP, NARROWEST), WIDEST)


def printed(spec: dict[str, Any], width: int = DEFAULT_WIDTH) -> str:
    """The chart as an SVG document in the colours of paper."""
    return in_ink(_svg({**spec, "width": width}), ink)


def _draw(spec: dict[str, Any]) -> str:
    title = str(spec.pop("description", ""))
    svg = by_name(_svg(spec))
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'class="chart__drawing" role="img" aria-label="{escape(title)}" \\1>'
    )
    return _OPENING.sub(opening, svg, count=1).replace("<a ", '<a tabindex="-1" ')


def _svg(spec: dict[str, Any]) -> str:
    columns = max(2, spec["width"] // 120)
    look = {**LOOK, "legend": {**LOOK["legend"], "columns": columns}}
    whole = {**spec, "config": look, "autosize": {"type": "fit", "contains": "padding"}}
    svg: str = vl_convert.vegalite_to_svg(whole, vl_version=VEGA_LITE)
    return svg.replace(f'xlink:href="{ELSEWHERE}', 'xlink:href="')
