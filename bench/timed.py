"""How long pages take on the server when nothing is kept between requests."""

from __future__ import annotations

import time
from collections.abc import Mapping

from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.figures import middle, percentile, say
from bench.place import Place

BAR = "bar 300 ms p95"


def timed(place: Place, pages: Mapping[str, str], *, kind: str, times: int) -> dict[str, float]:
    """Server milliseconds of each address as the champion asks for it, median and 95th percentile, and its queries;
    the 95th percentiles by name."""
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(place.champion)
    figures = {}
    for name, url in pages.items():
        taken = []
        for _ in range(times):
            caches["local"].clear()
            began = time.perf_counter()
            answer = client.get(url)
            taken.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, f"{url}: {answer.status_code}"
        caches["local"].clear()
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
            asked = len(queries)
        p50, p95 = middle(taken), percentile(taken, 0.95)
        say(f"{name}, {kind}", f"{p50:.0f} / {p95:.0f} ms, {asked} q", BAR)
        figures[f"{name}, {kind}, p95"] = p95
    return figures
