"""Writing a week's brief, once: five figures, five sentences, risks, what waits, and the customers to hear."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from choir.events.actions import record
from choir.executive.hearing import choose_for
from choir.executive.models import FRIDAY, Brief, BriefPolicy
from choir.executive.standing import risks_of, waiting_in
from choir.executive.telling import sentences
from choir.executive.weeks import Looked, Trend, last_day, trend
from choir.measurement.figures import Figure
from choir.measurement.metrics import catalogue
from choir.measurement.models import Progress
from choir.people.models import Workspace
from choir.strategy.models import KPI

LEADING = ("conversations", "first_response", "sla_attainment", "sentiment")
ASKED, STANDING = "csat", "backlog"  # the fifth: what customers say when asked; what is unfinished, where few say it


def due(*, at: dt.datetime) -> list[Looked]:
    """The week of each workspace that can be told of and has not been, once its figures reach to its end and it is
    worked out where KPIs stand. Weeks before the first conversation are not told of."""
    weekdays = dict(BriefPolicy.objects.values_list("workspace_id", "weekday"))
    counted = {one.workspace_id: one for one in Progress.objects.all()}
    found = []
    for workspace in Workspace.objects.select_related("organisation"):
        progress = counted.get(workspace.pk)
        if progress is None or progress.tallied_first is None:
            continue
        last = last_day(weekdays.get(workspace.pk, FRIDAY), ZoneInfo(workspace.organisation.time_zone), at)
        looked = Looked(workspace, last, progress, at)
        if not looked.is_counted or last < progress.tallied_first:
            continue
        is_told = Brief.objects.filter(workspace=workspace, last_on__gte=last).exists()
        if not is_told and not KPI.objects.filter(workspace=workspace, ended_at=None, outlook=None).exists():
            found.append(looked)
    return found


@transaction.atomic
def write(looked: Looked) -> Brief | None:
    """Write the brief of a week; nothing happens where it is written already."""
    workspace = Workspace.objects.select_for_update(of=("self",)).get(pk=looked.workspace.pk)
    if Brief.objects.filter(workspace=workspace, last_on=looked.last).exists():
        return None
    counted_at = min(looked.progress.at, looked.at)
    risks = risks_of(looked.workspace, at=looked.at, counted_at=counted_at)
    brief = Brief.objects.create(
        workspace=workspace,
        first_on=looked.first,
        last_on=looked.last,
        counted_at=counted_at,
        written_at=looked.at,
        figures=[_kept(one) for one in _leading(looked)],
        sentences=[one.kept() for one in sentences(looked)],
        risks=risks,
        waiting=waiting_in(looked.workspace, at=looked.at, beside={one["key"] for one in risks}),
    )
    heard = choose_for(brief, looked)
    record(
        verb="brief.written", subject=brief, organisation_id=looked.workspace.organisation_id,
        workspace_id=workspace.pk, at=looked.at,
        facts={"last_on": looked.last.isoformat(), "hearings": len(heard)},
    )  # fmt: skip
    return brief


def _leading(looked: Looked) -> list[Trend]:
    known = catalogue()
    asked = trend(known[ASKED], looked)
    fifth = asked if asked.now.n and not asked.now.is_small else trend(known[STANDING], looked)
    return [*(trend(known[slug], looked) for slug in LEADING), fifth]


def _kept(one: Trend) -> dict[str, Any]:
    return {"metric": one.metric.slug, "weeks": [_plain(figure) for figure in one.figures]}


def _plain(figure: Figure) -> dict[str, Any]:
    return {"value": figure.value, "n": figure.n, "p90": figure.p90}
