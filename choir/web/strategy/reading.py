"""What the strategy pages show of a KPI and of a gap, in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from choir.measurement.metric import Metric
from choir.measurement.metrics import catalogue
from choir.measurement.question import OUR_DAYS
from choir.people.models import Person, Workspace
from choir.routing.choose import language_name
from choir.routing.models import Hours
from choir.strategy.models import KPI, Outlook, Status, Wants
from choir.strategy.queries import UNPLANNED, Branch, Gap
from choir.web.access import may_open
from choir.web.insights.wording import said

LOOKS = {
    Status.ON_TRACK: ("good", "up"), Status.MET: ("good", "check"), Status.AT_RISK: ("warn", "clock-soon"),
    Status.OFF_TRACK: ("bad", "problems"), Status.MISSED: ("bad", "problems"), Status.TOO_EARLY: ("", "info"),
    Status.NOT_BEGUN: ("", "info"),
}  # fmt: skip


@dataclass(frozen=True)
class ShownKPI:
    """One KPI with its values in words."""

    kpi: KPI
    workspace: Workspace

    @cached_property
    def metric(self) -> Metric | None:
        """Its metric; None when that is gone."""
        return catalogue().get(self.kpi.metric)

    @property
    def outlook(self) -> Outlook | None:
        """Where it stands, once worked out."""
        return getattr(self.kpi, "outlook", None)

    @property
    def url(self) -> str:
        """Its page."""
        return reverse("strategy_kpi", kwargs={"workspace": self.workspace.slug, "kpi": self.kpi.pk})

    @property
    def rows_url(self) -> str:
        """The conversations behind its value."""
        return self.rows_until(self.kpi.ends_on)

    def rows_until(self, day: dt.date) -> str:
        """The conversations behind its value as it was when a day ended."""
        kpi = self.kpi
        asked = {
            "since": kpi.starts_on.isoformat(),
            "until": day.isoformat(),
            "hours": kpi.hours if kpi.hours != Hours.BUSINESS else "",
            "department": kpi.department.slug if kpi.department else "",
            "objective": kpi.objective.slug if kpi.objective else "",
            "channel": str(kpi.channel_id or ""),
            "language": kpi.language,
            **OUR_DAYS,
        }
        path = reverse("insights-metric", kwargs={"workspace": self.workspace.slug, "metric": kpi.metric})
        return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"

    def words(self, value: float | None) -> str:
        """A value in the metric's unit."""
        return str(said(self.metric, value)) if self.metric else "–"

    @property
    def value(self) -> str:
        """Where it is now."""
        return self.words(self.outlook.value if self.outlook else None)

    @property
    def baseline(self) -> str:
        """Where it was."""
        return self.words(self.kpi.baseline) if self.kpi.baseline is not None else ""

    @property
    def target(self) -> str:
        """Where it should be, with its side."""
        sign = "≥" if self.kpi.wants == Wants.AT_LEAST else "≤"
        return f"{sign} {self.words(self.kpi.target)}"

    @property
    def status(self) -> Status | None:
        """Where it stands."""
        return Status(self.outlook.status) if self.outlook else None

    @property
    def look(self) -> tuple[str, str]:
        """The colour and the drawing of its status."""
        return LOOKS[self.status] if self.status else ("", "info")

    @property
    def goes(self) -> str:
        """Which way it went within a week: up, down, or nothing."""
        found = self.outlook
        if found is None or found.value is None or found.week_ago is None or found.value == found.week_ago:
            return ""
        return "up" if found.value > found.week_ago else "down"

    @property
    def goes_well(self) -> bool:
        """Whether it moved towards the target's side."""
        return (self.goes == "up") == (self.kpi.wants == Wants.AT_LEAST)

    @property
    def ahead(self) -> str:
        """Where it is likely to end."""
        found = self.outlook
        if found is None or found.low is None:
            return ""
        low, high = self.words(found.low), self.words(found.high)
        return low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}

    @property
    def chance(self) -> str:
        """How likely it ends on the right side, in tenths: more would claim too much."""
        found = self.outlook
        if found is None or found.chance is None:
            return ""
        tenths = round(found.chance * 10)
        if tenths in (0, 10):
            return _("almost certain to miss") if tenths == 0 else _("almost certain to meet it")
        return _("%s of 10 chances to meet it") % tenths

    @property
    def scope(self) -> str:
        """What it is narrowed to, in words."""
        kpi = self.kpi
        parts = [str(one) for one in (kpi.objective, kpi.department, kpi.channel) if one]
        return ", ".join([*parts, *([language_name(kpi.language)] if kpi.language else [])])


@dataclass(frozen=True, slots=True)
class ShownBranch:
    """A goal as the tree shows it."""

    branch: Branch
    kpis: list[ShownKPI]
    look: tuple[str, str]
    status: Status | None


@dataclass(frozen=True, slots=True)
class ShownGap:
    """A gap in a sentence, with where to close it; "" for whoever may not."""

    words: str
    url: str


def shown_branch(branch: Branch, workspace: Workspace) -> ShownBranch:
    """A branch with its KPIs in words."""
    status = Status(branch.worst) if branch.worst else None
    kpis = [ShownKPI(one, workspace) for one in branch.kpis]
    return ShownBranch(branch, kpis, LOOKS[status] if status else ("", "info"), status)


def shown_gap(gap: Gap, workspace: Workspace, person: Person) -> ShownGap:
    """A gap in words, for a person: without a place to close it where their rules keep them out."""
    name = str(gap.subject)
    words = {
        "kpi_without_goal": _("“%s” is measured, but serves no goal."),
        "goal_without_kpi": _("Nothing measures whether “%s” is reached."),
        "initiative_without_goal": _("“%s” is done, but for no goal."),
        "initiative_without_objective": _("“%s” says nothing of what it is to do for customers."),
        "without_owner": _("Nobody answers for “%s”."),
    }
    if gap.kind == "unplanned":
        said_of = ngettext(
            "%(count)s conversation about %(name)s needed a reply in four weeks, and no goal names it.",
            "%(count)s conversations about %(name)s needed a reply in four weeks, and no goal names it.",
            gap.count,
        ) % {"count": gap.count, "name": name.lower()}
        query = urlencode({"objective": gap.subject.slug, **OUR_DAYS})  # type: ignore[union-attr]
        path = reverse("insights-metric", kwargs={"workspace": workspace.slug, "metric": UNPLANNED})
        return ShownGap(said_of, f"{path}?{query}")
    kind = str(gap.subject._meta.model_name)
    named = {"workspace": workspace.slug, kind: gap.subject.pk}
    url = reverse(f"strategy_{kind}", kwargs=named)
    return ShownGap(words[gap.kind] % name, url if may_open(person, workspace, url) else "")


def days_left(ends_on: dt.date, today: dt.date) -> str:
    """How long there is."""
    left = (ends_on - today).days
    if left < 0:
        return _("over")
    return ngettext("%s day left", "%s days left", left) % left if left else _("last day")
