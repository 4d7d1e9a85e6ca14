"""How long pages take on the server as history grows, and how many a server gives to eight clients."""

from __future__ import annotations

import http.client
import itertools
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.figures import middle, percentile, say
from bench.history import COMMON, RARE, TOGETHER, make
from bench.place import Place, fresh
from choir.inbox.models import Conversation
from choir.operations.ready import spare_collections

TIMES, CLIENTS, SECONDS, PORT, PROCESSES, WARMING = 30, 8, 10, 8765, 2, 20
CLICK = {"HX-Request": "true", "HX-Target": "conversation"}  # what htmx sends when a row is clicked


def measure(sizes: Sequence[int]) -> dict[str, float]:
    """Every page at every size; then a real server at the largest."""
    figures: dict[str, float] = {}
    spare_collections()  # as web processes do
    for size in sizes:
        place = fresh()
        make(place, conversations=size)
        figures |= _size(place, size)
    figures |= _serving(place)
    connection.close()
    return figures


def _size(place: Place, size: int) -> dict[str, float]:
    figures: dict[str, float] = {}
    inbox = f"/w/{place.workspace.slug}/inbox/"
    newest = Conversation.objects.filter(department__slug="customer_service").order_by("-last_message_at", "-id")
    opened = [f"/w/{place.workspace.slug}/conversations/{one.pk}/?view=all" for one in newest[: 2 * (TIMES + 1)]]
    for who, person in (("agent", place.agent), ("champion", place.champion)):
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(person)
        pages: dict[str, tuple[list[str], str]] = {
            "list": ([f"{inbox}?view=all"], "bar 20 ms, 8 queries; the nearest peer 72 ms, 26"),
            "search, no hit": (
                [f"{inbox}?{urlencode({'view': 'all', 'q': 'xqzzyk'})}"],
                "bar 40 ms; the nearest peer 574 ms",
            ),
            "search, rare word": (
                [f"{inbox}?{urlencode({'view': 'all', 'q': RARE})}"],
                "bar 40 ms; the nearest peer 216 ms",
            ),
            "search, common word": ([f"{inbox}?{urlencode({'view': 'all', 'q': COMMON})}"], "bar 40 ms"),
            "search, two common words, open": (
                [f"{inbox}?{urlencode({'view': 'all', 'q': TOGETHER, 'state': 'open'})}"],
                "bar 40 ms",
            ),
            "conversation": (opened[::2], "with the list beside it; bar 20 ms; the nearest peer 57 ms, 32"),
            "conversation, clicked": (opened[1::2], "without the list, which is there already"),
        }
        for name, (urls, beside) in pages.items():
            p50, p95, queries = _timed(client, urls, headers=CLICK if name.endswith("clicked") else {})
            say(f"{name}, {who}, {size:,} conversations", f"{p50:.1f} / {p95:.1f} ms, {queries} q", beside)
            figures[f"{name}, {who}, {size}"] = p50
    return figures


def _timed(client: Client, urls: Sequence[str], *, headers: dict[str, str]) -> tuple[float, float, int]:
    """Milliseconds p50 and p95 of pages made in this process, each address in turn, and the SQL queries of the
    first."""
    client.get(urls[0], headers=headers)  # made for the first time
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(urls[0], headers=headers)
        asked = len(queries)  # before the next request, which forgets them
    assert answer.status_code == 200, f"{urls[0]}: {answer.status_code}"
    taken = []
    for _, url in zip(range(TIMES), itertools.cycle([*urls[1:], urls[0]])):
        began = time.perf_counter()
        client.get(url, headers=headers)
        taken.append((time.perf_counter() - began) * 1000)
    return middle(taken), percentile(taken, 0.95), asked


def _serving(place: Place) -> dict[str, float]:
    """List pages a second over HTTP for eight clients, from as many web processes as `choir up` starts."""
    listener = socket.create_server(("127.0.0.1", PORT), backlog=1024)
    listener.set_inheritable(True)
    command = [sys.executable, "-m", "choir.operations", "serve", "--descriptor", str(listener.fileno())]
    servers = [
        subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=[listener.fileno()]
        )
        for _ in range(PROCESSES)
    ]  # fmt: skip
    try:
        client = Client()
        client.force_login(place.agent)
        cookie = f"sessionid={client.cookies['sessionid'].value}"
        url = f"/w/{place.workspace.slug}/inbox/?view=all"
        for _ in range(WARMING):
            _get(url, cookie)  # waits in the socket until the first process is there
        counts = [0] * CLIENTS
        end = time.monotonic() + SECONDS
        threads = [threading.Thread(target=_ask, args=(url, cookie, end, counts, number)) for number in range(CLIENTS)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(20)
        listener.close()
    rate = sum(counts) / SECONDS
    say(
        f"list pages a second, {CLIENTS} clients, {PROCESSES} server processes",
        f"{rate:,.0f}/s",
        "bar 150/s; the nearest peer 16–20/s",
    )
    return {"list_pages_a_second": rate}


def _ask(url: str, cookie: str, end: float, counts: list[int], number: int) -> None:
    kept = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    while time.monotonic() < end:
        kept.request("GET", url, headers={"Cookie": cookie})
        answer = kept.getresponse()
        answer.read()
        counts[number] += answer.status == 200


def _get(url: str, cookie: str) -> None:
    one = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    one.request("GET", url, headers={"Cookie": cookie})
    assert one.getresponse().status == 200
