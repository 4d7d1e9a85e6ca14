"""A decision's effect as the figures tell it: the same number of days before and after, in its scope and beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any
from zoneinfo import ZoneInfo

from choir.governance.estimating import Estimate, Side, estimate
from choir.governance.models import Decision
from choir.measurement.days import Day, days, joined
from choir.measurement.metric import Better, Metric
from choir.measurement.metrics import catalogue
from choir.measurement.question import DAY, NOT, Period, Question
from choir.people.models import Department, Workspace
from choir.routing.models import Hours, Objective

LONGEST, SHORTEST, WEEK = 28, 7, 7
CONTROLS = ("objective", "department")


def effect_of(decision: Decision, *, since: dt.datetime, at: dt.datetime) -> dict[str, Any]:
    """What changed since the decision came into force, as plain values: the estimate, the two periods, what it was
    compared with; empty where it names no metric or too little happened."""
    asked = decision.measured_by
    metric = catalogue().get(str(asked.get("metric")))
    if metric is None:
        return {}
    zone = ZoneInfo(decision.workspace.organisation.time_zone)
    changed_on = since.astimezone(zone).date()
    span = (at.astimezone(zone).date() - changed_on).days - 1
    span = min(LONGEST, span // WEEK * WEEK)
    if span < SHORTEST:
        return {}
    # The day of the change itself belongs to neither side.
    first = Period.between(changed_on - span * DAY, changed_on - DAY, zone, at)
    second = Period.between(changed_on + DAY, changed_on + span * DAY, zone, at)
    sides = [side_of(decision.workspace, metric, period, asked) for period in (first, second)]
    found = estimate(joined(metric), *sides)
    if found is None:
        return {}
    return {
        **asdict(found),
        "metric": metric.slug,
        "narrowed": _narrowed(asked),
        "against": _control(asked) if sides[0].control else "",
        "before_from": first.first.isoformat(),
        "before_to": first.last.isoformat(),
        "after_from": second.first.isoformat(),
        "after_to": second.last.isoformat(),
        "verdict": verdict(metric, found),
    }


def verdict(metric: Metric, found: Estimate) -> str:
    """“better”, “worse”, or “unclear” where the range holds no effect as well."""
    if not found.is_clear or metric.better is Better.NEITHER:
        return "unclear"
    return "better" if (found.effect > 0) == (metric.better is Better.HIGHER) else "worse"


def side_of(workspace: Workspace, metric: Metric, period: Period, asked: Mapping[str, Any]) -> Side:
    """One side's days, in the decision's scope and beside it: all other objectives, or departments."""
    question = Question(workspace.pk, period, None, Hours.BUSINESS, tuple(sorted(_narrowed(asked).items())))
    scope = _listed(metric, question)
    dimension = _control(asked)
    if not dimension:
        return Side(scope, ())
    beside = replace(question, narrowed=tuple(one for one in question.narrowed if one[0] != "topic"))
    others = NOT + _narrowed(asked)[dimension]
    return Side(scope, _listed(metric, beside.to(**{dimension: others})) if _has_others(workspace, dimension) else ())


def _control(asked: Mapping[str, Any]) -> str:
    """What the scope is compared with: the other objectives, or the other departments."""
    return next((one for one in CONTROLS if _narrowed(asked).get(one)), "")


def _has_others(workspace: Workspace, dimension: str) -> bool:
    model: Any = Objective if dimension == "objective" else Department
    return bool(model.objects.filter(organisation=workspace.organisation_id).count() > 1)


def _listed(metric: Metric, question: Question) -> list[Day]:
    return [day for _, day in sorted(days(metric, question).items())]


def _narrowed(asked: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in (asked.get("narrowed") or {}).items() if value}
