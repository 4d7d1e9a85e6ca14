"""What opens a channel never leaves it: not in a repr, a log, an exception, a page or a file that is handed out. A
backup holds it encrypted."""

from __future__ import annotations

import datetime as dt
import io
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.core import serializers
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from choir.channels.contract import Account, Manifest
from choir.channels.models import Channel
from choir.channels.registry import connect
from choir.events.models import Event
from choir.flow.fetch import fetch
from choir.installation.logs import write_logs
from tests.cast import Cast, cast
from tests.contract.test_connectors import CONNECTORS, every, fixture, made, outgoing
from tests.doubles.double import SECRET

PAGES = ("settings_channels", "audit", "audit-csv", "audit-jsonl", "listening", "inbox")
ASKED: tuple[Callable[[Any, Manifest], object], ...] = (
    lambda connector, stated: connector.fetch("", limit=2),
    lambda connector, stated: next(connector.listen("", wanted=None)),
    lambda connector, stated: connector.search("kettle", "", limit=2),
    lambda connector, stated: connector.reply(outgoing(stated)),
    lambda connector, stated: connector.find_sent(outgoing(stated)),
    lambda connector, stated: connector.sign_in(),
    lambda connector, stated: connector.receive(b"{}", {}, now=dt.datetime.now(dt.UTC)),
    lambda connector, stated: connector.measure(["1"]),
    lambda connector, stated: connector.remove("1"),
)


class Terminal(io.StringIO):
    """As if somebody were watching."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged, down to the last detail, as an operator at a terminal sees it: more than in a file."""
    output = Terminal()
    root = logging.getLogger()
    before, level, known = root.handlers[:], root.level, structlog.get_config()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", output)
        write_logs("debug")
    yield output
    root.handlers[:], root.level = before, level
    structlog.configure(**known)


def test_no_secret_shows_whatever_fails(logged: io.StringIO) -> None:
    log, told = structlog.get_logger(), list[str]()
    for stated in CONNECTORS:
        connector: Any = made(stated)
        assert SECRET not in repr(connector) + str(connector)
        for ask in ASKED:
            try:
                ask(connector, stated)
            except Exception as error:
                log.exception("asked", connector=stated.slug)
                told.append("".join(traceback.format_exception(error)))
    assert len(told) > len(CONNECTORS)
    assert SECRET not in "".join(told)
    assert "asked" in logged.getvalue()
    assert SECRET not in logged.getvalue()


@every
def test_an_account_shows_no_secret(stated: Manifest) -> None:
    account = Account("us", "us", {}, secret={"token": SECRET})
    assert SECRET not in repr(account) + str(account) + f"{account}"


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


def test_no_page_export_or_record_holds_a_secret(company: Cast) -> None:
    channels = []
    for stated in CONNECTORS:
        channel = Channel(
            workspace=company.workspace,
            connector=stated.slug,
            network=stated.name,
            name=f"Our {stated.slug}",
            external_id=stated.slug,
            accountable=company.channel.accountable,
            settings=fixture(stated, "account.json").get("settings", {}) | {"address": "http://127.0.0.1:9"},
            fetch_due_at=timezone.now(),
        )
        channel.seal_secret({field.name: SECRET for field in stated.fields if field.is_secret} or {"token": SECRET})
        channel.save()
        channels.append(channel)
        assert SECRET not in repr(channel) + repr(vars(channel)) + repr(connect(channel))
    for _ in channels:
        fetch(at=timezone.now())
    client = Client()
    client.force_login(company.ada)
    addresses = [reverse(name, args=["acme"]) for name in PAGES]
    addresses += [reverse("settings_channel", args=["acme", one.pk]) for one in channels]
    addresses += [reverse("settings_channel_sign_in", args=["acme", one.pk]) for one in channels]
    for address in addresses:
        answer = client.get(address)
        shown = b"".join(answer) if answer.streaming else answer.content
        assert SECRET.encode() not in shown, address
    assert SECRET not in serializers.serialize("json", Channel.objects.all())
    assert SECRET not in serializers.serialize("json", Event.objects.all())
