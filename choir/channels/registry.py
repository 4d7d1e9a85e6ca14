"""Connectors are found by listing the folder; manifests say what they can do."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from typing import Any

from django.conf import settings

from choir.channels import quota, renewal
from choir.channels.contract import Account, Capability, CountsText, Field, FieldKind, Limits, Manifest, Maps, SignIn
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
    protocols of the contract (`isinstance(connector, Replies)`). What the network says of its limits is noted for
    `quota.settle`."""
    return _made(
        channel.connector,
        Account(
            external_id=channel.external_id,
            handle=channel.handle,
            settings=_settings(channel.settings),
            secret=channel.open_secret(),
            note=partial(quota.note, channel.pk),
            renew=partial(renewal.renew, channel.pk),
        ),
    )


def reader(channel: Channel) -> Maps:
    """The connector for a channel's account without its secret: enough to read what has arrived, so that a secret
    that cannot be opened any more keeps nobody from hearing."""
    return _made(
        channel.connector,
        Account(external_id=channel.external_id, handle=channel.handle, settings=_settings(channel.settings)),
    )


def unconnected(slug: str, *, settings: Mapping[str, object], secret: Mapping[str, str]) -> Maps:
    """The connector with what a person has just filled in, before there is a channel: to try it (`SignsIn`) or to
    send them to the network (`Authorizes`)."""
    return _made(slug, Account(external_id="", handle="", settings=_settings(settings), secret=secret))


def limits_of(channel: Channel) -> Limits:
    """What this channel takes: the manifest's limits, or what its own server stated when it was connected."""
    stated = asdict(manifest(channel.connector).limits)
    own = channel.settings.get("limits", {})
    return Limits(**{name: own.get(name, value) for name, value in stated.items()})


def length_of(channel: Channel, text: str) -> int:
    """How long a text is as the network counts."""
    if not manifest(channel.connector).limits.counts_itself:
        return len(text)
    connector: object = reader(channel)
    return connector.length(text) if isinstance(connector, CountsText) else len(text)


def _settings(kept: Mapping[str, object]) -> Mapping[str, object]:
    return {"origin": settings.PUBLIC_URL} | dict(kept)


def _made(slug: str, account: Account) -> Maps:
    module = importlib.import_module(f"choir.channels.connectors.{slug}.connector")
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
        fields=tuple(_field(one) for one in stated.get("fields", [])),
        needs=stated.get("needs", ""),
        needs_app=stated.get("needs_app", False),
        sign_in=tuple(SignIn(kind) for kind in stated.get("sign_in", [])),
    )


def _field(stated: Mapping[str, Any]) -> Field:
    kind, options = FieldKind(stated.get("kind", FieldKind.TEXT)), tuple(stated.get("options", ()))
    return Field(**(dict(stated) | {"kind": kind, "options": options}))
