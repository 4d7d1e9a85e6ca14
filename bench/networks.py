"""A burst of mentions through real connectors: how fast, whether any was lost or doubled; and how long a webhook waits
for its answer. The networks are loopback servers of ours (`bench.loopback`), so that ten thousand are there at once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.test import Client
from django.utils import timezone

from bench.figures import middle, percentile, say
from bench.loopback import OURS, US
from bench.place import Place, fresh
from choir.channels.models import Arrival, Channel
from choir.flow.steps import advance
from choir.inbox.models import Message
from choir.listening.models import Mention
from choir.wake import Step

BURST = 10_000
HOOKS = 400
BURSTS = {
    "bluesky": (US, {}, {"access": "bench", "refresh": "bench", "app_password": "bench"}),
    "mastodon": (OURS, {"account_id": "1"}, {"access_token": "bench"}),
}


def measure(sizes: Sequence[int]) -> dict[str, float]:
    """The burst through each network, then webhooks."""
    place = fresh()
    figures: dict[str, float] = {}
    for network in BURSTS:
        figures |= _burst(place, network)
    figures |= _webhooks(place)
    connection.close()
    return figures


@contextmanager
def _served(network: str) -> Iterator[str]:
    command = [sys.executable, "-m", "bench.loopback", network, str(BURST)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def _burst(place: Place, network: str) -> dict[str, float]:
    external_id, settings, secret = BURSTS[network]
    with _served(network) as address:
        channel = Channel(
            workspace=place.workspace, connector=network, network=network, name=network, external_id=external_id,
            handle="bench", accountable=place.channel.accountable, settings=settings | {"address": address},
            fetch_due_at=timezone.now(),
        )  # fmt: skip
        channel.seal_secret(secret)
        channel.save()
        began = time.perf_counter()
        _read_whole(channel)
        read = time.perf_counter() - began
        advance(Step.HEAR)
        heard = time.perf_counter() - began
        said = set(Mention.objects.filter(channel=channel).values_list("external_id", flat=True))
        messages = Message.objects.filter(conversation__channel=channel).count()
        lost = BURST - len(said)
        Channel.objects.filter(pk=channel.pk).update(cursor="")  # the whole burst again, as after a lost cursor
        _read_whole(channel)
        advance(Step.HEAR)
        doubled = Mention.objects.filter(channel=channel).count() - len(said)
        doubled += Message.objects.filter(conversation__channel=channel).count() - messages
        Channel.objects.filter(pk=channel.pk).update(fetch_due_at=None)
    say(f"{network}: mentions read and stored a second, in a burst of {BURST:,}", f"{BURST / read:,.0f}/s")
    say(f"{network}: mentions a second, into conversations", f"{BURST / heard:,.0f}/s")
    say(f"{network}: lost", str(lost), "none")
    say(f"{network}: doubled, the burst read twice", str(doubled), "none")
    return {
        f"{network}_read_per_second": BURST / read,
        f"{network}_heard_per_second": BURST / heard,
        f"{network}_lost": lost,
        f"{network}_doubled": doubled,
    }


def _read_whole(channel: Channel) -> None:
    """Read turn by turn until the network has nothing more."""
    Channel.objects.filter(pk=channel.pk).update(fetch_due_at=timezone.now(), fetch_interval_seconds=0)
    before = -1
    while before != (before := Arrival.objects.filter(channel=channel).count()):
        for _ in range(3):
            Channel.objects.filter(pk=channel.pk).update(fetch_due_at=timezone.now())
            advance(Step.FETCH)


def _webhooks(place: Place) -> dict[str, float]:
    """From the request to the answer, the raw event committed in between; in this process, without a network."""
    secret = base64.b64encode(b"bench" * 6).decode()
    channel = Channel(
        workspace=place.workspace, connector="webhook", network="webhook", name="Hooks", external_id="hooks",
        handle="hooks", accountable=place.channel.accountable, settings={},
    )  # fmt: skip
    channel.seal_secret({"webhook_secret": f"whsec_{secret}"})
    channel.save()
    client, waited = Client(SERVER_NAME="127.0.0.1"), list[float]()
    for number in range(HOOKS):
        body, headers = _signed(secret, number)
        began = time.perf_counter()
        answer = client.post(f"/hooks/{channel.pk}", body, content_type="application/json", headers=headers)
        waited.append((time.perf_counter() - began) * 1000)
        assert answer.status_code < 300, answer.content
    kept = Arrival.objects.filter(channel=channel).count()
    say("webhook: from request to answer, middle", f"{middle(waited):,.1f} ms")
    say("webhook: 99th percentile", f"{percentile(waited, 0.99):,.1f} ms", "milliseconds")
    say("webhook: events lost", str(HOOKS - kept), "none")
    return {
        "webhook_middle_ms": middle(waited),
        "webhook_p99_ms": percentile(waited, 0.99),
        "webhook_lost": HOOKS - kept,
    }


def _signed(secret: str, number: int) -> tuple[bytes, dict[str, str]]:
    now = timezone.now()
    event = {
        "id": f"e{number}", "text": f"Order {number} has not arrived", "said_at": now.isoformat(),
        "author": {"id": f"a{number}", "name": f"Author {number}"},
    }  # fmt: skip
    body, stamp, name = json.dumps({"items": [event]}).encode(), str(int(now.timestamp())), f"msg_{number}"
    signed = hmac.new(base64.b64decode(secret), f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(signed).decode()}"
    return body, {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": signature}
