"""The demo company's accounts: one place of the sandbox network for each network, and a channel that hears it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from choir.channels.models import Channel
from choir.demo.company import Company
from choir.events.actions import record
from choir.sandbox.actions import join_as_company
from choir.sandbox.models import Account

CONNECTOR = "sandbox"


@dataclass(frozen=True)
class Presence:
    """Our account on one network: theirs, and our channel to it."""

    account: Account
    channel: Channel


def connect(company: Company, *, at: dt.datetime) -> dict[str, Presence]:
    """Join every place and connect a channel to it; answers really go there, and what is posted there comes in."""
    presences: dict[str, Presence] = {}
    for place, one in company.plan["channels"].items():
        account, token = join_as_company(
            place=place, handle=company.organisation.slug, name=company.organisation.name, is_demo=True
        )
        channel = Channel(
            workspace=company.workspace,
            connector=CONNECTOR,
            network=place,
            name=f"{company.organisation.name} on {one['name']} (demo)",
            external_id=str(account.pk),
            handle=account.handle,
            accountable=company.departments[one["accountable"]],
            settings={"place": place},
            created_at=at,
        )
        channel.seal_secret({"token": token, "webhook_secret": account.webhook_secret})
        channel.save(force_insert=True)
        _announce(company, channel, at=at)
        account.followers_count = one["followers"]
        account.webhook_url = f"/hooks/{channel.pk}"
        account.save(update_fields=["followers_count", "webhook_url"])
        presences[place] = Presence(account, channel)
        company.channels[place] = channel
    return presences


def catch_up(presences: dict[str, Presence]) -> None:
    """What was said so far is known: the next fetch begins after it."""
    for one in presences.values():
        one.account.save(update_fields=["last_number"])
        one.channel.cursor = str(one.account.last_number)
        one.channel.save(update_fields=["cursor"])


def _announce(company: Company, channel: Channel, *, at: dt.datetime) -> None:
    record(
        verb="channel.connected",
        subject=channel,
        organisation_id=company.organisation.pk,
        workspace_id=company.workspace.pk,
        at=at,
        by=company.people["Owen Achebe"],
        because=f"{channel.accountable} is accountable for it.",
        facts={"network": channel.network, "connector": channel.connector, "department": str(channel.accountable_id)},
    )
