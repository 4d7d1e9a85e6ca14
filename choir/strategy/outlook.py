"""Where every KPI stands: worked out after the figures were measured, kept, and recorded when its status changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.db import transaction

from choir.events.actions import record
from choir.measurement.days import Day, days, joined, together
from choir.measurement.metric import Metric
from choir.measurement.metrics import catalogue
from choir.measurement.models import Progress
from choir.measurement.question import DAY, Period, Question
from choir.people.models import Workspace
from choir.routing.models import Hours
from choir.strategy.forecast import WEEK, WEEKS, Forecast, forecast
from choir.strategy.models import KPI, Outlook, Status

ANEW_AFTER = dt.timedelta(minutes=10)
SLOW_END = 0.9
LIKELY, UNLIKELY = 0.75, 0.25  # the chance of meeting a target that is called on track, and off track


def look_ahead(*, at: dt.datetime) -> int:
    """Work out the outlook of every KPI whose figures moved on since; how many."""
    count = 0
    for workspace in Workspace.objects.filter(pk__in=KPI.objects.filter(ended_at=None).values("workspace_id")):
        counted_at = Progress.objects.filter(workspace=workspace).values_list("at", flat=True).first()
        if counted_at is None:
            continue
        for kpi in _due(workspace, counted_at):
            keep_outlook(kpi, at=counted_at)
            count += 1
    return count


def _due(workspace: Workspace, counted_at: dt.datetime) -> list[KPI]:
    kpis = KPI.objects.filter(workspace=workspace, ended_at=None).select_related("outlook", "workspace__organisation")
    return [one for one in kpis if _is_due(getattr(one, "outlook", None), counted_at)]


def _is_due(outlook: Outlook | None, counted_at: dt.datetime) -> bool:
    """After ten minutes; what had too little to go by, with every measuring."""
    if outlook is None:
        return True
    wait = dt.timedelta() if outlook.status == Status.TOO_EARLY else ANEW_AFTER
    return outlook.at + wait < counted_at


@transaction.atomic
def keep_outlook(kpi: KPI, *, at: dt.datetime) -> Outlook:
    """Work out where a KPI stands and keep it; a change of status is one event."""
    before = Outlook.objects.select_for_update().filter(kpi=kpi).first()
    now = outlook_of(kpi, at=at)
    now.status_since = before.status_since if before and before.status == now.status else at
    now.save(force_insert=before is None, force_update=before is not None)
    if before is None or before.status != now.status:
        record(
            verb="kpi.status_changed",
            subject=kpi,
            organisation_id=kpi.workspace.organisation_id,
            workspace_id=kpi.workspace_id,
            at=at,
            facts={"from": before.status if before else "", "to": now.status, "value": now.value},
        )
    return now


def outlook_of(kpi: KPI, *, at: dt.datetime) -> Outlook:
    """Where a KPI stands at a time (not saved). Its metric may be gone; then there is nothing to say."""
    metric = catalogue().get(kpi.metric)
    found = Outlook(kpi=kpi, at=at, status=Status.TOO_EARLY, status_since=at)
    if metric is None:
        return found
    zone = ZoneInfo(kpi.workspace.organisation.time_zone)
    today = at.astimezone(zone).date()
    if today < kpi.starts_on:
        found.status = Status.NOT_BEGUN
        return found
    known = known_days(kpi, metric, today=today, zone=zone, at=at)
    last = min(today, kpi.ends_on)
    fraction = fraction_of(kpi)
    so_far = _between(known, kpi.starts_on, last)
    found.value = together(metric, so_far, fraction=fraction)
    found.n = int(sum(day.n for day in so_far))
    found.week_ago = together(metric, _between(known, kpi.starts_on, last - WEEK * DAY), fraction=fraction)
    if today > kpi.ends_on:
        if found.value is not None:
            found.status = Status.MET if kpi.is_met_by(found.value) else Status.MISSED
        return found
    ahead = forecast(
        joined(metric), known, starts_on=kpi.starts_on, today=today, ends_on=kpi.ends_on, fraction=fraction
    )
    if ahead is not None:
        _foresee(found, kpi, ahead)
    return found


def known_days(kpi: KPI, metric: Metric, *, today: dt.date, zone: ZoneInfo, at: dt.datetime) -> dict[dt.date, Day]:
    """What each day contributed, from the KPI's first day or as far back as is looked, up to today. Days before the
    first that has any row say nothing of the level and are left out."""
    first = min(kpi.starts_on, today - WEEKS * WEEK * DAY)
    asked = Question(
        kpi.workspace_id, Period.between(first, today, zone, at), None, Hours(kpi.hours),
        tuple(sorted(kpi.narrowed.items())),
    )  # fmt: skip
    found = days(metric, asked)
    begun = next((day for day, one in found.items() if one.n), today)
    return {day: one for day, one in found.items() if day >= begun}


def fraction_of(kpi: KPI) -> float:
    """Which quantile of a duration the KPI is about."""
    return SLOW_END if kpi.is_slow_end else 0.5


def _between(known: Mapping[dt.date, Day], first: dt.date, last: dt.date) -> list[Day]:
    return [day for date, day in sorted(known.items()) if first <= date <= last]


def _foresee(found: Outlook, kpi: KPI, ahead: Forecast) -> None:
    found.low, found.middle, found.high = ahead.low, ahead.middle, ahead.high
    found.chance = ahead.chance(kpi.is_met_by)
    if found.chance >= LIKELY:
        found.status = Status.ON_TRACK
    elif found.chance >= UNLIKELY:
        found.status = Status.AT_RISK
    else:
        found.status = Status.OFF_TRACK
