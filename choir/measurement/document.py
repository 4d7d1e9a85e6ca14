"""The definitions of all metrics as one page, written from their files."""

from __future__ import annotations

import importlib

from choir.measurement import metrics
from choir.measurement.metric import Metric
from choir.measurement.metrics import catalogue

HEAD = """# Metrics

Each is one file in `choir/measurement/metrics/`; this page is written from them (`choir measure
definitions > docs/metrics.md`), and a test holds it to them. Figures are read from `Course` (how one conversation
went), `Stretch` (its stretches of unfinished work), hand-overs and messages. The first two are derived from the sealed
record by the `measure` step, within a minute or so, and made anew by `choir measure rebuild`.

What each day of the organisation's time zone contributed is kept in tallies: of each metric in all and by department,
team, channel, objective, language and campaign. The step `tally` counts a day again after its rows changed, late events
and corrections included; until then figures read its rows, as they do for the running day, for other time zones, for
topics, themes and for two filters at once. Either way a figure is what its rows say: durations are kept exactly up to
1,000 a day and department (channel, …), beyond that rounded, so that a median or a 90th percentile is within 1 % of
theirs.

Days are those of the person's time zone. A period that still runs is compared with as much of the one before. Durations
are medians with the 90th percentile beside them. Fewer than 20 rows are said to be few. Whoever sees the figures of
their own departments only gets those from every page, chart and export, because the question carries it.

What is narrowed or split by department means the department that has the conversation now; for first responses, the one
that answered; for hand-overs, the one that gave it away. A conversation is of the campaign of the first tracked link
with one that was given in it; a click or a conversion is of its own link's.
"""
BETTER = {"lower": "Lower is better.", "higher": "Higher is better.", "neither": "Neither way is better."}


def document() -> str:
    """`docs/metrics.md`: every metric's definition, formula, unit and example, by title."""
    return "\n".join([HEAD, *(_section(one) for one in sorted(catalogue().values(), key=lambda one: one.title))])


def _section(metric: Metric) -> str:
    said = importlib.import_module(f"{metrics.__name__}.{metric.slug}").__doc__ or ""
    example = " ".join(said.partition("By hand:")[2].split())
    return (
        f"## {metric.title}\n\n{metric.definition}\n\n- Formula: {metric.formula}\n- Unit: {metric.unit}. "
        f"{BETTER[metric.better]}\n- Elsewhere: {metric.source}\n- By hand: {example}\n"
    )
