"""A brief as its page, its printed page and its e-mail show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from choir.executive.models import Brief
from choir.executive.weeks import BEFORE
from choir.measurement.figures import Figure
from choir.measurement.metric import Metric
from choir.measurement.metrics import catalogue
from choir.measurement.question import OUR_DAYS
from choir.people.models import Person, Workspace
from choir.web.access import may_open
from choir.web.committee.showing import KIND_WORDS, LOOKS, ShownFact, facts_of
from choir.web.executive.sparkline import Sparkline, sparkline
from choir.web.insights.tables import Tile
from choir.web.insights.wording import said


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """One of the five figures: its tile, and its nine weeks as a line with their words."""

    tile: Tile
    line: Sparkline | None
    weeks: str


@dataclass(frozen=True, slots=True)
class ShownSentence:
    """One of the five sentences, in parts of which some open rows."""

    parts: list[ShownFact]
    is_good: bool | None


@dataclass(frozen=True, slots=True)
class ShownRisk:
    """Something that goes wrong, with its evidence."""

    title: str
    kind: str
    look: str
    drawing: str
    facts: list[ShownFact]


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """Something the committee is to decide."""

    title: str
    question: str
    kind: str
    begins_at: dt.datetime
    url: str


@dataclass(frozen=True, slots=True)
class ShownBrief:
    """All of it."""

    brief: Brief
    title: str
    figures: list[ShownFigure]
    sentences: list[ShownSentence]
    risks: list[ShownRisk]
    waiting: list[ShownQuestion]


def shown_brief(brief: Brief, workspace: Workspace, person: Person) -> ShownBrief:
    """A kept brief for one person, whose links lead only where that person may go."""
    known = catalogue()
    return ShownBrief(
        brief,
        week_words(brief),
        [_figure(one, known[one["metric"]], brief, workspace) for one in brief.figures if one["metric"] in known],
        [ShownSentence(facts_of(one["parts"], workspace, person), one["is_good"]) for one in brief.sentences],
        [_risk(one, workspace, person) for one in brief.risks],
        [_question(one, workspace, person) for one in brief.waiting],
    )


def week_words(brief: Brief) -> str:
    """Its days: “13 to 19 November 2026”."""
    first = "j" if brief.first_on.month == brief.last_on.month else "j F"
    return _("%(first)s to %(last)s") % {
        "first": date_format(brief.first_on, first), "last": date_format(brief.last_on, "j F Y"),
    }  # fmt: skip


def _figure(kept: Mapping[str, Any], metric: Metric, brief: Brief, workspace: Workspace) -> ShownFigure:
    weeks = [Figure(one["value"], one["n"], one["p90"]) for one in kept["weeks"]]
    query = urlencode({"since": brief.first_on.isoformat(), "until": brief.last_on.isoformat(), **OUR_DAYS})
    url = reverse("insights-metric", kwargs={"workspace": workspace.slug, "metric": metric.slug})
    words = _("The weeks before, oldest first: %s") % ", ".join(
        str(said(metric, one.value)) for one in weeks[-BEFORE - 1 : -1]
    )
    return ShownFigure(
        Tile(metric, weeks[-1], weeks[-2], f"{url}?{query}"), sparkline([one.value for one in weeks]), words
    )


def _risk(kept: Mapping[str, Any], workspace: Workspace, person: Person) -> ShownRisk:
    look, drawing = LOOKS.get(kept["kind"], ("", "info"))
    kind = str(KIND_WORDS.get(kept["kind"], kept["kind"]))
    return ShownRisk(kept["title"], kind, look, drawing, facts_of(kept["facts"], workspace, person))


def _question(kept: Mapping[str, Any], workspace: Workspace, person: Person) -> ShownQuestion:
    url = reverse("committee_meeting", kwargs={"workspace": workspace.slug, "number": kept["number"]})
    kind = str(KIND_WORDS.get(kept["kind"], kept["kind"]))
    opens = f"{url}#item-{kept['item']}" if may_open(person, workspace, url) else ""
    begins_at = dt.datetime.fromisoformat(kept["begins_at"])
    return ShownQuestion(kept["title"], kept["question"], kind, begins_at, opens)
