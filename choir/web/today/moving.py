"""What moved since yesterday, and one suggestion that the figures support."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from choir.measurement.figures import figure, rows, split
from choir.measurement.metrics import catalogue
from choir.measurement.question import DAY, Period
from choir.web.insights.kept import kept
from choir.web.insights.lens import Lens
from choir.web.insights.pairs import pairs
from choir.web.insights.tables import Tile

WEEK = 7 * DAY
MOVING = ("conversations", "backlog", "sla_attainment", "first_response")
LEADING = ("conversations", "first_response", "sla_attainment", "backlog", "sentiment")
SUPPORT = 10  # hand-overs between two departments, and promises behind an attainment, before anything is suggested
POOR = 0.8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to consider: a sentence, what it rests on, and where to look."""

    sentence: str
    evidence: str
    rows_url: str
    act_url: str
    act_words: str


def moved(lens: Lens) -> list[Tile]:
    """Yesterday beside the same weekday before; the backlog as it stands beside a week ago."""
    yesterday = lens.asked.period.last - DAY
    return [_of_days(lens, slug, yesterday, yesterday) for slug in MOVING]


def leading(lens: Lens) -> list[Tile]:
    """The five figures of the last seven days beside the seven before."""
    return [_of_days(lens, slug, lens.asked.period.last - 6 * DAY, lens.asked.period.last) for slug in LEADING]


def _of_days(lens: Lens, slug: str, first: dt.date, last: dt.date) -> Tile:
    metric, asked = catalogue()[slug], lens.asked
    period = Period.between(first, last, asked.period.zone, asked.period.until)
    now = replace(asked, period=period)
    earlier = period.before if first != last else period.before.only(first - DAY)
    if first == last:
        earlier = Period.between(first - WEEK, last - WEEK, asked.period.zone, asked.period.until)
    before = replace(asked, period=earlier)
    found = kept(lens, metric, f"{first} {last}", lambda: figure(metric, now))
    compared = kept(lens, metric, f"before {first} {last}", lambda: figure(metric, before))
    return Tile(metric, found, compared, lens.metric_url(slug, **lens.day(first, last)))


def suggestion(lens: Lens) -> Suggestion | None:
    """The pair of departments that hands over most, else the department that keeps fewest promises; nothing when the
    figures do not support any."""
    return _of_pair(lens) or _of_promises(lens)


def _of_pair(lens: Lens) -> Suggestion | None:
    most = next(iter(pairs(lens, at_most=1)), None)
    if most is None or most.count < SUPPORT:
        return None
    metric = catalogue()["handovers"]
    between = rows(metric, lens.asked).filter(from_department_id=most.giver_id, to_department_id=most.taker_id)
    about = between.order_by().values("conversation__objective__name", "conversation__objective__slug")
    main = about.annotate(n=Count("pk")).order_by("-n").first() or {}
    topic = main.get("conversation__objective__name") or _("no one objective")
    share = round(100 * main.get("n", 0) / most.count)
    return Suggestion(
        _("Should %(taker)s own more of %(topic)s?") % {"taker": most.taker, "topic": topic},
        _(
            "%(giver)s gave %(taker)s %(count)s conversations in %(days)s days, "
            "%(share)s%% of them %(topic)s; %(back)s came back."
        )
        % {
            "giver": most.giver, "taker": most.taker, "count": most.count, "days": lens.asked.period.days_count,
            "share": share, "topic": topic, "back": most.back,
        },
        most.url,
        reverse("ownership", kwargs={"workspace": lens.workspace.slug}),
        _("See who owns what"),
    )  # fmt: skip


def _of_promises(lens: Lens) -> Suggestion | None:
    metric = catalogue()["sla_attainment"]
    found = kept(lens, metric, "department", lambda: split(metric, lens.asked, "department"))
    poor = [(one.value, key, one) for key, one in found.items() if one.value is not None and one.n >= 2 * SUPPORT]
    if not poor:
        return None
    value, key, worst = min(poor, key=lambda one: one[0])
    if value >= POOR:
        return None
    name = lens.names.word("department", key)
    missed = worst.n - round(value * worst.n)
    return Suggestion(
        _("%(name)s answers late more often than others.") % {"name": name},
        ngettext(
            "%(missed)s of %(n)s first response promised was late in %(days)s days.",
            "%(missed)s of %(n)s first responses promised were late in %(days)s days.",
            worst.n,
        )
        % {"missed": missed, "n": worst.n, "days": lens.asked.period.days_count},
        lens.metric_url("sla_attainment", side="missed", **lens.narrower("department", key)),
        lens.metric_url("first_response", **lens.narrower("department", key)),
        _("See how long they take"),
    )
