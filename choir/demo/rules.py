"""What the demo company has decided: objectives, who owns them since when, promises, approvals, shared knowledge."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from choir.demo.company import BEFORE, CONTENT, Company
from choir.knowledge.models import Answer, Macro
from choir.outbound.models import ApprovalPolicy
from choir.routing.models import Hours, Objective, Ownership, SLAPolicy
from choir.routing.rules.actions import Outcome, keep_rule
from choir.routing.rules.decide import Condition

Scope = tuple[str, str]


def decide(company: Company, *, at: dt.datetime) -> None:
    """Make all of it."""
    rows = [
        Objective(
            organisation=company.organisation,
            slug=slug,
            name=one["name"],
            description=one["description"],
            is_answered=one.get("is_answered", True),
            position=position,
        )
        for position, (slug, one) in enumerate(company.plan["objectives"].items())
    ]
    company.objectives = {one.slug: one for one in Objective.objects.bulk_create(rows)}
    _own(company, at=at)
    _promise(company)
    _approve(company)
    _insist(company, at=at)
    _know(company, at=at)


def _own(company: Company, *, at: dt.datetime) -> None:
    begins: dict[Scope, tuple[int, dt.datetime]] = {}
    for one in company.plan["ownership"]:
        scope = one["objective"], one.get("topic", "")
        version, since = begins.get(scope, (1, at - BEFORE))
        until = at - dt.timedelta(days=one["until_days_ago"]) if "until_days_ago" in one else None
        cell = Ownership.objects.create(
            organisation=company.organisation,
            objective=company.objectives[one["objective"]],
            topic=one.get("topic", ""),
            responsible=company.departments[one["responsible"]],
            accountable=company.departments[one["responsible"]],
            version=version,
            effective_from=since,
            effective_until=until,
            decided_by=company.people["Kirsten Vale"],
            because=one["because"],
            created_at=since,
        )
        cell.consulted.set(company.departments[slug] for slug in one.get("consulted", []))
        cell.informed.set(company.departments[slug] for slug in one.get("informed", []))
        if until is not None:
            begins[scope] = version + 1, until


def _promise(company: Company) -> None:
    SLAPolicy.objects.bulk_create(
        SLAPolicy(
            organisation=company.organisation,
            name=one["name"],
            objective=company.objectives[one["objective"]] if "objective" in one else None,
            urgency_at_least=one.get("urgency", 0),
            first_response_seconds=one["first_response"] * 60,
            resolution_seconds=one["resolution"] * 60,
            hours=Hours(one.get("hours", Hours.BUSINESS)),
        )
        for one in company.plan["promises"]
    )


def _approve(company: Company) -> None:
    ApprovalPolicy.objects.bulk_create(
        ApprovalPolicy(
            organisation=company.organisation,
            name=one["name"],
            objective=company.objectives[one["objective"]] if "objective" in one else None,
            department=company.departments[one["department"]] if "department" in one else None,
            author_role=one.get("author_role", ""),
        )
        for one in company.plan["approvals"]
    )


def _insist(company: Company, *, at: dt.datetime) -> None:
    for one in company.plan["rules"]:
        keep_rule(
            company.workspace,
            rule=None,
            name=one["name"],
            conditions=[Condition("words", tuple(one["words"]))],
            outcome=Outcome(department=company.departments[one["department"]]),
            because=one["because"],
            by=company.people["Kirsten Vale"],
            at=at - dt.timedelta(days=one["days_ago"]),
        )


def _know(company: Company, *, at: dt.datetime) -> None:
    Answer.objects.bulk_create(
        Answer(
            organisation=company.organisation,
            title=one["title"],
            text=one["text"],
            language=one["language"],
            department=company.departments[one["department"]],
            owner=company.people[company.speakers(one["department"], one["language"])[0]],
            expires_on=(at + dt.timedelta(days=30 + 17 * place)).date(),
            tags=one["tags"],
            created_at=at - dt.timedelta(days=100 - 3 * place),
        )
        for place, one in enumerate(_lines("answers.jsonl"))
    )
    Macro.objects.bulk_create(
        Macro(
            organisation=company.organisation,
            department=company.departments[one["department"]],
            name=one["name"],
            language=one["language"],
            text=one["text"],
            labels=one["labels"],
            resolves=one["resolve"],
        )
        for one in _lines("macros.jsonl")
    )


def _lines(name: str) -> Iterator[dict[str, Any]]:
    for line in (CONTENT / name).read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
