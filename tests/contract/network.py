"""A network for any connector: replays the exchanges in its `fixtures/exchanges.json`, and fails on request.

An exchange is `{"method", "path", "query", "when", "status", "answer"}`: `query` must be part of what is asked, `when`
is "sent" for what is only so after something was posted; "steady": true is for signing in, which never fails and is no
post; `saying` must be part of what is posted. A connector points at it by its field `address`.
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
METHODS = ("GET", "POST", "PUT", "DELETE")
WRITES = METHODS[1:]


class Network:
    """The state of the replayed network."""

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        self.exchanges = exchanges
        self.posts_count = 0
        self.fault = ""
        self.faulty_methods: tuple[str, ...] = METHODS
        self.address = ""

    def fail(self, fault: str, *, on: tuple[str, ...] = METHODS) -> None:
        """From now on: a status, "broken" (no JSON), "hang", "lost" (it happens, no answer comes), "" (all is well)."""
        self.fault, self.faulty_methods = fault, on

    def find(self, method: str, path: str, query: dict[str, str], said: str = "") -> dict[str, Any]:
        """The exchange that fits best: the one that names most of the query, or what was said."""
        fitting = [
            one
            for one in self.exchanges
            if one["method"] == method
            and one["path"] == path
            and one.get("query", {}).items() <= query.items()
            and one.get("saying", "") in said
            and (one.get("when") != "sent" or self.posts_count)
        ]
        if not fitting:
            return {"status": 404, "answer": {"problem": f"no exchange for {method} {path}"}}
        return max(
            fitting, key=lambda one: (len(one.get("query", {})), len(one.get("saying", "")), one.get("when") == "sent")
        )


def _answering(network: Network) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._respond("GET")

        def do_POST(self) -> None:
            self._write("POST")

        def do_PUT(self) -> None:
            self._write("PUT")

        def do_DELETE(self) -> None:
            self._write("DELETE")

        def _write(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            self._respond(method, body.decode(errors="replace"))

        def _respond(self, method: str, said: str = "") -> None:
            parts = urlsplit(self.path)
            found = network.find(method, parts.path, dict(parse_qsl(parts.query)), said)
            is_steady = bool(found.get("steady"))
            fault = "" if is_steady or method not in network.faulty_methods else network.fault
            if fault.isdigit():
                self._send(int(fault), b'{"problem": "asked for"}')
                return
            network.posts_count += method == "POST" and not is_steady
            if fault in ("hang", "lost"):
                time.sleep(HANG_SECONDS if fault == "hang" else 0)
                self.close_connection = True
                return
            body = b'{"entries": [' if fault == "broken" else json.dumps(found["answer"]).encode()
            self._send(int(found.get("status", 200)), body)

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
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield network
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
