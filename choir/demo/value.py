"""What came of it for the demo company: work recorded on answers, links and clicks, conversions, spend, assumptions."""

from __future__ import annotations

import datetime as dt
import random
import tomllib
import uuid
from collections import defaultdict
from decimal import Decimal
from typing import Any

from choir.channels.secrets import seal
from choir.channels.standard_webhooks import fresh_secret
from choir.conversions.attributing import attribute, choose_rule
from choir.conversions.models import (
    Click,
    Conversion,
    ConversionFile,
    ConversionKind,
    ConversionSource,
    TrackedLink,
)
from choir.demo.company import CONTENT, Company
from choir.demo.rows import Rows
from choir.inbox.models import Conversation, Direction, Message
from choir.strategy.models import Goal, Initiative
from choir.value.assuming import Range, assume
from choir.value.models import CountsFor, Spend

DAY = dt.timedelta(days=1)
SHARE_RECORDED = 0.86
LOOKS_SECONDS = (20, 150)
TYPES_A_SECOND = 3.4  # characters, thinking included
MOST_SECONDS = 40 * 60


def record_work(rows: Rows, *, chance: random.Random) -> None:
    """Give most answers the work on them, before they are written; of some nothing was recorded."""
    for message in rows.of(Message):
        if message.direction == Direction.OUTBOUND and message.person_id and chance.random() < SHARE_RECORDED:
            typing = len(message.text) / TYPES_A_SECOND * chance.lognormvariate(0, 0.35)
            message.handling_seconds = int(min(MOST_SECONDS, chance.uniform(*LOOKS_SECONDS) + typing))


def came_of_it(company: Company, *, rows: Rows, at: dt.datetime, chance: random.Random) -> None:
    """Make all of it, once the rows it rests on are written."""
    told = tomllib.loads((CONTENT / "value.toml").read_text(encoding="utf-8"))
    goals = {one.name: one for one in Goal.objects.filter(workspace=company.workspace)}
    kinds = _kinds(company, told, goals, at=at)
    _assumed(company, told, goals, kinds, at=at)
    _spent(company, told, at=at)
    clicks = _clicked(company, told, rows, at=at, chance=chance)
    _converted(company, told, kinds, clicks, rows, at=at, chance=chance)
    rule = told["rule"]
    choose_rule(
        company.workspace, credits=rule["credits"], window_days=rule["window_days"], because=rule["because"],
        by=company.people[rule["by"]], at=at - rule["days_ago"] * DAY,
    )  # fmt: skip
    while attribute(at=at):
        pass


def _kinds(company: Company, told: dict[str, Any], goals: dict[str, Goal], *, at: dt.datetime) -> dict[str, Any]:
    kinds = {}
    for one in told["kinds"]:
        kind = ConversionKind.objects.create(
            workspace=company.workspace,
            slug=one["slug"],
            name=one["name"],
            stage=one["stage"],
            created_at=at - 62 * DAY,
        )
        kinds[kind.slug] = kind
        if one["goal"]:
            CountsFor.objects.create(kind=kind, goal=goals[one["goal"]])
    return kinds


def _assumed(
    company: Company, told: dict[str, Any], goals: dict[str, Goal], kinds: dict[str, Any], *, at: dt.datetime
) -> None:
    for one in told["assumptions"]:
        assume(
            company.workspace, one["name"], values=Range(*map(float, one["values"])), because=one["because"],
            by=company.people[one["by"]], at=at - one["days_ago"] * DAY, goal=goals.get(one.get("goal", "")),
            kind=kinds.get(one.get("kind", "")),
        )  # fmt: skip


def _spent(company: Company, told: dict[str, Any], *, at: dt.datetime) -> None:
    initiatives = {one.name: one for one in Initiative.objects.filter(workspace=company.workspace)}
    Spend.objects.bulk_create(
        Spend(
            workspace=company.workspace, kind=one["kind"], name=one["name"], amount=Decimal(one["amount"]),
            initiative=initiatives.get(one.get("initiative", "")), starts_on=at.date() - one["began"] * DAY,
            ends_on=at.date() + one["lasts"] * DAY, by=company.people["Kirsten Vale"], at=at - one["began"] * DAY,
        )
        for one in told["spend"]
    )  # fmt: skip


def _clicked(
    company: Company, told: dict[str, Any], rows: Rows, *, at: dt.datetime, chance: random.Random
) -> dict[uuid.UUID, list[Click]]:
    """Links with their clicks; some were given in a conversation, and those are found again by its id."""
    answered = [one for one in rows.of(Conversation) if one.last_outbound_at is not None]
    given: dict[uuid.UUID, list[Click]] = defaultdict(list)
    made: list[Click] = []
    for one in told["links"]:
        since = at - one["days_ago"] * DAY
        link = TrackedLink.objects.create(
            workspace=company.workspace, code=f"{chance.getrandbits(40):x}", name=one["name"], target=one["target"],
            campaign=one["campaign"], by=company.people["Kirsten Vale"], created_at=since,
        )  # fmt: skip
        known = [row for row in answered if row.last_outbound_at and row.last_outbound_at > since]
        for _ in range(one["clicks"]):
            row = chance.choice(known) if known and chance.random() < 0.2 else None
            clicked_at = chance.uniform(since.timestamp(), at.timestamp())
            moment = dt.datetime.fromtimestamp(clicked_at, dt.UTC)
            if row is not None and row.last_outbound_at is not None:
                moment = min(at, row.last_outbound_at + dt.timedelta(hours=chance.uniform(0.1, 30)))
            click = Click(
                id=rows.id_at(moment), workspace=company.workspace, link=link, conversation=row, at=moment,
                visitor=f"{chance.getrandbits(128):032x}",
            )  # fmt: skip
            made.append(click)
            if row is not None:
                given[row.pk].append(click)
    Click.objects.bulk_create(made)
    return given


def _converted(
    company: Company,
    told: dict[str, Any],
    kinds: dict[str, ConversionKind],
    clicks: dict[uuid.UUID, list[Click]],
    rows: Rows,
    *,
    at: dt.datetime,
    chance: random.Random,
) -> None:
    shop = ConversionSource.objects.create(
        workspace=company.workspace, name="Web shop", secret=seal({"secret": fresh_secret()}),
        created_at=at - 62 * DAY, heard_at=at - dt.timedelta(hours=2),
    )  # fmt: skip
    till = ConversionFile.objects.create(
        workspace=company.workspace, name="till-receipts.csv", by=company.people["Kirsten Vale"], at=at - 6 * DAY
    )
    found: list[Conversion] = []

    def add(kind: str, moment: dt.datetime, amount: list[int] | None, conversation: Conversation | None) -> None:
        by_file = kind == "order" and moment < till.at and chance.random() < 0.2
        click = next(iter(clicks.get(conversation.pk, ())), None) if conversation else None
        worth = _amount(amount, chance) if amount else None
        found.append(Conversion(
            id=rows.id_at(moment), workspace=company.workspace, kind=kinds[kind], source=None if by_file else shop,
            file=till if by_file else None, external_id=f"{kind[0].upper()}-{20417 + len(found)}", at=moment,
            amount=worth, customer=conversation.customer if conversation else None,
            click=click if click is not None and click.at < moment else None,
            campaign=click.link.campaign if click is not None and click.at < moment else "",
            recorded_at=moment + dt.timedelta(seconds=20),
            taken_back_at=moment + DAY if kind == "order" and chance.random() < 0.04 else None,
        ))  # fmt: skip

    for conversation in rows.of(Conversation):
        for one in told["converts"]:
            last = conversation.last_outbound_at
            if last is None or conversation.objective is None or conversation.objective.slug != one["objective"]:
                continue
            moment = last + dt.timedelta(days=chance.uniform(0.02, one["within_days"]))
            if chance.random() * 100 < one["of_hundred"] and moment < at:
                add(one["kind"], moment, one.get("amount"), conversation)
    for _ in range(told["strangers"]["count"]):
        moment = at - dt.timedelta(days=chance.uniform(0.1, 88))
        add(told["strangers"]["kind"], moment, told["strangers"]["amount"], None)
    Conversion.objects.bulk_create(found)
    till.taken_count = sum(one.file is not None for one in found)
    till.save(update_fields=["taken_count"])


def _amount(between: list[int], chance: random.Random) -> Decimal:
    low, high = between
    return Decimal(str(round(min(high, low * chance.lognormvariate(0.9, 0.8)), 2)))
