"""The tables of figures: what a page draws and an export writes are the same rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext

from choir.measurement.figures import Figure, by_day, figures, split, splits
from choir.measurement.metric import Counted, Lasting, Metric, Standing
from choir.web.insights.kept import kept
from choir.web.insights.lens import Lens
from choir.web.insights.wording import Change, Said, change, rests_on, said, tells_rows


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of a metric, with what it opens to."""

    metric: Metric
    now: Figure
    before: Figure
    url: str
    currency: str = ""

    @property
    def said(self) -> Said:
        """The value as it is shown."""
        return said(self.metric, self.now.value, self.currency)

    @property
    def change(self) -> Change | None:
        """Against the period before."""
        return change(self.metric, self.now, self.before)

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to show, now or before; a count of nothing is something."""
        return bool(self.now.n or self.before.n) or isinstance(self.metric, Counted | Standing)

    @property
    def note(self) -> str:
        """What it rests on."""
        return rests_on(self.metric, self.now)

    @property
    def is_small(self) -> bool:
        """Whether it rests on few rows; a count says so itself."""
        return self.now.is_small and tells_rows(self.metric)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: a day or a department and so on, with its figure."""

    key: Any
    word: str
    figure: Figure
    said: Said
    slow: Said | None
    url: str
    tells_rows: bool = False


def tile(lens: Lens, metric: Metric) -> Tile:
    """The figure of the period and of the one before."""
    return tiles(lens, [metric])[0]


def tiles(lens: Lens, metrics: Sequence[Metric]) -> list[Tile]:
    """The figures of several metrics; what is not known yet is read at once."""
    now = cache(lambda: figures(metrics, lens.asked))
    before = cache(lambda: figures(metrics, lens.asked.before))
    return [
        Tile(
            one,
            kept(lens, one, "now", lambda one=one: now()[one.slug]),  # type: ignore[misc]  # mypy knows no such default
            kept(lens, one, "before", lambda one=one: before()[one.slug]),  # type: ignore[misc]
            lens.metric_url(one.slug),
            lens.currency,
        )
        for one in metrics
    ]


def day_lines(lens: Lens, metric: Metric) -> list[Line]:
    """One line a day, newest first."""
    days = kept(lens, metric, "day", lambda: by_day(metric, lens.asked))
    return [
        _line(
            lens,
            metric,
            found,
            key=day,
            word=format_date(day, "D j M Y"),
            url=lens.metric_url(metric.slug, **lens.day(day)),
        )
        for day, found in reversed(days.items())
    ]


def lines_by_each(lens: Lens, metric: Metric, dimensions: Sequence[str]) -> list[tuple[str, list[Line]]]:
    """The tables by several dimensions; what is not known yet is read at once."""
    every = cache(lambda: splits(metric, lens.asked, dimensions))
    return [(name, _split(lens, metric, name, lambda name=name: every()[name])) for name in dimensions]  # type: ignore[misc]


def split_lines(lens: Lens, metric: Metric, dimension: str) -> list[Line]:
    """One line for each value of a dimension, most rows first."""
    return _split(lens, metric, dimension, lambda: split(metric, lens.asked, dimension))


def _split(lens: Lens, metric: Metric, dimension: str, answer: Callable[[], dict[Any, Figure]]) -> list[Line]:
    return [
        _line(
            lens,
            metric,
            found,
            key=key,
            word=lens.names.word(dimension, key),
            url=lens.metric_url(metric.slug, **lens.narrower(dimension, key)),
        )
        for key, found in kept(lens, metric, dimension, answer).items()
    ]


def lines(lens: Lens, metric: Metric, by: str) -> list[Line]:
    """The table by day or by a dimension."""
    return day_lines(lens, metric) if by == "day" else split_lines(lens, metric, by)


def dimension_words() -> dict[str, str]:
    """What the dimensions are called."""
    return {
        "day": gettext("Day"),
        "department": gettext("Department"),
        "team": gettext("Team"),
        "channel": gettext("Channel"),
        "objective": gettext("Objective"),
        "language": gettext("Language"),
        "campaign": gettext("Campaign"),
    }


def open_dimensions(lens: Lens, metric: Metric) -> list[str]:
    """Dimensions that tell its rows apart and that are not narrowed to one value yet; a topic or a theme only
    narrows, and a workspace may have no campaigns."""
    offered = [one for one in metric.told_apart_by if one in dimension_words() and one in lens.form.fields]
    return [one for one in offered if one not in lens.chosen]


def _line(lens: Lens, metric: Metric, found: Figure, *, key: Any, word: str, url: str) -> Line:
    slow = said(metric, found.p90) if isinstance(metric, Lasting) else None
    return Line(key, word, found, said(metric, found.value, lens.currency), slow, url, tells_rows(metric))
