"""The few shapes that our figures take, declared once: bars stacked by day, a line by day, ranges of durations.

Values are rows: `day` (ISO) or `name`, `value`, `words` (what is read out and shown at the pointer) and `url` (the
rows behind the mark).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from choir.web.charts.palette import hue

Row = Mapping[str, Any]
HEIGHT = 200
IN_SHORT = (  # in the largest unit that says it exactly
    "datum.value == 0 ? '0' : datum.value % 86400 == 0 ? datum.value / 86400 + 'd' : "
    "datum.value % 3600 == 0 ? datum.value / 3600 + 'h' : "
    "datum.value % 60 == 0 ? datum.value / 60 + 'm' : datum.value + 's'"
)
MINUTE, HOUR, DAY = 60, 3600, 86400
STEPS = (
    5, 10, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR,
    DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 84 * DAY, 364 * DAY,
)  # fmt: skip
MOST_TICKS = 5
DURATION_TICKS = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY, 28 * DAY)


def stacked_days(rows: Sequence[Row], *, title: str, series: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Counts by day, stacked: `series` are names with their colours, in the order of the stack."""
    names = [name for name, _ in series]
    order = {name: number for number, name in enumerate(names)}
    placed = [{**row, "order": order[row["name"]]} for row in rows]
    chart = _of(placed, title).mark_bar(stroke=hue("surface"), strokeWidth=0.5).encode(
        x=_days(rows),
        y=alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=4, format="~s", tickMinStep=1)),
        color=alt.Color("name:N", sort=names, scale=alt.Scale(domain=names, range=[one for _, one in series])),
        order=alt.Order("order:Q"),
        description="words:N",
        href="url:N",
    )  # fmt: skip
    return _plain(chart)


IN_LARGE = "abs(datum.value) >= 1000 ? format(datum.value, '~s') : format(datum.value, '~g')"
AXES: Mapping[str, Mapping[str, Any]] = {
    "share": {"format": ".0%"},
    "net": {"labelExpr": "datum.value == 0 ? '0' : format(datum.value * 100, '+d')"},
    "seconds": {"labelExpr": IN_SHORT},
    "count": {"labelExpr": IN_LARGE, "tickMinStep": 1},
    "money": {"labelExpr": IN_LARGE},
    "each": {"format": "~g"},
}
DOMAINS: Mapping[str, list[float]] = {"share": [0, 1], "net": [-1, 1]}


def line_of_days(rows: Sequence[Row], *, title: str, unit: str = "count") -> dict[str, Any]:
    """One value a day, as a line with a mark each day; days without a value are gaps."""
    base = _of(rows, title)
    ticks = durations_to(max((row["value"] or 0 for row in rows), default=0)) if unit == "seconds" else []
    axis = alt.Axis(tickCount=4, values=ticks or alt.Undefined, **AXES[unit])
    domain = [0, ticks[-1]] if ticks else DOMAINS.get(unit)
    scale = alt.Scale(domain=domain) if domain else alt.Scale(zero=True, nice=True)
    x, y = _days(rows), alt.Y("value:Q", title=None, scale=scale, axis=axis)
    area = base.mark_area(color=hue("accent-soft"), line=False, invalid="break-paths-show-domains").encode(x=x, y=y)
    stroke = base.mark_line(color=hue("accent"), strokeWidth=2, invalid="break-paths-show-domains").encode(x=x, y=y)
    size = 36 if len(rows) <= 40 else 12
    points = base.transform_filter("isValid(datum.value)").mark_point(
        filled=True, color=hue("accent"), size=size, opacity=1
    ).encode(x=x, y=y, description="words:N", href="url:N")  # fmt: skip
    # What is pointed at is wider than what is seen.
    targets = base.transform_filter("isValid(datum.value)").mark_point(
        filled=True, color="transparent", size=500, opacity=0
    ).encode(x=x, y=y, description="words:N", href="url:N")  # fmt: skip
    layers = [area, stroke, points, targets] if unit == "count" else [stroke, points, targets]
    return _plain(alt.layer(*layers).properties(height=HEIGHT, description=title))


def durations_to(longest: float) -> list[int]:
    """Where to mark an axis of seconds from nothing to the longest: at whole units, so that the words are exact."""
    step = next((one for one in STEPS if longest / one <= MOST_TICKS), STEPS[-1])
    return [number * step for number in range(int(longest // step) + 2)]


def ranges(rows: Sequence[Row], *, title: str) -> dict[str, Any]:
    """Median and 90th percentile of durations (`value`, `slow`, in seconds) by name, on a logarithmic scale: the
    median is a disc, the 90th percentile a tick."""
    base = _of(rows, title)
    low = min((row["value"] for row in rows), default=60)
    high = max((row["slow"] for row in rows), default=3600)
    low, high = max(30, low * 0.7), max(120, high * 1.4)
    ticks = [one for one in DURATION_TICKS if low <= one <= high]
    scale = alt.Scale(type="log", domain=[low, high])
    axis = alt.Axis(values=ticks, labelExpr=IN_SHORT, grid=True, domain=False)
    y = alt.Y("name:N", title=None, sort=[row["name"] for row in rows], axis=alt.Axis(labelLimit=170))
    x = alt.X("value:Q", title=None, scale=scale, axis=axis)
    known = {"y": y, "description": "words:N", "href": "url:N"}
    rule = base.mark_rule(color=hue("line-strong"), strokeWidth=2).encode(x=x, x2="slow:Q", y=y)
    end = base.mark_tick(color=hue("text-quiet"), thickness=2, size=12).encode(x=alt.X("slow:Q", scale=scale), **known)
    disc = base.mark_point(filled=True, color=hue("accent"), size=90, opacity=1).encode(x=x, **known)
    chart = alt.layer(rule, end, disc).properties(height=max(60, 30 * len(rows)), description=title)
    return _plain(chart)


def _of(rows: Sequence[Row], title: str) -> alt.Chart:
    return alt.Chart(alt.InlineData([dict(row) for row in rows])).properties(height=HEIGHT, description=title)


def _days(rows: Sequence[Row]) -> alt.X:
    days = sorted({row["day"] for row in rows})
    every = max(1, len(days) // 6)
    shown = days[::-1][::every][::-1]
    label = "timeFormat(toDate(datum.value), '%-d %b')"
    return alt.X(
        "day:O",
        title=None,
        sort=days,
        scale=alt.Scale(paddingInner=0.15),
        axis=alt.Axis(values=shown, labelExpr=label, labelAngle=0, labelOverlap=True),
    )


def _plain(chart: alt.TopLevelMixin) -> dict[str, Any]:
    plain: dict[str, Any] = chart.to_dict(validate=False)
    plain.pop("config", None)
    return plain
