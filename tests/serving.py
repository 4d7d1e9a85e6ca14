"""A web server on loopback that answers what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """What one path gives."""

    content: bytes = b""
    kind: str = "text/plain"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """Answers by path; a validator is honoured where an answer has an ETag."""

    address: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def put(self, path: str, content: bytes | str, kind: str = "text/plain", **headers: str) -> None:
        """From now on this path gives this."""
        body = content.encode() if isinstance(content, str) else content
        self.answers[path] = Answer(body, kind, 200, headers)

    def moved(self, path: str, to: str) -> None:
        """From now on this path sends on."""
        self.answers[path] = Answer(status=302, headers={"location": to})


def _answering(site: Site) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {name.lower(): value for name, value in self.headers.items()}
            site.asked.append((self.path, asked))
            given = site.answers.get(self.path, Answer(b"nothing here", status=404))
            etag = given.headers.get("etag", "")
            fresh = bool(etag) and asked.get("if-none-match") == etag
            self.send_response(304 if fresh else given.status)
            self.send_header("content-type", given.kind)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0" if fresh else str(len(given.content)))
            self.end_headers()
            if not fresh:
                self.wfile.write(given.content)

        def log_message(self, format: str, *args: object) -> None:
            return

    return Answering


@contextmanager
def site() -> Iterator[Site]:
    """The server, for as long as the block runs."""
    one = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(one))
    one.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
