"""How many messages a second get through, and how long one takes from arrival to inbox."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psutil
from django.db import connection
from django.utils import timezone

from bench.effort import measured, of_database, of_process, say_effort
from bench.figures import middle, percentile, say
from bench.place import Place, another_channel, fresh
from bench.side_by_side import moved
from choir.channels.actions import store
from choir.channels.contract import Raw
from choir.channels.models import Arrival, ArrivalSource
from choir.flow.steps import advance, advance_all
from choir.inbox.models import Conversation
from choir.listening.models import Query
from choir.operations.commands.worker import load_steps
from choir.wake import IN_HINDSIGHT, Step

STORED, ROUTED = 15_000, 4_000
A_SECOND, SECONDS = 100, 30
PORT, UP_SECONDS = 8766, 180
LISTENING = {
    "Parcels": "parcel OR Paket OR pedido", "Trouble": '("logging out" OR broken OR plante) -hiring',
    "Praise": "love lamp", "Questions": "hiring OR ship",
}  # fmt: skip
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
    figures = _bulk(place) | _side_by_side(place) | _latency(place)
    connection.close()
    return figures


def _bulk(place: Place) -> dict[str, float]:
    arrived = raws(STORED)
    load_steps()  # as a worker does
    with measured() as keeping:
        for start in range(0, STORED, 500):
            store(place.channel, arrived[start : start + 500], source=ArrivalSource.WEBHOOK, at=timezone.now())
    with measured() as hearing:
        advance(Step.HEAR)
    _leave(ROUTED)
    with measured() as understanding:
        advance(Step.UNDERSTAND)
    with measured() as routing:
        advance(Step.ROUTE)
    with measured() as sealing:
        advance(Step.SEAL)
    with measured() as counting:
        advance(Step.MEASURE)
    kept, heard = STORED / keeping.wall, STORED / (keeping.wall + hearing.wall)
    understood, routed = ROUTED / understanding.wall, ROUTED / routing.wall
    both = 1 / (1 / understood + 1 / routed + 1 / heard)
    say("messages stored a second, byte for byte", f"{kept:,.0f}/s")
    say("messages stored a second, into conversations", f"{heard:,.0f}/s", "bar 1,500/s; the nearest peer 42–125/s")
    say("messages understood a second, one process", f"{understood:,.0f}/s")
    say("messages routed a second, one process", f"{routed:,.0f}/s")
    say("stored, understood and routed a second, one process", f"{both:,.0f}/s", "bar 400/s on two cores")
    efforts = {
        "stored": (keeping, STORED), "heard": (hearing, STORED), "understood": (understanding, ROUTED),
        "routed": (routing, ROUTED), "sealed": (sealing, STORED), "measured": (counting, STORED),
    }  # fmt: skip
    for name, (effort, count) in efforts.items():
        say_effort(name, effort, count)
    each = {f"{name}_us": 1e6 * (one.python + one.database) / count for name, (one, count) in efforts.items()}
    whole = sum(each[f"{name}_us"] for name in ("stored", "heard", "understood", "routed"))
    say("a message on its way, processor time in all", f"{whole:,.0f} µs", "5,000 µs are 400/s on two cores")
    return {"stored": kept, "heard": heard, "understood": understood, "routed": routed, "whole": both, **each}


def _side_by_side(place: Place) -> dict[str, float]:
    """The same with two processes, as two workers on two cores; one of them hears a channel at a time, so there are two
    channels."""
    channels = [place.channel, another_channel(place)]
    arrived = raws(STORED)
    began = time.perf_counter()
    for start in range(0, STORED, 500):
        store(channels[start // 500 % 2], arrived[start : start + 500], source=ArrivalSource.WEBHOOK, at=timezone.now())
    kept = time.perf_counter() - began
    heard = kept + moved([Step.HEAR])
    _leave(ROUTED)
    onward = moved([Step.UNDERSTAND, Step.ROUTE])
    routed = 1 / (heard / STORED + onward / ROUTED)
    say("messages stored a second, into conversations, two processes", f"{STORED / heard:,.0f}/s", "bar 1,500/s")
    say("stored, understood and routed a second, two processes", f"{routed:,.0f}/s", "bar 400/s")
    return {"heard_by_two": STORED / heard, "routed_by_two": routed}


def _leave(count: int) -> None:
    """Leave so many mentions unread; what is left out is neither read nor routed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE listening_mention SET read_at = now() WHERE id IN "
            "(SELECT id FROM listening_mention WHERE read_at IS NULL ORDER BY id DESC OFFSET %s)",
            [count],
        )
        cursor.execute(
            "UPDATE inbox_conversation SET state = 'noted' WHERE state = 'arriving' AND id NOT IN (SELECT "
            "said.conversation_id FROM inbox_message said JOIN listening_mention m ON m.id = said.mention_id "
            "WHERE m.read_at IS NULL)"
        )


def _latency(place: Place) -> dict[str, float]:
    """Feed a whole installation, web and worker and database, and watch conversations become visible, twenty times a
    second. Queries listen, so that everything that is done to a message is done."""
    for name, text in LISTENING.items():
        Query.objects.create(workspace=place.workspace, name=name, text=text)
    advance_all(only=(Step.SEAL, *sorted(IN_HINDSIGHT)))  # what the figures before left behind is none of this one's
    with running(place) as processes:
        sent: dict[str, float] = {}
        seen: dict[str, float] = {}
        done = threading.Event()
        watcher = threading.Thread(target=_watch, args=(place, seen, done))
        watcher.start()
        before, database = {name: effort_of(one) for name, one in processes.items()}, of_database()
        _feed(place, sent)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and len(seen.keys() & sent.keys()) < len(sent):
            time.sleep(0.1)
        done.set()
        watcher.join()
        spent = {name: effort_of(one) - before[name] for name, one in processes.items()}
        spent["database"] = of_database() - database
        memory = max(one.memory_info().rss for one in processes["worker"]) / 2**20
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
    for name, seconds in spent.items():
        say(f"{name}, processor time a message", f"{1e6 * seconds / len(sent):,.0f} µs")
    say("memory of a worker", f"{memory:.0f} MB", "bar 500 MB")
    each = {f"{name}_us": 1e6 * seconds / len(sent) for name, seconds in spent.items()}
    return {"arrival_p50_ms": p50 * 1000, "arrival_p95_ms": p95 * 1000, "missing": missing, "memory_mb": memory, **each}


def effort_of(processes: Sequence[psutil.Process]) -> float:
    """Processor seconds of processes so far."""
    return sum(of_process(one) for one in processes)


@contextmanager
def running(place: Place) -> Iterator[dict[str, list[psutil.Process]]]:
    """`choir up` on this database, with as many processes as it starts by default: the web's and the workers."""
    command = [sys.executable, "-m", "choir.operations", "up", "--port", str(PORT)]
    whole = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert whole.stdout is not None
        next(line for line in whole.stdout if "Choir is at" in line)
        _until_it_works(place)
        children = psutil.Process(whole.pid).children(recursive=True)
        names = {one.pid: f"{' '.join(one.cmdline())} " for one in children}
        yield {
            "web": [one for one in children if " serve " in names[one.pid]],
            "worker": [one for one in children if " worker " in names[one.pid]],
        }
    finally:
        whole.terminate()
        whole.wait(30)


def _until_it_works(place: Place) -> None:
    """Wait until a message has gone its whole way, so that every process is up and has loaded what it needs."""
    store(place.channel, raws(1), source=ArrivalSource.WEBHOOK, at=timezone.now())
    deadline = time.monotonic() + UP_SECONDS
    arriving = Conversation.objects.filter(workspace=place.workspace, state="arriving")
    while Arrival.objects.waiting().exists() or arriving.exists():
        if time.monotonic() > deadline:
            raise RuntimeError(f"No worker has done anything within {UP_SECONDS} seconds.")
        time.sleep(0.2)


def _feed(place: Place, sent: dict[str, float]) -> None:
    began = time.monotonic()
    for number in range(A_SECOND * SECONDS):
        (raw,) = raws(1)
        sent[raw.key.partition(":")[0]] = time.monotonic()
        store(place.channel, [raw], source=ArrivalSource.WEBHOOK, at=timezone.now())
        time.sleep(max(0.0, began + (number + 1) / A_SECOND - time.monotonic()))


def _watch(place: Place, seen: dict[str, float], done: threading.Event) -> None:
    while not done.is_set():
        rows = Conversation.objects.filter(workspace=place.workspace).exclude(state="arriving")
        now = time.monotonic()
        for key in rows.order_by("-created_at").values_list("thread_key", flat=True)[:400]:
            seen.setdefault(key, now)
        time.sleep(0.05)
    connection.close()
