"""A network for any connector: replays the exchanges in its `fixtures/exchanges.json`, and fails on request.

An exchange is `{"method", "path", "query", "when", "status", "answer"}`: `query` must be part of what is asked, `when`
is "sent" for what is only so after something was posted. A connector points at it by its field `address`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

HANG_SECONDS = 3


class Network:
    """The state of the replayed network."""

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        self.exchanges = exchanges
        self.posts_count = 0
        self.fault = ""
        self.address = ""

    def fail(self, fault: str) -> None:
        """From now on: a status, "broken" (no JSON), "hang", "lost" (it happens, no answer comes), "" (all is well)."""
        self.fault = fault

    def answer(self, method: str, path: str, query: dict[str, str]) -> tuple[int, Any]:
        """The exchange that fits best: the one that names most of the query."""
        fitting = [
            one
            for one in self.exchanges
            if one["method"] == method
            and one["path"] == path
            and one.get("query", {}).items() <= query.items()
            and (one.get("when") != "sent" or self.posts_count)
        ]
        if not fitting:
            return 404, {"problem": f"no exchange for {method} {path}"}
        best = max(fitting, key=lambda one: (len(one.get("query", {})), one.get("when") == "sent"))
        return int(best.get("status", 200)), best["answer"]


def _answering(network: Network) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._respond("GET")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self._respond("POST")

        def _respond(self, method: str) -> None:
            fault = network.fault
            if fault.isdigit():
                self._send(int(fault), b'{"problem": "asked for"}')
                return
            parts = urlsplit(self.path)
            status, answered = network.answer(method, parts.path, dict(parse_qsl(parts.query)))
            network.posts_count += method == "POST"
            if fault in ("hang", "lost"):
                time.sleep(HANG_SECONDS if fault == "hang" else 0)
                self.close_connection = True
                return
            self._send(status, b'{"entries": [' if fault == "broken" else json.dumps(answered).encode())

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            if status == 429:
                self.send_header("retry-after", "7")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Answering


@contextmanager
def served(exchanges: list[dict[str, Any]]) -> Iterator[Network]:
    """The network on loopback, for as long as the block runs."""
    network = Network(exchanges)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(network))
    network.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield network
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
