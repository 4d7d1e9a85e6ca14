"""Connectors are found by listing the folder; manifests say what they can do."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.conf import settings

from choir.channels.contract import Account, Capability, Field, Limits, Manifest, Maps
from choir.channels.models import Channel

FOLDER = Path(__file__).parent / "connectors"


@cache
def manifests() -> Mapping[str, Manifest]:
    """Every connector's manifest by its folder name."""
    return {path.parent.name: _read(path) for path in sorted(FOLDER.glob("*/manifest.toml"))}


def manifest(slug: str) -> Manifest:
    """One manifest; KeyError names the connectors there are."""
    try:
        return manifests()[slug]
    except KeyError:
        raise KeyError(f"No connector “{slug}”; there are {', '.join(manifests())}.") from None


def connect(channel: Channel) -> Maps:
    """The connector for a channel's account, with its secret opened. What else it can do is told by the
    protocols of the contract (`isinstance(connector, Replies)`)."""
    return _made(channel, channel.open_secret())


def reader(channel: Channel) -> Maps:
    """The connector for a channel's account without its secret: enough to read what has arrived, so that a secret
    that cannot be opened any more keeps nobody from hearing."""
    return _made(channel, {})


def _made(channel: Channel, secret: dict[str, str]) -> Maps:
    module = importlib.import_module(f"choir.channels.connectors.{channel.connector}.connector")
    account = Account(
        external_id=channel.external_id,
        handle=channel.handle,
        settings={"origin": settings.PUBLIC_URL} | channel.settings,
        secret=secret,
    )
    connector: Maps = module.Connector(account)
    return connector


def _read(path: Path) -> Manifest:
    stated = tomllib.loads(path.read_text(encoding="utf-8"))
    return Manifest(
        slug=path.parent.name,
        name=stated["name"],
        capabilities=frozenset(Capability(name) for name in stated["capabilities"]),
        limits=Limits(**stated["limits"]),
        level=stated["level"],
        evidence=stated["evidence"],
        fetch_every_seconds=stated.get("fetch_every_seconds"),
        fields=tuple(Field(**field) for field in stated.get("fields", [])),
    )
