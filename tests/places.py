"""A company on the sandbox network and its channel, for tests of what arrives."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from choir.channels.contract import Raw
from choir.channels.models import Channel
from choir.ids import new_id
from choir.people.models import Department, Organisation, Team, Workspace
from choir.sandbox.actions import join_as_company
from choir.sandbox.models import Account

NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Place:
    """One workspace with one department and team, and one channel."""

    workspace: Workspace
    department: Department
    team: Team
    channel: Channel


def place(name: str = "north", *, connector: str = "sandbox", network: str = "Sandbox") -> Place:
    """A workspace with a channel on a network nobody serves."""
    organisation = Organisation.objects.create(name=name, slug=name)
    workspace = Workspace.objects.create(organisation=organisation, name=name, slug=name, languages=["en"])
    department = Department.objects.create(organisation=organisation, name="Customer service", slug="customer_service")
    team = Team.objects.create(department=department, name="Front desk", slug="front-desk")
    channel = Channel.objects.create(
        workspace=workspace,
        connector=connector,
        network=network,
        name=f"{network} {name}",
        external_id=str(new_id()),
        handle=name,
        accountable=department,
        settings={"place": name, "address": "http://127.0.0.1:9"},
    )
    return Place(workspace, department, team, channel)


def on_the_sandbox(one: Place, *, address: str) -> Account:
    """Join the company to the sandbox network served at an address; its channel can do everything from then on."""
    account, token = join_as_company(place=one.workspace.slug, handle=one.channel.handle, name=one.workspace.name)
    account.webhook_url = f"/hooks/{one.channel.pk}"
    account.save()
    one.channel.external_id = str(account.pk)
    one.channel.settings = {"place": account.place, "address": address, "timeout_seconds": 20}
    one.channel.seal_secret({"token": token, "webhook_secret": account.webhook_secret})
    one.channel.save()
    return account


def entry(said: str, **shown: Any) -> Raw:
    """One entry of a sandbox stream: `said` is its id; what it answers, says, and when may be given."""
    entry: dict[str, Any] = {
        "id": said,
        "number": 1,
        "kind": "reply" if shown.get("parent") else "post",
        "text": f"text of {said}",
        "posted_at": NOW.isoformat(),
        "author": {"id": "u-ana", "handle": "ana", "name": "Ana"},
        "parent": None,
        "thread": None,
    }
    entry |= shown
    return Raw(key=said, payload=json.dumps(entry).encode())
