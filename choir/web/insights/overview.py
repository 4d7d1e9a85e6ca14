"""What the overview of figures shows, on the page and in the document alike: its sections of figures, its charts."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from choir.measurement.metrics import catalogue
from choir.web.insights.charting import CHARTS, OF_CONTENT, Shown
from choir.web.insights.lens import Lens
from choir.web.insights.tables import Tile, tiles

SERVICE = (
    "conversations", "first_response", "sla_attainment", "resolution", "backlog", "response_rate", "one_touch",
    "reopen_rate", "handover_rate", "csat",
)  # fmt: skip
REPUTATION = ("sentiment", "share_of_voice", "spikes")
CONTENT = ("reach", "engagement", "engagement_rate", "engagement_per_message", "clicks", "conversions", "cost")
SHOWN = (*SERVICE, *REPUTATION, *CONTENT)


@dataclass(frozen=True, slots=True)
class Section:
    """Figures that belong together, those that have rows."""

    slug: str
    title: str | Promise
    tiles: list[Tile]


def sections(lens: Lens) -> list[Section]:
    """The figures of the period. What is no part of every workspace's work is shown where there is some of it."""
    known = {one.metric.slug: one for one in tiles(lens, [catalogue()[slug] for slug in SHOWN])}
    found = [Section("service", _("Service"), [known[slug] for slug in SERVICE if known[slug].has_rows])]
    for slug, title, metrics in (
        ("reputation", _("How we are spoken of"), REPUTATION),
        ("content", _("What we said, what came of it, what it cost"), CONTENT),
    ):
        found.append(Section(slug, title, [known[one] for one in metrics if _is_some(known[one])]))
    return [one for one in found if one.tiles]


def _is_some(tile: Tile) -> bool:
    return bool(tile.now.n or tile.before.n)


def charts(lens: Lens, shown: list[Section]) -> list[Shown]:
    """The charts of the period; those of content where there is some."""
    there = {tile.metric.slug for section in shown for tile in section.tiles}
    return [one.over(lens) for one in CHARTS.values() if one.slug not in OF_CONTENT or one.metric in there]
