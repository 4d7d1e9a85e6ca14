"""How many messages a second get through, and how long one takes from arrival to inbox."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from bench.figures import middle, percentile, say
from bench.place import Place, fresh
from choir.channels.actions import store
from choir.channels.contract import Raw
from choir.channels.models import ArrivalSource
from choir.flow.steps import advance
from choir.wake import Step

STORED, ROUTED = 15_000, 4_000
A_SECOND, SECONDS = 100, 30
SAID = (
    "My parcel {} was due Monday and tracking says nothing", "Wo bleibt mein Paket {}? Seit zwei Wochen in Zustellung",
    "app keeps logging me out since update {}", "Love the new lamp {} ❤️", "Do you ship model {} to Norway?",
    "¿Por qué me han cobrado dos veces el pedido {}?", "Le site plante au moment de payer la commande {}",
    "are you hiring apprentices in Leeds, ref {}?", "good morning team {} ☕", "Order {} arrived broken, what now?",
)  # fmt: skip
_numbers = itertools.count(1)


def raws(count: int) -> list[Raw]:
    """So many posts as the sandbox network shows them, by customers of whom each writes about three times."""
    made = []
    for _ in range(count):
        number = next(_numbers)
        author = random.randrange(max(1, number // 3) + 50)
        entry = {
            "id": f"p{number}", "number": number, "kind": "post", "text": random.choice(SAID).format(number),
            "author": {"id": f"a{author}", "handle": f"a{author}", "name": f"Author {author}"},
            "posted_at": timezone.now().isoformat(), "thread": f"p{number}",
        }  # fmt: skip
        made.append(Raw(key=f"p{number}:{number}", payload=json.dumps(entry).encode()))
    return made


def measure(sizes: Sequence[int]) -> dict[str, float]:
    """Everything about throughput and latency."""
    place = fresh()
    figures = _bulk(place) | _latency(place)
    connection.close()
    return figures


def _bulk(place: Place) -> dict[str, float]:
    arrived = raws(STORED)
    began = time.perf_counter()
    for start in range(0, STORED, 500):
        store(place.channel, arrived[start : start + 500], source=ArrivalSource.WEBHOOK, at=timezone.now())
    kept = STORED / (time.perf_counter() - began)
    advance(Step.HEAR)
    heard = STORED / (time.perf_counter() - began)
    say("messages stored a second, byte for byte", f"{kept:,.0f}/s")
    say("messages stored a second, into conversations", f"{heard:,.0f}/s", "bar 1,500/s; the nearest peer 42–125/s")
    with connection.cursor() as cursor:  # leave so many unread
        cursor.execute(
            "UPDATE listening_mention SET read_at = now() WHERE id IN "
            "(SELECT id FROM listening_mention ORDER BY id LIMIT %s)",
            [STORED - ROUTED],
        )
    began = time.perf_counter()
    advance(Step.UNDERSTAND)
    understood = ROUTED / (time.perf_counter() - began)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inbox_conversation SET state = 'noted' WHERE state = 'arriving' AND id IN ("
            "SELECT m.conversation_id FROM inbox_message m LEFT JOIN triage_reading r ON r.mention_id = m.mention_id "
            "WHERE r.id IS NULL)"
        )
    routing = time.perf_counter()
    advance(Step.ROUTE)
    routed = ROUTED / (time.perf_counter() - routing)
    both = 1 / (1 / understood + 1 / routed + 1 / heard)
    say("messages understood a second, one process", f"{understood:,.0f}/s")
    say("messages routed a second, one process", f"{routed:,.0f}/s")
    say("stored, understood and routed a second, one process", f"{both:,.0f}/s", "bar 400/s on two cores")
    return {"stored": kept, "heard": heard, "understood": understood, "routed": routed, "whole": both}


def _latency(place: Place) -> dict[str, float]:
    """Feed a real worker and watch conversations become visible, twenty times a second."""
    worker = subprocess.Popen([sys.executable, "-m", "choir.operations", "worker"], stdout=subprocess.DEVNULL)
    try:
        time.sleep(6)
        sent: dict[str, float] = {}
        seen: dict[str, float] = {}
        done = threading.Event()
        watcher = threading.Thread(target=_watch, args=(place, seen, done))
        watcher.start()
        _feed(place, sent)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and len(seen.keys() & sent.keys()) < len(sent):
            time.sleep(0.1)
        done.set()
        watcher.join()
    finally:
        worker.terminate()
        worker.wait(20)
    waited = [seen[key] - sent[key] for key in sent if key in seen]
    missing = len(sent) - len(waited)
    p50, p95 = middle(waited), percentile(waited, 0.95)
    say(f"arrival to inbox at {A_SECOND} messages a second, p50", f"{p50 * 1000:,.0f} ms")
    say(
        f"arrival to inbox at {A_SECOND} messages a second, p95",
        f"{p95 * 1000:,.0f} ms",
        "bar 1,000 ms; the nearest peer 5 min",
    )
    say("messages that did not arrive within a minute", f"{missing}", "must be 0")
    return {"arrival_p50_ms": p50 * 1000, "arrival_p95_ms": p95 * 1000, "missing": missing}


def _feed(place: Place, sent: dict[str, float]) -> None:
    began = time.monotonic()
    for number in range(A_SECOND * SECONDS):
        (raw,) = raws(1)
        sent[raw.key.partition(":")[0]] = time.monotonic()
        store(place.channel, [raw], source=ArrivalSource.WEBHOOK, at=timezone.now())
        time.sleep(max(0.0, began + (number + 1) / A_SECOND - time.monotonic()))


def _watch(place: Place, seen: dict[str, float], done: threading.Event) -> None:
    from choir.inbox.models import Conversation  # noqa: PLC0415 -- in a thread with a connection of its own

    while not done.is_set():
        rows = Conversation.objects.filter(workspace=place.workspace).exclude(state="arriving")
        now = time.monotonic()
        for key in rows.order_by("-created_at").values_list("thread_key", flat=True)[:400]:
            seen.setdefault(key, now)
        time.sleep(0.05)
    connection.close()
