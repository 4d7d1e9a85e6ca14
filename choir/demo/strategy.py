"""What the demo company wants: goals, KPIs and initiatives, with a gap or two as real plans have them; and what its
departments said on the planning canvas."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Any

from choir.demo.company import CONTENT, Company
from choir.measurement.metric import Better
from choir.measurement.metrics import catalogue
from choir.strategy.canvas import bear, say
from choir.strategy.models import KPI, Goal, Initiative, Wants


def plan(company: Company, *, at: dt.datetime) -> None:
    """Make all of it, in days counted from now."""
    told = tomllib.loads((CONTENT / "strategy.toml").read_text())
    goals: dict[str, Goal] = {}
    for one in told["goals"]:
        goal = Goal.objects.create(
            **_lasting(company, one, at), name=one["name"], purpose=one["purpose"], statement=one["statement"]
        )
        goal.objectives.set(company.objectives[slug] for slug in one["objectives"])
        goals[goal.name] = goal
    for one in told["kpis"]:
        KPI.objects.create(
            **_lasting(company, one, at),
            goal=goals.get(one.get("goal", "")),
            name=one["name"],
            metric=one["metric"],
            objective=company.objectives.get(one.get("objective", "")),
            language=one.get("language", ""),
            baseline=one.get("baseline"),
            target=one["target"],
            wants=one.get("wants") or _side(one["metric"]),
        )
    for one in told["initiatives"]:
        Initiative.objects.create(
            **_lasting(company, one, at),
            goal=goals.get(one.get("goal", "")),
            name=one["name"],
            objective=company.objectives.get(one.get("objective", "")),
            department=company.departments[one["department"]],
            budget=one["budget"],
        )


def ask(company: Company, *, at: dt.datetime) -> None:
    """What departments answered on the canvas, by the same actions as on its page."""
    told = tomllib.loads((CONTENT / "canvas.toml").read_text(encoding="utf-8"))
    champion = company.people["Kirsten Vale"]
    for one in told["answers"]:
        moment = at - dt.timedelta(days=one["days"])
        answer = say(
            company.workspace, department=company.departments[one["department"]], text=one["text"],
            by=company.people[one["by"]], at=moment,
        )  # fmt: skip
        if "became" in one:
            row = Initiative.objects.get(workspace=company.workspace, name=one["became"])
            bear(answer, row, by=champion, at=moment + dt.timedelta(days=3))


def _lasting(company: Company, one: dict[str, Any], at: dt.datetime) -> dict[str, Any]:
    starts_on = at.date() - dt.timedelta(days=one["began"])
    owner = company.people.get(one.get("owner", "Kirsten Vale"))
    return {
        "workspace": company.workspace,
        "owner": owner,
        "starts_on": starts_on,
        "ends_on": at.date() + dt.timedelta(days=one["lasts"]),
        "created_at": at - dt.timedelta(days=max(0, one["began"])),
    }


def _side(metric: str) -> Wants:
    return Wants.AT_MOST if catalogue()[metric].better is Better.LOWER else Wants.AT_LEAST
