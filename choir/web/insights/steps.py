"""The marks along a chart's time: days, or weeks where there are too many days to show."""

from __future__ import annotations

import datetime as dt

from django.utils.dateformat import format as format_date

from choir.measurement.figures import Figure, by_day
from choir.measurement.metric import Lasting, Metric, Net, Portion, Ratio, Share, Standing, Summed
from choir.web.insights.kept import kept
from choir.web.insights.lens import Lens

MOST_BARS = 100  # days shown one by one; of a longer time weeks are
WEEK = 7


def marks(lens: Lens, metric: Metric) -> list[tuple[dt.date, dt.date]]:
    """First and last day of each mark: days, or weeks counted back from the last day. Medians, ratios and portions are
    of days alone: a week's does not follow from theirs."""
    days = list(lens.asked.period.days)
    if len(days) <= MOST_BARS or isinstance(metric, Lasting | Net | Portion | Ratio):
        return [(day, day) for day in days]
    backwards = days[::-1]
    weeks = [backwards[start : start + WEEK] for start in range(0, len(days), WEEK)]
    return [(week[-1], week[0]) for week in reversed(weeks)]


def step_words(first: dt.date, last: dt.date) -> str:
    """A mark's day, or its first and last."""
    if first == last:
        return format_date(first, "D j M")
    return f"{format_date(first, 'j M')} – {format_date(last, 'j M')}"


def _together(metric: Metric, figures: list[Figure]) -> Figure:
    """Days made one: counts add up, shares are weighed by their rows, what stands has its last value."""
    if len(figures) == 1 or isinstance(metric, Standing):
        return figures[-1]
    n = sum(one.n for one in figures)
    if isinstance(metric, Summed):
        return Figure(sum(one.value or 0 for one in figures), n)
    if isinstance(metric, Share):
        met = sum((one.value or 0) * one.n for one in figures)
        return Figure(met / n if n else None, n)
    return Figure(float(n), n)


def by_step(lens: Lens, metric: Metric) -> list[tuple[dt.date, dt.date, Figure]]:
    """A metric's figure for each mark, with the mark's first and last day."""
    days = kept(lens, metric, "day", lambda: by_day(metric, lens.asked))
    return [
        (first, last, _together(metric, [found for day, found in days.items() if first <= day <= last]))
        for first, last in marks(lens, metric)
    ]
