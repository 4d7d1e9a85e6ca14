"""The charts of the overview: what each shows, as a drawing and as a table with the same numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from choir.measurement.figures import by_day_and
from choir.measurement.metrics import catalogue
from choir.web.charts import shapes
from choir.web.charts.palette import objective_hue
from choir.web.files import FORMATS
from choir.web.insights.kept import kept
from choir.web.insights.lens import Lens
from choir.web.insights.steps import by_step, marks, step_words
from choir.web.insights.tables import split_lines
from choir.web.insights.wording import said, tells_rows


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a chart's table, with the rows behind it."""

    words: str
    url: str
    is_small: bool = False


@dataclass(frozen=True)
class Shown:
    """A chart over a lens: its drawing is made when it is asked for, its table when the page is."""

    chart: Chart
    lens: Lens

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The declared drawing."""
        return self.chart.draw(self.lens)

    @cached_property
    def table(self) -> tuple[list[str], list[tuple[str, list[Cell]]]]:
        """Headings, and rows of a name and its cells."""
        return self.chart.tabulate(self.lens)

    @property
    def svg_url(self) -> str:
        """Where the drawing is."""
        return self.lens.url("insights-chart", kwargs={"chart": self.chart.slug})

    @property
    def table_url(self) -> str:
        """Where the same numbers are a table."""
        return self.lens.url("insights-chart-table", kwargs={"chart": self.chart.slug})

    @property
    def metric_url(self) -> str:
        """The metric that it draws."""
        return self.lens.metric_url(self.chart.metric)

    @property
    def exports(self) -> list[tuple[str, str]]:
        """Its table to take away."""
        names = {"metric": self.chart.metric, "by": self.chart.by}
        return [(form.upper(), self.lens.url("insights-table", kwargs={**names, "form": form})) for form in FORMATS]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of the overview."""

    slug: str
    title: str | Promise
    sentence: str | Promise
    metric: str
    by: str
    draw: Callable[[Lens], dict[str, Any]]
    tabulate: Callable[[Lens], tuple[list[str], list[tuple[str, list[Cell]]]]]
    is_wide: bool = False
    is_tall: bool = False

    def over(self, lens: Lens) -> Shown:
        """This chart for one set of filters."""
        return Shown(self, lens)


def _line_of(slug: str) -> Callable[[Lens], dict[str, Any]]:
    def draw(lens: Lens) -> dict[str, Any]:
        metric = catalogue()[slug]
        rows = []
        for first, last, found in by_step(lens, metric):
            words = f"{step_words(first, last)}: {said(metric, found.value, lens.currency)}"
            if tells_rows(metric):
                words += " " + gettext("of %s") % found.n
            url = lens.metric_url(slug, **lens.day(first, last))
            rows.append({"day": last.isoformat(), "value": found.value, "words": words, "url": url})
        return shapes.line_of_days(rows, title=metric.title, unit=metric.unit)

    return draw


def _table_of(slug: str) -> Callable[[Lens], tuple[list[str], list[tuple[str, list[Cell]]]]]:
    def tabulate(lens: Lens) -> tuple[list[str], list[tuple[str, list[Cell]]]]:
        metric = catalogue()[slug]
        rows = []
        for first, last, found in reversed(by_step(lens, metric)):
            url = lens.metric_url(slug, **lens.day(first, last))
            is_small = found.is_small and tells_rows(metric)
            cells = [Cell(str(said(metric, found.value, lens.currency)), url, is_small)]
            if tells_rows(metric):
                cells.append(Cell(str(found.n), ""))
            rows.append((step_words(first, last), cells))
        return [metric.title, *([gettext("Of")] if tells_rows(metric) else [])], rows

    return tabulate


def _volume(lens: Lens) -> tuple[list[tuple[str, str, str]], list[tuple[dt.date, dt.date, Mapping[Any, int]]]]:
    """The objectives that occur (id, name, slug; most first) and their counts at each step."""
    metric = catalogue()["conversations"]
    days = kept(lens, metric, "day and objective", lambda: by_day_and(metric, lens.asked, "objective"))
    steps: list[tuple[dt.date, dt.date, Mapping[Any, int]]] = []
    totals: dict[Any, int] = {}
    for first, last in marks(lens, metric):
        counts: dict[Any, int] = {}
        for day, figures in days.items():
            if first <= day <= last:
                for key, found in figures.items():
                    counts[key] = counts.get(key, 0) + found.n
                    totals[key] = totals.get(key, 0) + found.n
        steps.append((first, last, counts))
    ranked = sorted(totals, key=lambda key: -totals[key])
    names = lens.names
    return [(key, names.word("objective", key), names.slug("objective", key)) for key in ranked], steps


def _draw_volume(lens: Lens) -> dict[str, Any]:
    series, steps = _volume(lens)
    rows = []
    for first, last, counts in steps:
        for key, name, _slug in series:
            narrowed = {**lens.day(first, last), **lens.narrower("objective", key)}
            rows.append(
                {
                    "day": last.isoformat(),
                    "name": name,
                    "value": counts.get(key, 0),
                    "words": f"{step_words(first, last)}, {name}: {counts.get(key, 0)}",
                    "url": lens.metric_url("conversations", **narrowed),
                }
            )
    colours = [(name, objective_hue(slug)) for _, name, slug in series]
    return shapes.stacked_days(rows, title=gettext("Conversations by objective"), series=colours)


def _tabulate_volume(lens: Lens) -> tuple[list[str], list[tuple[str, list[Cell]]]]:
    series, steps = _volume(lens)
    rows = []
    for first, last, counts in reversed(steps):
        day = lens.day(first, last)
        cells = [Cell(str(sum(counts.values())), lens.metric_url("conversations", **day))]
        for key, _name, _slug in series:
            url = lens.metric_url("conversations", **day, **lens.narrower("objective", key))
            cells.append(Cell(str(counts.get(key, 0)), url if counts.get(key) else ""))
        rows.append((step_words(first, last), cells))
    return [gettext("All"), *(name for _, name, _ in series)], rows


def _draw_responses(lens: Lens) -> dict[str, Any]:
    metric = catalogue()["first_response"]
    rows = [
        {
            "name": line.word,
            "value": max(line.figure.value, 1),
            "slow": max(line.figure.p90, 1),
            "words": gettext("%(name)s: half within %(half)s, 9 of 10 within %(most)s, of %(n)s")
            % {"name": line.word, "half": line.said, "most": line.slow, "n": line.figure.n},
            "url": line.url,
        }
        for line in split_lines(lens, metric, "department")
        if line.figure.value is not None and line.figure.p90 is not None
    ]
    return shapes.ranges(rows, title=gettext("First response by department: median and 90th percentile"))


def _tabulate_responses(lens: Lens) -> tuple[list[str], list[tuple[str, list[Cell]]]]:
    rows = [
        (
            line.word,
            [
                Cell(str(line.said), line.url, line.figure.is_small),
                Cell(str(line.slow), line.url),
                Cell(str(line.figure.n), ""),
            ],
        )
        for line in split_lines(lens, catalogue()["first_response"], "department")
    ]
    return [gettext("Half within"), gettext("9 of 10 within"), gettext("Of")], rows


def days_of(slug: str) -> Chart | None:
    """Any metric by day; None where there is no such metric."""
    metric = catalogue().get(slug)
    if metric is None:
        return None
    return Chart(
        f"days-{slug}", _("By day"), _("Each mark opens its day."), slug, "day", _line_of(slug), _table_of(slug),
        is_wide=True,
    )  # fmt: skip


CHARTS: Mapping[str, Chart] = {
    one.slug: one
    for one in (
        Chart(
            "volume", _("Conversations by objective"), _("What customers came for, by the day they first wrote."),
            "conversations", "day-objective", _draw_volume, _tabulate_volume, is_wide=True,
        ),
        Chart(
            "responses", _("First response by department"),
            _("Disc: half were answered within this time. Tick: nine of ten were."),
            "first_response", "department", _draw_responses, _tabulate_responses, is_tall=True,
        ),
        Chart(
            "attainment", _("First responses in time"), _("Of the promises kept or run out that day, the share kept."),
            "sla_attainment", "day", _line_of("sla_attainment"), _table_of("sla_attainment"),
        ),
        Chart(
            "backlog", _("Backlog"), _("Open or snoozed at the end of each day."),
            "backlog", "day", _line_of("backlog"), _table_of("backlog"),
        ),
        Chart(
            "reach", _("Reach"), _("Views of what we said in public, by the day we said it, as networks last told."),
            "reach", "day", _line_of("reach"), _table_of("reach"),
        ),
        Chart(
            "engagement", _("Engagement"),
            _("Likes, reposts, replies and quotes of what we said, by the day we said it, as networks last told."),
            "engagement", "day", _line_of("engagement"), _table_of("engagement"),
        ),
    )
}  # fmt: skip
OF_CONTENT = frozenset({"reach", "engagement"})
