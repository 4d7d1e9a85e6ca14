"""A KPI's way through its period: the figure as it was at the end of each day, the target, and where it may end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from choir.measurement.days import together
from choir.measurement.metric import Unit
from choir.measurement.metrics import catalogue
from choir.strategy.models import KPI, Outlook
from choir.strategy.outlook import fraction_of, known_days
from choir.web.charts.palette import hue
from choir.web.charts.shapes import AXES, HEIGHT
from choir.web.strategy.reading import ShownKPI

STEPS_AT_MOST = 60
TICKS = 5
ROUND = [60, 300, 600, 1800, 3600, 2 * 3600, 4 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400]


@dataclass(frozen=True, slots=True)
class Step:
    """The KPI's figure at the end of a day, with how many rows it rests on."""

    day: dt.date
    value: float
    n: int


@dataclass(frozen=True, slots=True)
class Course:
    """The way so far."""

    kpi: KPI
    steps: list[Step]

    @property
    def newest_first(self) -> list[Step]:
        """For a table."""
        return self.steps[::-1]

    def spec(self, shown: ShownKPI) -> dict[str, Any]:
        """The declared drawing."""
        return _drawing(self, shown, getattr(self.kpi, "outlook", None))


def course(kpi: KPI, *, at: dt.datetime) -> Course:
    """The figure of the period as it was day by day (of a long period, every few days), until now."""
    metric = catalogue()[kpi.metric]
    zone = ZoneInfo(kpi.workspace.organisation.time_zone)
    today = at.astimezone(zone).date()
    if today < kpi.starts_on:
        return Course(kpi, [])
    known = known_days(kpi, metric, today=today, zone=zone, at=at)
    within = [(day, one) for day, one in sorted(known.items()) if kpi.starts_on <= day <= kpi.ends_on]
    every = max(1, -(-len(within) // STEPS_AT_MOST))
    steps = []
    for number in range(len(within) - 1, -1, -every):
        parts = [one for _day, one in within[: number + 1]]
        value = together(metric, parts, fraction=fraction_of(kpi))
        if value is not None:
            steps.append(Step(within[number][0], value, int(sum(one.n for one in parts))))
    return Course(kpi, steps[::-1])


def _drawing(course: Course, shown: ShownKPI, outlook: Outlook | None) -> dict[str, Any]:
    kpi = course.kpi
    axis = _axis(course, shown, outlook)
    domain = [kpi.starts_on.isoformat(), (kpi.ends_on + dt.timedelta(days=1)).isoformat()]
    x = alt.X(
        "day:T", title=None, scale=alt.Scale(domain=domain), axis=alt.Axis(format="%-d %b", tickCount=6, grid=False)
    )
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False, nice=True), axis=axis)
    way = _rows([
        {"day": one.day.isoformat(), "value": one.value, "url": shown.rows_until(one.day),
         "words": f"{format_date(one.day, 'D j M')}: {shown.words(one.value)}"}
        for one in course.steps
    ])  # fmt: skip
    goal = _rows([{"value": kpi.target, "words": _("Target: %s") % shown.target}])
    layers: list[Any] = [
        goal.mark_rule(color=hue("text-quiet"), strokeDash=[4, 4], strokeWidth=1.5).encode(y=y, description="words:N"),
        way.mark_line(color=hue("accent"), strokeWidth=2).encode(x=x, y=y),
        way.mark_point(filled=True, color=hue("accent"), size=24, opacity=1).encode(
            x=x, y=y, description="words:N", href="url:N"
        ),
    ]
    if outlook is not None and outlook.low is not None and course.steps:
        layers += _ahead(course, shown, outlook, x, y)
    title = _("%(name)s: its way and its target") % {"name": kpi.name}
    plain: dict[str, Any] = alt.layer(*layers).properties(height=HEIGHT, description=title).to_dict(validate=False)
    plain.pop("config", None)
    return plain


def _axis(course: Course, shown: ShownKPI, outlook: Outlook | None) -> alt.Axis:
    """Durations have marks at round hours; everything else where the drawing likes."""
    unit = shown.metric.unit if shown.metric else Unit.COUNT
    if unit is not Unit.SECONDS:
        return alt.Axis(tickCount=4, **AXES[unit])
    ends = [outlook.low, outlook.high] if outlook else []
    values = [one.value for one in course.steps] + [course.kpi.target, *(one for one in ends if one is not None)]
    low, high = min(values), max(values)
    step = next((one for one in ROUND if (high - low) / one <= TICKS), ROUND[-1])
    first = int(low // step)
    ticks = [number * step for number in range(first, int(high // step) + 2)]
    return alt.Axis(values=ticks, **AXES[unit])


def _ahead(course: Course, shown: ShownKPI, outlook: Outlook, x: alt.X, y: alt.Y) -> list[Any]:
    """From the last step to where it may end: the middle as a dotted line, four of five cases as a band."""
    last, end = course.steps[-1], course.kpi.ends_on
    words = _("Likely at the end: %s") % shown.ahead
    points: list[dict[str, Any]] = [
        {"day": last.day.isoformat(), "low": last.value, "value": last.value, "high": last.value, "words": words},
        {"day": end.isoformat(), "low": outlook.low, "value": outlook.middle, "high": outlook.high, "words": words},
    ]
    found = _rows(points)
    band = found.mark_area(color=hue("accent-soft"), opacity=0.8).encode(
        x=x, y=alt.Y("low:Q", title=None), y2="high:Q", description="words:N"
    )
    line = found.mark_line(color=hue("accent"), strokeDash=[2, 3], strokeWidth=1.5).encode(x=x, y=y)
    return [band, line]


def _rows(rows: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(rows))
